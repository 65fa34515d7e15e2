/** Moments as a person gives them: the clock of the space, to the minute; a day alone is its first minute. */
import { clockMinutes, dayWindow, type EpochMinute, parseLocalDay } from '@presences/shared'
import { BadPeriod, FIRST_DAY } from './period.ts'

const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ]([01]\d|2[0-3]):([0-5]\d))?$/

/**
 * The minute of `2026-11-22T08:00` or `2026-11-22`. Of a time that the clock shows twice, on the night it goes back, the
 * first one begins a period and the last one ends it. Throws BadPeriod.
 */
export function parseMoment(text: string, edge: 'from' | 'to', timeZone: string): EpochMinute {
  const [, date = '', hour, minute] = MOMENT.exec(text) ?? []
  const day = parseLocalDay(date)
  if (day === undefined) {
    throw new BadPeriod(
      `--${edge} ${JSON.stringify(text)} is no time: write YYYY-MM-DDTHH:MM, such as 2026-11-22T08:00, or a day`,
    )
  }
  if (day < FIRST_DAY) {
    throw new BadPeriod(`--${edge} ${text} is before ${FIRST_DAY}: nothing was recorded then`)
  }
  const window = dayWindow(day, timeZone)
  if (hour === undefined) return window.start
  const clock = clockMinutes(window, timeZone)
  const shown = 60 * Number(hour) + Number(minute)
  const elapsed = edge === 'from' ? clock.indexOf(shown) : clock.lastIndexOf(shown)
  if (elapsed < 0) {
    throw new BadPeriod(
      `--${edge} ${text}: the clock of ${timeZone} did not show that time that day`,
    )
  }
  return window.start + elapsed
}
