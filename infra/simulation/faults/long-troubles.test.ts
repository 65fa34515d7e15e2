import { expect, test } from 'vitest'
import { randomOf } from '../../random.ts'
import { EXPIRE_DAYS } from '../life/bucket-care.ts'
import { CATCH_UP_DAYS } from '../life/opening.ts'
import { FAULT_KINDS, type FaultKind, type Faults } from './faults.ts'
import { drawLongTroubles, type LongTroubles } from './long-troubles.ts'

const MOST_CATCH_UP_DAYS = Math.max(...CATCH_UP_DAYS)
const faultsOf = (...kinds: FaultKind[]): Faults =>
  Object.fromEntries(FAULT_KINDS.map((kind) => [kind, kinds.includes(kind) ? 1 : 0])) as Record<
    FaultKind,
    number
  >

/** What it has in so many days. */
function told({ hasNight, damagedOn, mendedOn }: LongTroubles, days: number) {
  const dark = Array.from({ length: days }, (_, number) => number).filter((n) => !hasNight(n))
  return { dark, damagedOn, mendedOn }
}

test('long troubles outlast the days to catch up, one after another, and end before raw files expire', () => {
  const both = { nights: 0, damage: 0, all: 0 }
  for (let seed = 0; seed < 300; seed += 1) {
    const days = 12 + (seed % 60)
    const faults = faultsOf('no-nights', 'damaged-rollup')
    const long = drawLongTroubles(faults, { from: 7, to: days - 3 }, randomOf(seed))
    const { dark, damagedOn, mendedOn } = told(long, days)
    if (dark.length > 0) {
      both.nights += 1
      expect(dark.length).toBeGreaterThan(MOST_CATCH_UP_DAYS)
      expect(dark.length).toBeLessThan(EXPIRE_DAYS - 5)
      expect(dark[0]).toBeGreaterThanOrEqual(7)
      expect(dark.at(-1)).toBeLessThan(days - 8)
    }
    if (damagedOn === undefined || mendedOn === undefined) continue
    both.damage += 1
    // Of three or four days before.
    expect(damagedOn - 4).toBeGreaterThanOrEqual(7)
    expect(mendedOn - (damagedOn - 3)).toBeGreaterThan(MOST_CATCH_UP_DAYS)
    expect(mendedOn - (damagedOn - 4)).toBeLessThan(EXPIRE_DAYS - 5)
    expect(mendedOn).toBeLessThan(days - 8)
    if (dark.length === 0) continue
    both.all += 1
    expect(dark.every((number) => number < damagedOn - 4 || number > mendedOn)).toBe(true)
  }
  // Each was tried, also both in one world.
  expect(Object.values(both).every((count) => count > 20)).toBe(true)
})

test('a world that is spared them has none', () => {
  const long = drawLongTroubles(faultsOf('expiry'), { from: 2, to: 57 }, randomOf(1))
  expect(told(long, 60)).toEqual({ dark: [], damagedOn: undefined, mendedOn: undefined })
})
