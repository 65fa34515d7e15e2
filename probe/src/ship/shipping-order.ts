/**
 * What is shipped first when a lot waits: opening hours, the oldest day first, since they are what members are
 * charged for and the nightly job looks back for some days only; then the hours that count for nobody.
 */
import type { LocalDay } from '@presences/shared'
import type { Pack, SpoolContents, WaitingMinute } from '../spool/contents.ts'
import { isOpeningMinute } from '../spool/opening-hours.ts'
import type { PackName } from '../spool/pack-name.ts'

/** The opening hours, or the others, of a day of a location. */
export interface Portion {
  readonly location: string
  readonly day: LocalDay
  readonly hours: PackName['hours']
  /** In the order of their names. */
  readonly minutes: readonly WaitingMinute[]
  readonly packs: readonly Pack[]
}

/** All that waits, in the order it is to be shipped. */
export function shippingOrder(
  { minutes, packs }: Pick<SpoolContents, 'minutes' | 'packs'>,
  timeZone: string,
): Portion[] {
  const portions = new Map<string, { minutes: WaitingMinute[]; packs: Pack[] } & Portion>()
  const portionOf = ({ location, day }: WaitingMinute | Pack, hours: PackName['hours']) => {
    // Its place in the order, too.
    const key = `${hours === 'open' ? 0 : 1}/${day}/${location}`
    const portion = portions.get(key) ?? { location, day, hours, minutes: [], packs: [] }
    portions.set(key, portion)
    return portion
  }
  for (const minute of minutes) {
    const hours = isOpeningMinute(minute.minute, timeZone) ? 'open' : 'closed'
    portionOf(minute, hours).minutes.push(minute)
  }
  for (const pack of packs) portionOf(pack, pack.hours).packs.push(pack)
  for (const portion of portions.values()) portion.minutes.sort(byPath)
  return [...portions].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, one]) => one)
}

/** The newest of the minute files, if there is one. */
export function newestOf(minutes: readonly WaitingMinute[]): WaitingMinute | undefined {
  return minutes.reduce<WaitingMinute | undefined>(
    (newest, minute) => (newest && newest.minute >= minute.minute ? newest : minute),
    undefined,
  )
}

function byPath(left: WaitingMinute, right: WaitingMinute): number {
  return left.path < right.path ? -1 : 1
}
