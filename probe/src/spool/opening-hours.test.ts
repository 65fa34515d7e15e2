import { epochMinuteOf } from '@presences/shared'
import { expect, test } from 'vitest'
import { isOpeningMinute } from './opening-hours.ts'

test.each([
  ['2026-11-23T07:59+01:00', false],
  ['2026-11-23T08:00+01:00', true],
  ['2026-11-23T21:59+01:00', true],
  ['2026-11-23T22:00+01:00', false],
  ['2026-11-23T00:00+01:00', false],
  // The clock on the wall, also in summer, and on a day it changes.
  ['2026-07-01T07:59+02:00', false],
  ['2026-07-01T08:00+02:00', true],
  ['2026-10-25T08:00+01:00', true],
  ['2026-10-25T08:00+02:00', false],
])('%s counts for somebody: %s', (time, isOpening) => {
  expect(isOpeningMinute(epochMinuteOf(new Date(time)), 'Europe/Paris')).toBe(isOpening)
})
