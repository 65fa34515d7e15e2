/**
 * Which locations have a probe that works, or should: a room that sent minute files in the last days and is
 * silent now has a box that is down; one that has sent none for weeks was closed.
 */
import { addDays, type LocalDay, parseLocalDay, RAW_PREFIX } from '@presences/shared'
import pMap from 'p-map'
import type { Store } from '../store/store.ts'

/** The days each location has minute files of. */
export type Activity = ReadonlyMap<string, ReadonlySet<LocalDay>>

/** A room is expected to be looked at for so many days after its last minute file. */
const EXPECTED_DAYS = 14
const ASKED_AT_ONCE = 8

/** Reads the days each location has minute files of: one listing of folders a location. Throws StoreError. */
export async function readActivity(store: Store, locations: readonly string[]): Promise<Activity> {
  const days = await pMap(
    locations,
    async (location) => {
      const names = await store.folders(`${RAW_PREFIX}${location}/`)
      return new Set(names.map(parseLocalDay).filter((day) => day !== undefined))
    },
    { concurrency: ASKED_AT_ONCE },
  )
  return new Map(locations.map((location, index) => [location, days[index] ?? new Set()]))
}

/** True when a probe should have been looking at `location` on `day`. */
export function isExpected(activity: Activity, location: string, day: LocalDay): boolean {
  const days = activity.get(location)
  if (!days) return false
  for (let ago = 0; ago <= EXPECTED_DAYS; ago += 1) if (days.has(addDays(day, -ago))) return true
  return false
}
