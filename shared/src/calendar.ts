/**
 * The calendar: which civil days there are, and which lie a number of days away. date-fns counts; it does so in
 * the machine's own zone, where a day can be missing (Samoa had no 2011-12-30), so a day is handed to it as its
 * midnight in UTC, where none is. Where a day lies in time is told by `local-day.ts`.
 */
import { UTCDateMini } from '@date-fns/utc/date/mini'
import { addDays as addDaysTo } from 'date-fns/addDays'
import { differenceInCalendarDays } from 'date-fns/differenceInCalendarDays'
import { eachDayOfInterval } from 'date-fns/eachDayOfInterval'
import { formatISO } from 'date-fns/formatISO'
import { isValid } from 'date-fns/isValid'
import { lastDayOfMonth as lastDateOfMonth } from 'date-fns/lastDayOfMonth'
import { lastDayOfYear as lastDateOfYear } from 'date-fns/lastDayOfYear'
import { parseISO } from 'date-fns/parseISO'

declare const dayBrand: unique symbol

/** A civil day, `YYYY-MM-DD`, that exists in the calendar. */
export type LocalDay = string & { readonly [dayBrand]: true }

const DAY_SHAPE = /^(?!0000-01-01|9999-12-31)\d{4}-\d{2}-\d{2}$/

/**
 * Reads `YYYY-MM-DD`; `undefined` for another shape, a day that does not exist (2026-02-30), and for the first
 * and the last day of all: the one before or after could not be written so.
 */
export function parseLocalDay(text: string): LocalDay | undefined {
  return DAY_SHAPE.test(text) && isValid(parseISO(text)) ? (text as LocalDay) : undefined
}

/** A civil day as date-fns takes it, to be formatted or counted with: as if the machine were in UTC. */
export function calendarDate(day: LocalDay): Date {
  return new UTCDateMini(day)
}

/** The civil day `count` days later (earlier when negative). */
export function addDays(day: LocalDay, count: number): LocalDay {
  return dayOf(addDaysTo(calendarDate(day), count))
}

/** How many days after `first` the civil day `last` is; negative when it is before. */
export function daysFrom(first: LocalDay, last: LocalDay): number {
  return differenceInCalendarDays(calendarDate(last), calendarDate(first))
}

/** Every civil day from `first` to `last`, both included; empty when `first` is after `last`. */
export function daysBetween(first: LocalDay, last: LocalDay): LocalDay[] {
  // date-fns would count backwards.
  if (first > last) return []
  return eachDayOfInterval({ start: calendarDate(first), end: calendarDate(last) }).map(dayOf)
}

/** The last civil day of the month that `day` lies in. */
export function lastDayOfMonth(day: LocalDay): LocalDay {
  return dayOf(lastDateOfMonth(calendarDate(day)))
}

/** The last civil day of the year that `day` lies in. */
export function lastDayOfYear(day: LocalDay): LocalDay {
  return dayOf(lastDateOfYear(calendarDate(day)))
}

/** The inverse of `calendarDate`. */
function dayOf(date: Date): LocalDay {
  return formatISO(date, { representation: 'date' }) as LocalDay
}
