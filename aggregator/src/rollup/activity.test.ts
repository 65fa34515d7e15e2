import type { LocalDay } from '@presences/shared'
import { expect, test } from 'vitest'
import { type Activity, isExpected } from './activity.ts'

const activity: Activity = new Map([['a', new Set(['2026-11-06' as LocalDay])]])

test.each([
  ['a', '2026-11-05', false],
  ['a', '2026-11-06', true],
  ['a', '2026-11-20', true],
  ['a', '2026-11-21', false],
  ['b', '2026-11-06', false],
])('%s on %s: %s', (location, day, expected) => {
  expect(isExpected(activity, location, day as LocalDay)).toBe(expected)
})
