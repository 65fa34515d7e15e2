import { isMainThread } from 'node:worker_threads'
import { tzOffset } from '@date-fns/tz/tzOffset'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDays, daysBetween, type LocalDay, parseLocalDay } from './calendar.ts'
import {
  clockMinutes,
  dayWindow,
  epochMinuteOf,
  formatClock,
  formatLocalTime,
  instantOf,
  isTimeZone,
  localDayOf,
} from './local-day.ts'

const PARIS = 'Europe/Paris'
const day = (text: string) => parseLocalDay(text) as LocalDay

describe('dayWindow', () => {
  test.each([
    ['2026-11-22', PARIS, '2026-11-21T23:00:00.000Z', 1440],
    ['2026-03-29', PARIS, '2026-03-28T23:00:00.000Z', 1380],
    ['2026-10-25', PARIS, '2026-10-24T22:00:00.000Z', 1500],
    ['2026-11-22', 'UTC', '2026-11-22T00:00:00.000Z', 1440],
    ['2026-11-22', 'Pacific/Kiritimati', '2026-11-21T10:00:00.000Z', 1440],
    // Clocks change at midnight: the day begins at 01:00.
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z', 1380],
    ['2026-04-05', 'Australia/Lord_Howe', '2026-04-04T13:00:00.000Z', 1470],
    // By the time it is midnight in UTC, the day's clocks went forward.
    ['2026-10-04', 'Australia/Lord_Howe', '2026-10-03T13:30:00.000Z', 1410],
    ['2026-09-27', 'Pacific/Auckland', '2026-09-26T12:00:00.000Z', 1380],
    // As far ahead as a zone can be, with a change between its midnight and that of UTC.
    ['2012-04-01', 'Pacific/Apia', '2012-03-31T10:00:00.000Z', 1500],
    // Clocks go back over midnight: it strikes twice, and the day begins at the first.
    ['2021-10-29', 'Asia/Amman', '2021-10-28T21:00:00.000Z', 1500],
    // The day that Samoa left out.
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', 0],
    ['2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', 1440],
  ])('%s in %s begins at %s and has %i minutes', (text, zone, start, minutes) => {
    expect(dayWindow(day(text), zone)).toEqual({
      day: text,
      start: epochMinuteOf(new Date(start)),
      minutes,
    })
  })
})

describe('clockMinutes', () => {
  test('is the identity on an ordinary day', () => {
    const table = clockMinutes(dayWindow(day('2026-11-22'), PARIS), PARIS)
    expect([...table]).toEqual(Array.from({ length: 1440 }, (_, minute) => minute))
  })
  test('shows the hour from 2 to 3 twice when clocks go back', () => {
    const table = clockMinutes(dayWindow(day('2026-10-25'), PARIS), PARIS)
    expect([table[119], table[120], table[179], table[180], table[1499]]).toEqual([
      119, 120, 179, 120, 1439,
    ])
  })
  test('skips the hour from 2 to 3 when clocks go forward', () => {
    const table = clockMinutes(dayWindow(day('2026-03-29'), PARIS), PARIS)
    expect([table[119], table[120], table[1379]]).toEqual([119, 180, 1439])
  })
})

const zone = fc.constantFrom(
  PARIS,
  'UTC',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
)
const instant = fc.date({
  min: new Date('2000-01-01'),
  max: new Date('2060-01-01'),
  noInvalidDate: true,
})

test('every instant lies in the window of its local day, at the minute its clock shows', () => {
  fc.assert(
    fc.property(instant, zone, (at, timeZone) => {
      const window = dayWindow(localDayOf(at, timeZone), timeZone)
      const elapsed = epochMinuteOf(at) - window.start
      expect(elapsed).toBeGreaterThanOrEqual(0)
      expect(elapsed).toBeLessThan(window.minutes)
      const shown = clockMinutes(window, timeZone)[elapsed] as number
      const clock = `${String(Math.floor(shown / 60)).padStart(2, '0')}:${String(shown % 60).padStart(2, '0')}`
      expect(formatClock(epochMinuteOf(at), timeZone)).toBe(clock)
      // An oracle that is not ours: the platform's own formatter.
      expect(
        new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(
          at,
        ),
      ).toBe(clock)
    }),
  )
})

test('a local time with its offset names the same instant', () => {
  fc.assert(
    fc.property(instant, zone, (at, timeZone) => {
      const text = formatLocalTime(at, timeZone)
      expect(Date.parse(text)).toBe(Math.floor(at.getTime() / 1000) * 1000)
      expect(text.slice(0, 10)).toBe(localDayOf(at, timeZone))
    }),
  )
})

test('windows of days in a row leave no gap', () => {
  const days = daysBetween(day('2026-01-01'), day('2026-12-31'))
  expect(days).toHaveLength(365)
  for (const each of days) {
    const window = dayWindow(each, PARIS)
    expect(window.start + window.minutes).toBe(dayWindow(addDays(each, 1), PARIS).start)
  }
})

test('a minute and its instant are a pair', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e8 }),
      (minute) => epochMinuteOf(instantOf(minute)) === minute,
    ),
  )
})

// A quarter of an hour is the grain: in Eucla, clocks go forward at 17:15 UTC.
test.each([
  ['Australia/Eucla', '2006-12-02T17:14:59Z', '2006-12-03T01:59:59+08:45'],
  ['Australia/Eucla', '2006-12-02T17:15:00Z', '2006-12-03T03:00:00+09:45'],
  ['Australia/Lord_Howe', '2026-10-03T15:29:59Z', '2026-10-04T01:59:59+10:30'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', '2026-10-04T02:30:00+11:00'],
  ['UTC', '2026-03-29T00:59:59Z', '2026-03-29T00:59:59+00:00'],
  [PARIS, '2026-03-29T00:59:59Z', '2026-03-29T01:59:59+01:00'],
  [PARIS, '2026-03-29T01:00:00Z', '2026-03-29T03:00:00+02:00'],
  [PARIS, '2026-10-25T00:59:59Z', '2026-10-25T02:59:59+02:00'],
  [PARIS, '2026-10-25T01:00:00Z', '2026-10-25T02:00:00+01:00'],
])('in %s clocks change at the very instant: %s is %s', (zone, instant, local) => {
  expect(formatLocalTime(new Date(instant), zone)).toBe(local)
  // Asked in the other order, and of the other zones in between: no quarter answers for another.
  for (const other of [PARIS, 'Australia/Lord_Howe', 'UTC'])
    formatLocalTime(new Date(instant), other)
  expect(formatLocalTime(new Date(instant), zone)).toBe(local)
})

test('a time zone is known or not', () => {
  expect([isTimeZone(PARIS), isTimeZone('Europe/Metz'), isTimeZone('')]).toEqual([
    true,
    false,
    false,
  ])
})

test('a name that Intl knows and Date does not is no UTC, though it is the zone of the process', () => {
  const before = process.env.TZ
  process.env.TZ = 'europe/paris'
  try {
    const noon = new Date('2026-07-01T12:00:00Z')
    expect(formatLocalTime(noon, 'europe/paris')).toBe('2026-07-01T14:00:00+02:00')
  } finally {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  }
})

// A thread, in which `pnpm mutate` runs tests, can't have a zone of its own.
const OWN_ZONES = isMainThread
  ? [PARIS, 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Etc/UTC']
  : []

test.each(OWN_ZONES)("the process's own zone, %s, has the times that Intl gives it", (zone) => {
  const before = process.env.TZ
  process.env.TZ = zone
  try {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('1972-01-01'),
          max: new Date('2037-12-31'),
          noInvalidDate: true,
        }),
        (instant) => {
          const local = formatLocalTime(instant, zone)
          const shown = Date.parse(`${local.slice(0, 19)}Z`)
          const expected = instant.getTime() + tzOffset(zone, instant) * 60_000
          expect(shown).toBe(Math.floor(expected / 1000) * 1000)
          expect(new Date(local).getTime()).toBe(Math.floor(instant.getTime() / 1000) * 1000)
        },
      ),
      { numRuns: 2_000 },
    )
  } finally {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  }
})

test.each(['UTC', 'Europe/Kiev', 'Europe/Kyiv', 'US/Pacific', PARIS])('%s is a zone', (zone) => {
  expect(isTimeZone(zone)).toBe(true)
})
