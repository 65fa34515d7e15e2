import { addDays, type LocalDay } from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BadPeriod, parsePeriod, pastDay, pastDays } from './period.ts'

const today = '2026-11-22' as LocalDay

describe('parsePeriod', () => {
  test.each([
    ['2025', '2025-01-01', '2025-12-31', 365],
    ['2024', '2024-01-01', '2024-12-31', 366],
    ['2026', '2026-01-01', '2026-11-22', 326],
    ['2026-02', '2026-02-01', '2026-02-28', 28],
    ['2024-02', '2024-02-01', '2024-02-29', 29],
    ['2025-12', '2025-12-01', '2025-12-31', 31],
    ['2026-11', '2026-11-01', '2026-11-22', 22],
    ['2026-11-22', '2026-11-22', '2026-11-22', 1],
    ['2026-01-30..2026-02-02', '2026-01-30', '2026-02-02', 4],
  ])('%s is %s to %s', (text, first, last, count) => {
    const days = parsePeriod(text, today)
    expect([days[0], days.at(-1), days.length]).toEqual([first, last, count])
  })

  test.each([
    ['2024-1', 'is not a period'],
    ['202', 'is not a period'],
    ['', 'is not a period'],
    ['2026-13', 'is not a period'],
    ['2026-02-30', 'is not a period'],
    ['2026-01..2026-02', 'is not a day'],
    ['2026-01-01..2026-02-30', 'is not a day'],
    ['2026-01-01..2026-01-02..2026-01-03', 'is not a period'],
    ['..', 'is not a day'],
    ['2026-02-02..2026-02-01', 'starts on 2026-02-02, after its end 2026-02-01'],
    ['2026-11-23', 'is in the future'],
    ['2026-12', 'is in the future'],
    ['2027', 'is in the future'],
    ['1999', 'is before 2000-01-01'],
    ['1000-01-01..2026-01-01', 'is before 2000-01-01'],
    ['2026-11-20..2026-11-23', 'is in the future'],
  ])('%j is refused: %s', (text, reason) => {
    expect(() => parsePeriod(text, today)).toThrow(BadPeriod)
    expect(() => parsePeriod(text, today)).toThrow(reason)
  })
})

test('pastDay takes days up to today', () => {
  expect(pastDay('2026-11-22', today)).toBe('2026-11-22')
  expect(() => pastDay('2026-11-23', today)).toThrow(
    '2026-11-23 is in the future: today is 2026-11-22',
  )
  expect(() => pastDay('22/11/2026', today)).toThrow('"22/11/2026" is not a day: write YYYY-MM-DD')
})

test('pastDays takes both ends', () => {
  expect(pastDays('2026-11-21', '2026-11-22', today)).toHaveLength(2)
  expect(() => pastDays('2026-11-22', '2026-11-21', today)).toThrow(BadPeriod)
})

test('a period is days on end, none of them in the future, or is refused', () => {
  const part = fc.constantFrom(
    '20',
    '26',
    '11',
    '0',
    '9',
    '-',
    '..',
    '2026-11-20',
    '2026-02',
    'T',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      try {
        const days = parsePeriod(parts.join(''), today)
        expect(days.length).toBeGreaterThan(0)
        expect(days.every((day) => day <= today)).toBe(true)
        expect(days.slice(1)).toEqual(days.slice(0, -1).map((day) => addDays(day, 1)))
      } catch (error) {
        if (!(error instanceof BadPeriod)) throw error
      }
    }),
  )
})
