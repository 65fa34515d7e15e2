/**
 * Names of raw objects in the bucket, and of the same files in the spool (design, section 4):
 *
 *     presences/<location>/<YYYY-MM-DD>/<YYYYMMDDTHHMMZ>-<probe>.tsv    a minute file
 *     presences/<location>/<YYYY-MM-DD>                                 an old day file
 *
 * The folder is the LOCAL day, the name the UTC minute: unambiguous when clocks go back.
 */
import { type LocalDay, parseLocalDay } from './calendar.ts'
import { type EpochMinute, epochMinuteOf, instantOf } from './local-day.ts'
import { remember } from './remember.ts'

export const RAW_PREFIX = 'presences/'

/** What names a minute file. */
export interface MinuteFileName {
  readonly location: string
  readonly day: LocalDay
  readonly minute: EpochMinute
  readonly probe: string
}

export type RawKey =
  | ({ readonly kind: 'minute' } & MinuteFileName)
  | { readonly kind: 'day'; readonly location: string; readonly day: LocalDay }

/**
 * What a location may be called: a folder of any other name is no room's. Its length bounds that of every key that is
 * made of it, for S3 takes 1,024 bytes.
 */
export const LOCATION_PATTERN = /^[a-z0-9-]{1,64}$/
/** What does not fit it, in words: after the name. */
export const NO_LOCATION = 'is not 1 to 64 of the characters a-z, 0-9 and -'
/** What a probe may be called: no slash, and no leading dot (a file still being written has one). */
export const PROBE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const RAW_KEY = /^presences\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/
const MINUTE_NAME = /^(\d{8})T([01]\d|2[0-3])([0-5]\d)Z-(.+)\.tsv$/
/** Keys come by the thousand of one day, in UTC of two. */
const DAYS_KEPT = 32
const days = remember<string, LocalDay | undefined>(DAYS_KEPT)
const midnights = remember<string, EpochMinute>(DAYS_KEPT)

/** The path of a minute file in the spool: its key without `presences/`. Throws on a bad location or probe. */
export function formatSpoolPath(name: MinuteFileName): string {
  if (!LOCATION_PATTERN.test(name.location)) {
    throw new RangeError(`Location ${JSON.stringify(name.location)} ${NO_LOCATION}`)
  }
  if (!PROBE_PATTERN.test(name.probe)) {
    throw new RangeError(
      `Probe ${JSON.stringify(name.probe)} is not made of letters, digits, . _ -`,
    )
  }
  return `${name.location}/${name.day}/${formatStamp(name.minute)}-${name.probe}.tsv`
}

/** A minute as names have it, in UTC: `20261122T0712Z`. */
export function formatStamp(minute: EpochMinute): string {
  return `${instantOf(minute).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}Z`
}

/** The key of a minute file in the bucket. Throws on a bad location or probe. */
export function formatMinuteKey(name: MinuteFileName): string {
  return RAW_PREFIX + formatSpoolPath(name)
}

/** The key of an old day file; minute files of that day lie in the folder of the same name. */
export function formatDayKey(location: string, day: LocalDay): string {
  return `${RAW_PREFIX}${location}/${day}`
}

/** Reads a key of either kind; `undefined` when the name means nothing to us. */
export function parseRawKey(key: string): RawKey | undefined {
  const [, location, folder, name] = RAW_KEY.exec(key) ?? []
  if (location === undefined || folder === undefined) return undefined
  if (!LOCATION_PATTERN.test(location)) return undefined
  const day = days(folder, parseLocalDay)
  if (!day) return undefined
  if (name === undefined) return { kind: 'day', location, day }
  const [, date = '', hour, minute, probe] = MINUTE_NAME.exec(name) ?? []
  if (!probe || !PROBE_PATTERN.test(probe)) return undefined
  const midnight = midnights(date, midnightOf)
  if (Number.isNaN(midnight)) return undefined
  return {
    kind: 'minute',
    location,
    day,
    minute: midnight + 60 * Number(hour) + Number(minute),
    probe,
  }
}

/** The first UTC minute of a date `YYYYMMDD`; NaN for a day that does not exist. */
function midnightOf(date: string): EpochMinute {
  const day = parseLocalDay(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`)
  return day ? epochMinuteOf(new Date(day)) : Number.NaN
}
