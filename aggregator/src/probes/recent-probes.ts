/**
 * Which probes a location had lately: one that is among them and not heard is missed, also while another one of
 * the room goes on. After a week it is forgotten: it was taken away.
 */
import { addDays, dayWindow, type EpochMinute, type LocalDay } from '@presences/shared'
import pMap from 'p-map'
import { listMinutes } from '../rollup/minute-set.ts'
import { readRollup } from '../rollup/refresh-rollup.ts'
import { RollupError } from '../rollup/rollup-codec.ts'
import type { Store } from '../store/store.ts'
import type { ProbeSeen } from './location-health.ts'

/** A probe that was seen on one of so many days before today is expected. The pages say so. */
const EXPECTED_DAYS = 7
const READS_AT_ONCE = 4

/** The probes of the seven days before `today`, by the rollups as they are stored. Throws StoreError. */
export async function recentProbes(
  location: string,
  today: LocalDay,
  store: Store,
  timeZone: string,
): Promise<ProbeSeen[]> {
  const days = Array.from({ length: EXPECTED_DAYS }, (_, index) =>
    addDays(today, index - EXPECTED_DAYS),
  )
  const rollups = await pMap(days, rollupOf, { concurrency: READS_AT_ONCE })
  const last = new Map<string, EpochMinute>()
  for (const { window, probes } of rollups.filter((rollup) => rollup !== undefined)) {
    for (const [probe, { looked }] of probes) {
      const minute = listMinutes(looked).at(-1)
      if (minute !== undefined) last.set(probe, window.start + minute)
    }
  }
  return [...last].map(([probe, lastMinute]) => ({ probe, lastMinute }))

  async function rollupOf(day: LocalDay) {
    try {
      return (await readRollup(location, dayWindow(day, timeZone), store, timeZone)).rollup
    } catch (error) {
      // A damaged one is told of by the nightly run and by `probes`; here it would be told every five minutes.
      if (error instanceof RollupError) return undefined
      throw error
    }
  }
}
