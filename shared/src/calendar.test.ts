import { isMainThread } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  addDays,
  calendarDate,
  daysBetween,
  daysFrom,
  type LocalDay,
  lastDayOfMonth,
  lastDayOfYear,
  parseLocalDay,
} from './calendar.ts'

const day = (text: string) => parseLocalDay(text) as LocalDay

describe('parseLocalDay', () => {
  test.each(['2026-11-22', '2024-02-29', '1999-12-31', '0000-01-02', '9999-12-30'])(
    '%s is a day',
    (text) => {
      expect(parseLocalDay(text)).toBe(text)
    },
  )
  test.each([
    '2026-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-11-00',
    '2026-11-31',
    '1900-02-29',
    '0007-13-13',
    '2026-11-22\n',
    '2026-1-1',
    '2026-11',
    '',
    '2026-11-22T00',
    // The day before or after could not be written in four digits.
    '0000-01-01',
    '9999-12-31',
  ])('%j is none', (text) => {
    expect(parseLocalDay(text)).toBeUndefined()
  })
})

test('the days of four centuries are days, and nothing between them', () => {
  const two = (number: number) => String(number).padStart(2, '0')
  const known: string[] = []
  for (let year = 1900; year < 2300; year += 1)
    for (let month = 0; month < 14; month += 1)
      for (let date = 0; date < 33; date += 1) {
        const found = parseLocalDay(`${year}-${two(month)}-${two(date)}`)
        if (found) known.push(found)
      }
  // An oracle that is not ours: the calendar by which the platform counts.
  const all = Array.from({ length: known.length }, (_, number) =>
    new Date(Date.UTC(1900, 0, 1 + number)).toISOString().slice(0, 10),
  )
  expect(known).toEqual(all)
  expect(all.at(-1)).toBe('2299-12-31')
})

/** Zones of the process in which local midnights, or whole days, are missing or stand twice. */
const ZONES = ['UTC', 'Europe/Paris', 'America/Santiago', 'Pacific/Apia', 'Asia/Amman']
/** A thread, in which `pnpm mutate` runs tests, can't have a zone of its own. */
const zonesHere = isMainThread ? ZONES : [new Intl.DateTimeFormat().resolvedOptions().timeZone]

describe.each(zonesHere)('in a process of %s', (zone) => {
  const before = process.env.TZ
  beforeEach(() => {
    process.env.TZ = zone
    // Else the tests below would pass in any zone.
    expect(new Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(zone)
  })
  afterEach(() => {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  })

  test.each([
    ['2011-12-29', '2011-12-30', 'which Samoa left out'],
    ['2011-12-30', '2011-12-31', 'which Samoa left out'],
    ['2026-03-28', '2026-03-29', 'clocks go forward in Paris'],
    ['2026-10-25', '2026-10-26', 'clocks go back in Paris'],
    ['2026-04-04', '2026-04-05', 'clocks go back over midnight in Chile'],
    ['2026-09-05', '2026-09-06', 'no midnight in Chile'],
    ['2021-10-28', '2021-10-29', 'midnight twice in Amman'],
    ['2024-02-28', '2024-02-29', 'leap year'],
    ['1900-02-28', '1900-03-01', 'no leap year'],
    ['0000-01-01', '0000-01-02', 'the first day'],
    ['9999-12-30', '9999-12-31', 'the last day'],
  ])('after %s comes %s (%s)', (first, next) => {
    const [one, two] = [first, next] as [LocalDay, LocalDay]
    expect(addDays(one, 1)).toBe(two)
    expect(addDays(two, -1)).toBe(one)
    expect(daysFrom(one, two)).toBe(1)
    expect(daysBetween(one, two)).toEqual([one, two])
  })

  // An oracle that is not ours, nor date-fns's: the calendar by which the platform counts in UTC.
  const MS_PER_DAY = 86_400_000
  const textOf = (number: number) => new Date(number * MS_PER_DAY).toISOString().slice(0, 10)
  const numberOf = (text: string) => Date.parse(`${text}T00:00:00Z`) / MS_PER_DAY
  const [firstNumber, lastNumber] = [numberOf('0000-01-02'), numberOf('9999-12-30')]
  const number = fc.oneof(
    fc.integer({ min: firstNumber, max: lastNumber }),
    fc.integer({ min: numberOf('2011-01-01'), max: numberOf('2030-12-31') }),
  )

  test('days are counted as the platform counts them', () => {
    fc.assert(
      fc.property(number, number, (from, to) => {
        const [first, last] = [textOf(from), textOf(to)] as [LocalDay, LocalDay]
        expect(parseLocalDay(first)).toBe(first)
        expect(calendarDate(first).getTime()).toBe(from * MS_PER_DAY)
        expect(addDays(first, to - from)).toBe(last)
        expect(daysFrom(first, last)).toBe(to - from)
      }),
    )
  })

  test('a run of days leaves none out', () => {
    fc.assert(
      fc.property(number, fc.integer({ min: -40, max: 400 }), (from, count) => {
        fc.pre(from + count <= lastNumber && from + count >= firstNumber)
        const days = daysBetween(textOf(from) as LocalDay, textOf(from + count) as LocalDay)
        const expected = Array.from({ length: Math.max(0, count + 1) }, (_, n) => textOf(from + n))
        expect(days).toEqual(expected)
      }),
    )
  })

  test('the last day of a month or year is followed by the first of the next', () => {
    fc.assert(
      fc.property(number, (from) => {
        fc.pre(from < lastNumber - 1)
        const text = textOf(from)
        const [year, month] = [Number(text.slice(0, 4)), Number(text.slice(5, 7))]
        const firstOfNext = new Date(0).setUTCFullYear(year, month, 1) / MS_PER_DAY
        expect(lastDayOfMonth(day(text))).toBe(textOf(firstOfNext - 1))
        expect(lastDayOfYear(day(text))).toBe(`${text.slice(0, 4)}-12-31`)
      }),
    )
  })
})
