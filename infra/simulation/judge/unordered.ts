/**
 * Days on which a bucket that can't tell writers apart, and shows old versions, did its worst: a ledger was written
 * over, or two runs charged, each believing that it held the lease. Of those only the amounts can be asked.
 */
import type { Judged } from './judged.ts'

export function isUnordered(day: string, { isOrderly, space }: Judged): boolean {
  if (isOrderly) return false
  const isShared = space.posts.some(({ date, program, charging }) => {
    return date === day && charging !== program
  })
  return isShared || space.lostLedgers.has(day)
}
