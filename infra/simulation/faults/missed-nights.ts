/**
 * A night now and then, or some on end, on which nothing runs: fewer than the nightly run looks back. People go on
 * selling and registering devices meanwhile, and only the audit trail can tell when.
 */
import type { Random } from '../../random.ts'
import type { Faults } from './faults.ts'

/** How many nights on end. */
const MISSED = [1, 1, 2, 3, 4]
/** Between two such times each night runs. */
const NIGHTS_BETWEEN = 3

/** Days of the world, by number, from `from` on and before `to`, whose night is missed. */
export function drawMissedNights(
  faults: Faults,
  { from, to }: { readonly from: number; readonly to: number },
  random: Random,
): ReadonlySet<number> {
  const missed = new Set<number>()
  if (faults['missed-nights'] === 0) return missed
  for (let number = from; number < to; number += 1) {
    if (!random.chance(faults['missed-nights'] * 0.25)) continue
    const end = Math.min(number + random.pick(MISSED), to)
    for (; number < end; number += 1) missed.add(number)
    number += NIGHTS_BETWEEN
  }
  return missed
}
