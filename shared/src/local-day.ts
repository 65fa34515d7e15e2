/**
 * Civil days and local minutes. The only file that knows time zones: everything else counts
 * minutes since 1970 (`EpochMinute`) or names days (`LocalDay`, which `calendar.ts` counts).
 *
 * Of @date-fns/tz only the offset is taken, and kept. With its `TZDate`, a local time would cost ten times as much
 * (10 µs, and a day has thousands), and a day on which midnight strikes twice would begin at the second one (Amman
 * 2021-10-29).
 */
import { tzOffset } from '@date-fns/tz/tzOffset'
import { addDays, type LocalDay } from './calendar.ts'
import { type Remembered, remember } from './remember.ts'

/** Whole minutes since 1970-01-01T00:00Z. */
export type EpochMinute = number

/** Where a civil day lies in time: its first minute, and how many it has (1380, 1440 or 1500). */
export interface DayWindow {
  readonly day: LocalDay
  readonly start: EpochMinute
  readonly minutes: number
}

const MS_PER_MINUTE = 60_000
const MINUTES_PER_DAY = 1440
/** Time zones change their offset on quarter hours (tz database, since 1972). */
const OFFSET_GRAIN = 15

const ZONES_KEPT = 8
/** Three months of quarter hours, two years of days. */
const OFFSETS_KEPT = 10_000
const WINDOWS_KEPT = 800
/** By zone, then by quarter hour: the platform takes microseconds to tell an offset. */
const offsets = remember<string, Remembered<number, number>>(ZONES_KEPT)
/** By zone: whether the platform lists it under that very name. */
const listed = remember<string, boolean>(ZONES_KEPT)
/** By zone, then by day. */
const windows = remember<string, Remembered<LocalDay, DayWindow>>(ZONES_KEPT)

/** True for a time zone name this machine knows, such as `Europe/Paris`. */
export function isTimeZone(name: string): boolean {
  // Without the names by which zones are known, too; but asked much faster.
  if (isListed(name)) return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** The whole minute an instant lies in. */
export function epochMinuteOf(instant: Date): EpochMinute {
  return Math.floor(instant.getTime() / MS_PER_MINUTE)
}

/** The instant a minute begins. The inverse of `epochMinuteOf` on whole minutes. */
export function instantOf(minute: EpochMinute): Date {
  return new Date(minute * MS_PER_MINUTE)
}

/** The civil day of an instant in `timeZone`. */
export function localDayOf(instant: Date, timeZone: string): LocalDay {
  return isoLocal(instant, timeZone).slice(0, 10) as LocalDay
}

/** Local time with its offset, to the second: `2026-11-22T08:12:04+01:00`. */
export function formatLocalTime(instant: Date, timeZone: string): string {
  const offset = offsetAt(instant, timeZone)
  const absolute = Math.abs(offset)
  const hours = String(Math.floor(absolute / 60)).padStart(2, '0')
  const minutes = String(absolute % 60).padStart(2, '0')
  return `${isoLocal(instant, timeZone)}${offset < 0 ? '-' : '+'}${hours}:${minutes}`
}

/** The local clock of a minute, `HH:MM`. */
export function formatClock(minute: EpochMinute, timeZone: string): string {
  return isoLocal(instantOf(minute), timeZone).slice(11, 16)
}

/** Where a civil day begins in `timeZone`, and how many minutes it has: right on days clocks change. */
export function dayWindow(day: LocalDay, timeZone: string): DayWindow {
  return windows(timeZone, () => remember(WINDOWS_KEPT))(day, () => {
    const start = firstMinute(day, timeZone)
    return { day, start, minutes: firstMinute(addDays(day, 1), timeZone) - start }
  })
}

/**
 * For each elapsed minute of the day, the minute its wall clock shows (0 … 1439).
 * The identity but on days clocks change, where an hour is skipped or stands twice.
 */
export function clockMinutes(window: DayWindow, timeZone: string): Uint16Array {
  const table = new Uint16Array(window.minutes)
  for (let from = 0; from < window.minutes; from += OFFSET_GRAIN) {
    const minute = window.start + from
    const local = minute + offsetAt(instantOf(minute), timeZone)
    const to = Math.min(from + OFFSET_GRAIN, window.minutes)
    for (let elapsed = from; elapsed < to; elapsed += 1) {
      table[elapsed] = modulo(local + elapsed - from, MINUTES_PER_DAY)
    }
  }
  return table
}

/** The first minute of a civil day: where the local date, which only grows, reaches it. */
function firstMinute(day: LocalDay, timeZone: string): EpochMinute {
  const utcMidnight = Date.parse(`${day}T00:00:00Z`) / MS_PER_MINUTE
  const likely = utcMidnight - offsetAt(instantOf(utcMidnight), timeZone)
  if (startsDay(likely)) return likely
  // The offset changes between here and there: look between the ends of the earth's clocks.
  let before = utcMidnight - 15 * 60
  let reached = utcMidnight + 15 * 60
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2)
    if (localDayOf(instantOf(middle), timeZone) >= day) reached = middle
    else before = middle
  }
  return reached

  function startsDay(minute: EpochMinute): boolean {
    return (
      localDayOf(instantOf(minute), timeZone) === day &&
      localDayOf(instantOf(minute - 1), timeZone) < day
    )
  }
}

/** Local date and time without offset: `2026-11-22T08:12:04`. */
function isoLocal(instant: Date, timeZone: string): string {
  const shifted = instant.getTime() + offsetAt(instant, timeZone) * MS_PER_MINUTE
  return new Date(shifted).toISOString().slice(0, 19)
}

/** Minutes that the zone's clock is ahead of UTC. */
function offsetAt(instant: Date, timeZone: string): number {
  const quarter = Math.floor(instant.getTime() / (OFFSET_GRAIN * MS_PER_MINUTE))
  const ofZone = offsets(timeZone, () => remember(OFFSETS_KEPT))
  return ofZone(quarter, () => askOffset(instant, timeZone))
}

/**
 * Of the process's own zone `Date` is asked: the first question to Intl takes 15 ms, a fifth of what a scan
 * costs a box each minute. But not of `europe/paris`: Intl knows it, and `Date` takes it for UTC without a word.
 */
function askOffset(instant: Date, timeZone: string): number {
  if (timeZone === process.env.TZ && isListed(timeZone)) return 0 - instant.getTimezoneOffset()
  return tzOffset(timeZone, instant)
}

function isListed(timeZone: string): boolean {
  return listed(timeZone, () => Intl.supportedValuesOf('timeZone').includes(timeZone))
}

function modulo(value: number, base: number): number {
  return ((value % base) + base) % base
}
