/**
 * Which probes a location had lately: one that is among them and not heard is missed, also while another one of
 * the room goes on. After a week it is forgotten: it was taken away.
 */
import type { EpochMinute, LocalDay } from '@presences/shared'
import { listMinutes } from '../rollup/minute-set.ts'
import type { Store } from '../store/store.ts'
import type { ProbeSeen } from './location-health.ts'
import { pastRollups } from './past-rollups.ts'

/** A probe that was seen on one of so many days before today is expected. The pages say so. */
const EXPECTED_DAYS = 7

/** The probes of the seven days before `today`, by the rollups as they are stored. Throws StoreError. */
export async function recentProbes(
  location: string,
  today: LocalDay,
  store: Store,
  timeZone: string,
): Promise<ProbeSeen[]> {
  // A damaged one is told of by the nightly run and by `probes`; here it would be told every five minutes.
  const rollups = await pastRollups(EXPECTED_DAYS, { location, today, store, timeZone }, () => {})
  const last = new Map<string, EpochMinute>()
  for (const { window, probes } of rollups) {
    for (const [probe, { looked }] of probes) {
      const minute = listMinutes(looked).at(-1)
      if (minute !== undefined) last.set(probe, window.start + minute)
    }
  }
  return [...last].map(([probe, lastMinute]) => ({ probe, lastMinute }))
}
