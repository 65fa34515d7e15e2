/**
 * The name of a pack: minute files of one location, one day, and either its opening hours or the others.
 *
 *     .packed-<location>-<YYYY-MM-DD>-<open|closed>-<first minute>-<count>.gz
 *
 * It begins with a dot, so it is never shipped; and it tells all that is asked of a pack often.
 */
import {
  type EpochMinute,
  epochMinuteOf,
  instantOf,
  type LocalDay,
  parseLocalDay,
} from '@presences/shared'

export interface PackName {
  readonly location: string
  readonly day: LocalDay
  readonly hours: 'open' | 'closed'
  /** The first of its minutes. */
  readonly first: EpochMinute
  /** How many minute files it holds. */
  readonly count: number
}

export function formatPackName({ location, day, hours, first, count }: PackName): string {
  const stamp = instantOf(first).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')
  return `.packed-${location}-${day}-${hours}-${stamp}Z-${count}.gz`
}

/** Reads a name; `undefined` for any other. */
export function parsePackName(name: string): PackName | undefined {
  const [, location, dayText, hours, year, month, date, hour, minute, count] = NAME.exec(name) ?? []
  const day = parseLocalDay(dayText ?? '')
  const instant = new Date(`${year}-${month}-${date}T${hour}:${minute}:00Z`)
  if (!location || !day || Number.isNaN(instant.getTime())) return undefined
  const first = epochMinuteOf(instant)
  const read = { location, day, hours: hours as PackName['hours'], first, count: Number(count) }
  // A 30th of February would have been read as a day in March.
  return formatPackName(read) === name ? read : undefined
}

const NAME =
  /^\.packed-([a-z0-9-]+)-(\d{4}-\d{2}-\d{2})-(open|closed)-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})Z-(\d+)\.gz$/
