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
  formatStamp,
  type LocalDay,
  parseLocalDay,
} from '@presences/shared'
import { isValid } from 'date-fns/isValid'
import { parseISO } from 'date-fns/parseISO'

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
  return `.packed-${location}-${day}-${hours}-${formatStamp(first)}-${count}.gz`
}

/** Reads a name; `undefined` for any other. */
export function parsePackName(name: string): PackName | undefined {
  const [, location, dayText = '', hours, stamp = '', count] = NAME.exec(name) ?? []
  const day = parseLocalDay(dayText)
  const instant = parseISO(stamp)
  if (!location || !day || !isValid(instant)) return undefined
  const first = epochMinuteOf(instant)
  const read = { location, day, hours: hours as PackName['hours'], first, count: Number(count) }
  // There are other ways to write the same: 24:00, a count of 007.
  return formatPackName(read) === name ? read : undefined
}

const NAME = /^\.packed-([a-z0-9-]+)-(\d{4}-\d{2}-\d{2})-(open|closed)-(\d{8}T\d{4}Z)-(\d+)\.gz$/
