/** What is wrong with the raw files a day was read from, in words and in numbers. Pure. */
import { gathered } from '../domain/gathered.ts'
import type { ObjectFaults } from '../rollup/day-rollup.ts'
import type { RawFault, RollupRefreshed } from '../rollup/refresh-rollup.ts'
import type { DayRead } from './read-day.ts'

/** What in a day's raw files can't be used as it is: key, line, reason. What many have in common is one line a room. */
export function rawFaults(refreshed: readonly RollupRefreshed[]): string[] {
  return refreshed.flatMap((room) => gathered(faultsOf(room)))
}

function faultsOf({ rollup, refused, unread }: RollupRefreshed): RawFault[] {
  return [
    ...[...rollup.faults].filter(isFaulty).map(([key, { cut, count, first }]) => {
      const lines = first.map(({ line, reason }) => `line ${line}: ${reason}`).join('; ')
      const more = count > first.length ? `; and ${count - first.length} more` : ''
      const cutShort = cut ? 'the file was cut short: it has fewer lines than it says' : ''
      return { key, reason: [cutShort, lines + more].filter(Boolean).join('; ') }
    }),
    ...refused,
    ...unread.map(({ key, reason }) => ({
      key: `${key} counts for nothing until it can be read; mend or delete it`,
      reason,
    })),
  ]
}

/** How many raw objects are damaged: cut short, without one line that can be read, or not named as they must be. */
export function damagedObjects({ refreshed }: DayRead): number {
  return refreshed.flatMap(({ rollup, refused }) => [
    ...[...rollup.faults.values()].filter(isDamaged),
    ...refused,
  ]).length
}

/** How many lines can't be read in raw objects of which others can: each may be somebody's half day. */
export function damagedLines({ refreshed }: DayRead): number {
  return refreshed
    .flatMap(({ rollup }) => [...rollup.faults.values()].filter((faults) => !isDamaged(faults)))
    .reduce((sum, { count }) => sum + count, 0)
}

function isDamaged({ cut, count, read }: ObjectFaults): boolean {
  return cut || (count > 0 && read === 0)
}

function isFaulty([, { cut, count }]: readonly [string, ObjectFaults]): boolean {
  return cut || count > 0
}
