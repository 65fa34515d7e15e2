/**
 * Whose devices are in each location right now, by the freshest minute files. The ticket server takes its own time
 * for a heartbeat's: what is old must not be sent at all.
 */
import {
  addDays,
  decodeMinuteFile,
  epochMinuteOf,
  formatDayKey,
  formatStamp,
  instantOf,
  LIMITS,
  localDayOf,
  type Mac,
  type MinuteFileName,
  parseRawKey,
} from '@presences/shared'
import pMap from 'p-map'
import { getUnlessTooLarge } from '../store/get-unless-too-large.ts'
import type { Store } from '../store/store.ts'

/** The devices of members in one location. */
export interface Here {
  readonly location: string
  readonly macs: readonly Mac[]
  /** When the minute they were seen in began. */
  readonly seen: Date
}

/** Nothing older is sent. */
const FRESH_MS = 2 * 60_000

/** True while what was seen at `seen` may be sent. */
export function isFresh(seen: Date, now: Date): boolean {
  const ageMs = now.getTime() - seen.getTime()
  return ageMs >= 0 && ageMs <= FRESH_MS
}

/**
 * For each of `locations` that has a fresh minute file: the devices in its last one that `isKnown`. Several probes
 * of one minute are one. Throws StoreError.
 */
export async function whoIsHere(
  locations: readonly string[],
  isKnown: (mac: Mac) => boolean,
  now: Date,
  { store, timeZone }: { readonly store: Store; readonly timeZone: string },
): Promise<Here[]> {
  const found = await pMap(locations, hereAt, { concurrency: 8 })
  return found.filter((here) => here !== undefined)

  async function hereAt(location: string): Promise<Here | undefined> {
    const files = (await freshFiles(location)).filter(({ minute }) =>
      isFresh(instantOf(minute), now),
    )
    const last = Math.max(...files.map(({ minute }) => minute))
    const ofLast = files.filter(({ minute }) => minute === last)
    if (ofLast.length === 0) return undefined
    const objects = await pMap(ofLast.slice(0, LIMITS.roomDayProbes), ({ key }) =>
      getUnlessTooLarge(store, key, LIMITS.minuteFileBytes),
    )
    const macs = objects.flatMap((object) => (object ? decodeMinuteFile(object.bytes).macs : []))
    return {
      location,
      macs: [...new Set(macs)].filter(isKnown).sort(),
      seen: instantOf(last),
    }
  }

  /** Of today; and of yesterday, just after midnight. */
  async function freshFiles(location: string): Promise<(MinuteFileName & { key: string })[]> {
    const today = localDayOf(now, timeZone)
    const oldest = localDayOf(new Date(now.getTime() - FRESH_MS), timeZone)
    const days = oldest === today ? [today] : [addDays(today, -1), today]
    const files: (MinuteFileName & { key: string })[] = []
    for (const day of days) {
      // Names begin with the UTC minute: the hour's files, not the whole day's.
      for (const prefix of prefixesOf(formatDayKey(location, day))) {
        let listed = 0
        for await (const { key } of store.list(prefix)) {
          listed += 1
          if (listed > LIMITS.roomDayKeys) break
          const name = parseRawKey(key)
          if (name?.kind === 'minute') files.push({ ...name, key })
        }
      }
    }
    return files
  }

  function prefixesOf(dayKey: string): string[] {
    const hours = [now, new Date(now.getTime() - FRESH_MS)].map((instant) =>
      formatStamp(epochMinuteOf(instant)).slice(0, '20261122T07'.length),
    )
    return [...new Set(hours)].map((hour) => `${dayKey}/${hour}`)
  }
}
