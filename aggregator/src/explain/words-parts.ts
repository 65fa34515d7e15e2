/** The pieces of sentences that no language owns. */

/** The time of the clock of a local time: `2026-11-20T08:52:00+01:00` is `08:52`. */
export function clockOf(localTime: string): string {
  return localTime.slice(11, 16)
}

/** The parts of an ISO day or local time, by their names in `locale`. */
export function dateParts(iso: string, locale: 'en' | 'fr') {
  const format = new Intl.DateTimeFormat(locale, {
    timeZone: 'UTC',
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  })
  const parts = format.formatToParts(new Date(`${iso.slice(0, 10)}T00:00:00Z`))
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((each) => each.type === type)?.value ?? ''
  return { weekday: part('weekday'), day: part('day'), month: part('month'), year: part('year') }
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
