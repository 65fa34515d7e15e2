import { instantOf } from '@presences/shared'
import { expect, test } from 'vitest'
import { parseMoment } from './moment.ts'
import { BadPeriod } from './period.ts'

const PARIS = 'Europe/Paris'

test.each<[string, 'from' | 'to', string]>([
  ['2026-11-22', 'from', '2026-11-21T23:00'],
  ['2026-11-22T08:00', 'to', '2026-11-22T07:00'],
  ['2026-11-22 23:59', 'to', '2026-11-22T22:59'],
  ['2026-07-01T08:00', 'from', '2026-07-01T06:00'],
  // The clock shows it twice.
  ['2026-10-25T02:30', 'from', '2026-10-25T00:30'],
  ['2026-10-25T02:30', 'to', '2026-10-25T01:30'],
])('%s of --%s is %s', (text, edge, utc) => {
  expect(instantOf(parseMoment(text, edge, PARIS)).toISOString()).toBe(`${utc}:00.000Z`)
})

test.each([
  '',
  'yesterday',
  '2026-11-31',
  '2026-11-22T24:00',
  '2026-11-22T08:60',
  '2026-11-22T8:00',
  '2026-11-22T08:00Z',
  '1999-12-31',
  // The clock goes over it.
  '2026-03-29T02:30',
])('%j is refused', (text) => {
  expect(() => parseMoment(text, 'from', PARIS)).toThrow(BadPeriod)
})
