/**
 * Troubles that last longer than the nightly run looks back: weeks in which nothing runs at night, and a rollup that
 * somebody finds damaged, weeks later, and deletes. What the nightly run must know then is in its memory only.
 */
import type { Random } from '../../random.ts'
import type { Faults } from './faults.ts'

/** Days of the world, by number. */
export interface LongTroubles {
  hasNight(number: number): boolean
  /** The rollup of some days before is damaged. */
  readonly damagedOn: number | undefined
  readonly mendedOn: number | undefined
}

/** All is over by then: raw files that nobody has read yet expire (EXPIRE_DAYS of bucket-care.ts). */
const NIGHTS_AFTER = 6
/** The damaged rollup is of a day up to four days before, and is deleted when it is two weeks old and more. */
const DAMAGED_DAY_AGO = 4
const DAMAGED_FOR = 12

/** Those that fit between the days `from` and `to`, one after another. */
export function drawLongTroubles(
  faults: Faults,
  { from, to }: { readonly from: number; readonly to: number },
  random: Random,
): LongTroubles {
  let free = from
  let nights = { from: 0, to: 0 }
  let damagedOn: number | undefined
  for (const kind of random.shuffle(['no-nights', 'damaged-rollup'] as const)) {
    const begins = free + random.between(0, 3)
    const lasts = kind === 'no-nights' ? random.between(15, 17) : DAMAGED_DAY_AGO + DAMAGED_FOR
    if (faults[kind] === 0 || begins + lasts + NIGHTS_AFTER > to) continue
    free = begins + lasts + NIGHTS_AFTER
    if (kind === 'no-nights') nights = { from: begins, to: begins + lasts }
    else damagedOn = begins + DAMAGED_DAY_AGO
  }
  return {
    hasNight: (number) => number < nights.from || number >= nights.to,
    damagedOn,
    mendedOn: damagedOn === undefined ? undefined : damagedOn + DAMAGED_FOR,
  }
}
