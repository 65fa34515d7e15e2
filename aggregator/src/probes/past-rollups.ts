/** The rollups of a location's days before today, as they are stored: a damaged one keeps none of the others back. */
import { addDays, dayWindow, type LocalDay } from '@presences/shared'
import pMap from 'p-map'
import type { DayRollup } from '../rollup/day-rollup.ts'
import { readRollup } from '../rollup/refresh-rollup.ts'
import { RollupError } from '../rollup/rollup-codec.ts'
import type { Store } from '../store/store.ts'

export interface PastDays {
  readonly location: string
  readonly today: LocalDay
  readonly store: Store
  readonly timeZone: string
}

const READS_AT_ONCE = 16

/** Those of the `count` days before `today`, oldest first; empty ones where nothing is stored. Throws StoreError. */
export async function pastRollups(
  count: number,
  { location, today, store, timeZone }: PastDays,
  onDamaged: (fault: string) => void,
): Promise<DayRollup[]> {
  const days = Array.from({ length: count }, (_, index) => addDays(today, index - count))
  const rollups = await pMap(days, rollupOf, { concurrency: READS_AT_ONCE })
  return rollups.filter((rollup) => rollup !== undefined)

  async function rollupOf(day: LocalDay): Promise<DayRollup | undefined> {
    try {
      return (await readRollup(location, dayWindow(day, timeZone), store, timeZone)).rollup
    } catch (error) {
      if (!(error instanceof RollupError)) throw error
      onDamaged(error.message)
      return undefined
    }
  }
}
