/**
 * The association's rule (design, section 3) as a value: a different rule is a different configuration,
 * never a silent change.
 */
import type { Amount } from './amount.ts'

/** Minutes of the local clock, 0 … 1439. */
export interface OpeningHours {
  readonly firstMinute: number
  /** The last minute that counts: 21:59 is 1319. */
  readonly lastMinute: number
}

export interface Rule {
  readonly openingHours: OpeningHours
  /** Slots from which a day is half a ticket. */
  readonly halfDaySlots: number
  /** Slots from which a day is a whole ticket. */
  readonly fullDaySlots: number
}

/** A slot is ten minutes, aligned: 08:00-08:09, 08:10-08:19 … */
export const SLOT_MINUTES = 10

/** The rule in force: 08:00 to 21:59, 3 slots for half a ticket, 30 for a whole one. */
export const DEFAULT_RULE: Rule = {
  openingHours: { firstMinute: 8 * 60, lastMinute: 21 * 60 + 59 },
  halfDaySlots: 3,
  fullDaySlots: 30,
}

/** Tickets for a number of slots. */
export function amountFor(slots: number, rule: Rule): Amount {
  if (slots >= rule.fullDaySlots) return 1
  return slots >= rule.halfDaySlots ? 0.5 : 0
}

/** True when both rules give the same amounts, whatever was seen. */
export function isSameRule(a: Rule, b: Rule): boolean {
  return (
    a.openingHours.firstMinute === b.openingHours.firstMinute &&
    a.openingHours.lastMinute === b.openingHours.lastMinute &&
    a.halfDaySlots === b.halfDaySlots &&
    a.fullDaySlots === b.fullDaySlots
  )
}

/** Reads opening hours as the design writes them, `08:00-21:59`, the last minute included. */
export function parseOpeningHours(text: string): OpeningHours | undefined {
  const match = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/.exec(text)
  if (!match) return undefined
  const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ]
  if (fromHour > 23 || toHour > 23 || fromMinute > 59 || toMinute > 59) return undefined
  const hours = { firstMinute: fromHour * 60 + fromMinute, lastMinute: toHour * 60 + toMinute }
  return hours.firstMinute < hours.lastMinute ? hours : undefined
}
