/**
 * Days and periods as a person gives them. Exactly what is written is meant: no prefix matching, no
 * rolling over, nothing in the future.
 */
import {
  daysBetween,
  type LocalDay,
  lastDayOfMonth,
  lastDayOfYear,
  parseLocalDay,
} from '@presences/shared'

/** No coworking space recorded anything before: a longer period is a typing error, and weeks of work. */
export const FIRST_DAY = '2000-01-01' as LocalDay

/** What was given is not a day or a period; the message says what is accepted. */
export class BadPeriod extends Error {
  override readonly name = 'BadPeriod'
}

/** A day that is not after `today`. Throws BadPeriod. */
export function pastDay(text: string, today: LocalDay): LocalDay {
  const day = parseLocalDay(text)
  if (day === undefined) {
    throw new BadPeriod(`${JSON.stringify(text)} is not a day: write YYYY-MM-DD, such as ${today}`)
  }
  if (day < FIRST_DAY)
    throw new BadPeriod(`${day} is before ${FIRST_DAY}: nothing was recorded then`)
  if (day > today) throw new BadPeriod(`${day} is in the future: today is ${today}`)
  return day
}

/** The days from `from` to `to`, both included. Throws BadPeriod when one is no day, in the future, or they are out of order. */
export function pastDays(from: string, to: string, today: LocalDay): LocalDay[] {
  const first = pastDay(from, today)
  const last = pastDay(to, today)
  if (first > last) throw new BadPeriod(`The period starts on ${first}, after its end ${last}`)
  return daysBetween(first, last)
}

/**
 * The days of a period `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `YYYY-MM-DD..YYYY-MM-DD`. The current year and
 * month end today; a period that lies, or that names a day, in the future is refused. Throws BadPeriod.
 */
export function parsePeriod(text: string, today: LocalDay): LocalDay[] {
  const [from, to, ...rest] = text.split('..')
  if (from !== undefined && to !== undefined && rest.length === 0) return pastDays(from, to, today)
  const first = firstDay(text)
  if (first === undefined) {
    throw new BadPeriod(
      `${JSON.stringify(text)} is not a period: write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DD..YYYY-MM-DD`,
    )
  }
  if (first < FIRST_DAY)
    throw new BadPeriod(`${text} is before ${FIRST_DAY}: nothing was recorded then`)
  if (first > today) throw new BadPeriod(`${text} is in the future: today is ${today}`)
  const last = lastDay(text, first)
  return daysBetween(first, last < today ? last : today)
}

function firstDay(text: string): LocalDay | undefined {
  if (/^\d{4}$/.test(text)) return parseLocalDay(`${text}-01-01`)
  if (/^\d{4}-\d{2}$/.test(text)) return parseLocalDay(`${text}-01`)
  return parseLocalDay(text)
}

function lastDay(text: string, first: LocalDay): LocalDay {
  if (text.length === 4) return lastDayOfYear(first)
  return text.length === 7 ? lastDayOfMonth(first) : first
}
