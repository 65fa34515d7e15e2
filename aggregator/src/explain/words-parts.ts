/** The pieces of sentences that no language owns. */
import { calendarDate, type LocalDay } from '@presences/shared'

/** The time of the clock of a local time: `2026-11-20T08:52:00+01:00` is `08:52`. */
export function clockOf(localTime: string): string {
  return localTime.slice(11, 16)
}

/** The day of an ISO day or local time, as date-fns formats it. */
export function dateOf(iso: string): Date {
  return calendarDate(iso.slice(0, 10) as LocalDay)
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[], and: string): string {
  if (parts.length < 2) return parts.join('')
  return `${parts.slice(0, -1).join(', ')} ${and} ${parts.at(-1)}`
}

/** A text somebody else wrote, to be put before a full stop. */
export function withoutStop(text: string): string {
  return text.trim().replace(/\.$/, '')
}
