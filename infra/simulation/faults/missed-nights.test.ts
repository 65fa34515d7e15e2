import { expect, test } from 'vitest'
import { randomOf } from '../../random.ts'
import { CATCH_UP_DAYS } from '../life/opening.ts'
import { FAULT_KINDS, type Faults } from './faults.ts'
import { drawMissedNights } from './missed-nights.ts'

const faultsOf = (missed: number): Faults =>
  Object.fromEntries(
    FAULT_KINDS.map((kind) => [kind, kind === 'missed-nights' ? missed : 0]),
  ) as Faults

/** How many nights on end each time. */
function stretchesOf(missed: ReadonlySet<number>): number[] {
  const lengths: number[] = []
  for (const number of [...missed].sort((a, b) => a - b)) {
    if (missed.has(number - 1)) lengths.push((lengths.pop() ?? 0) + 1)
    else lengths.push(1)
  }
  return lengths
}

test('some nights are missed, fewer on end than are caught up, and none at the ends', () => {
  const lengths = new Set<number>()
  for (let seed = 0; seed < 200; seed += 1) {
    const missed = drawMissedNights(faultsOf(1), { from: 2, to: 37 }, randomOf(seed))
    for (const length of stretchesOf(missed)) lengths.add(length)
    expect([...missed].every((number) => number >= 2 && number < 37)).toBe(true)
  }
  expect([...lengths].sort()).toEqual([1, 2, 3, 4])
  expect(Math.max(...lengths)).toBeLessThan(Math.min(...CATCH_UP_DAYS))
})

test('a world that is spared them has none', () => {
  expect(drawMissedNights(faultsOf(0), { from: 2, to: 37 }, randomOf(1)).size).toBe(0)
})
