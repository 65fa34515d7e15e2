/**
 * Civil days and local clocks as the platform's Intl knows them: the truth is told from here, and from nothing of
 * the programs' own calendar, nor of date-fns beneath it.
 */
export const TIME_ZONE = 'Europe/Paris'

/** When people act, on the clock. */
export const MORNING_ACTS = 3 * 60

const MS_PER_HOUR = 3_600_000
const MS_PER_DAY = 24 * MS_PER_HOUR

const format = new Intl.DateTimeFormat('en-CA', {
  timeZone: TIME_ZONE,
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
})
/** Offsets change on whole hours of UTC here, so one answer serves an hour. */
const offsets = new Map<number, number>()

export interface LocalTime {
  /** `YYYY-MM-DD`. */
  readonly day: string
  /** Minutes of the local clock, 0 … 1439. */
  readonly clock: number
}

/** What the wall clock shows at an instant. */
export function localTime(ms: number): LocalTime {
  const local = ms + offsetAt(ms)
  return {
    day: new Date(local).toISOString().slice(0, 10),
    clock: Math.floor((local % MS_PER_DAY) / 60_000),
  }
}

/** Local time with its offset, as minute files have it: `2026-11-22T08:12:04+01:00`. */
export function localStamp(ms: number): string {
  const offset = offsetAt(ms)
  const local = new Date(ms + offset).toISOString().slice(0, 19)
  return `${local}+${String(offset / MS_PER_HOUR).padStart(2, '0')}:00`
}

/** The first instant of `day` at which the wall clock shows `clock`. */
export function instantAt(day: string, clock: number): number {
  const wall = Date.parse(`${day}T00:00:00Z`) + clock * 60_000
  for (const offset of [2, 1]) {
    const instant = wall - offset * MS_PER_HOUR
    if (offsetAt(instant) === offset * MS_PER_HOUR) return instant
  }
  return wall - MS_PER_HOUR
}

/** The civil day `count` days later. */
export function dayAfter(day: string, count = 1): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * MS_PER_DAY).toISOString().slice(0, 10)
}

function offsetAt(ms: number): number {
  const hour = Math.floor(ms / MS_PER_HOUR)
  const known = offsets.get(hour)
  if (known !== undefined) return known
  const part = Object.fromEntries(
    format.formatToParts(hour * MS_PER_HOUR).map(({ type, value }) => [type, value]),
  )
  const wall = Date.parse(`${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:00Z`)
  const offset = wall - hour * MS_PER_HOUR
  offsets.set(hour, offset)
  return offset
}

/** Each civil day from the first to the last one. */
export function daysThrough(first: string, last: string): string[] {
  const days: string[] = []
  for (let day = first; day <= last; day = dayAfter(day)) days.push(day)
  return days
}
