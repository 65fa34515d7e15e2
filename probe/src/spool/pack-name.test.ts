import { epochMinuteOf, type LocalDay } from '@presences/shared'
import { expect, test } from 'vitest'
import { formatPackName, parsePackName } from './pack-name.ts'

test.each(['poulailler', 'fte-2026-01-01', 'a'])('a pack of %s says what it holds', (location) => {
  const name = {
    location,
    day: '2026-11-23' as LocalDay,
    hours: 'open' as const,
    first: epochMinuteOf(new Date('2026-11-23T07:00Z')),
    count: 840,
  }
  const text = `.packed-${location}-2026-11-23-open-20261123T0700Z-840.gz`
  expect(formatPackName(name)).toBe(text)
  expect(parsePackName(text)).toEqual(name)
})

test.each([
  '.packed-poulailler-2026-11-23-open-20261123T0700Z-840.gz.tmp',
  'packed-poulailler-2026-11-23-open-20261123T0700Z-840.gz',
  '.packed-poulailler-2026-02-30-open-20260302T0700Z-1.gz',
  '.packed-poulailler-2026-11-23-open-20261323T0700Z-1.gz',
  '.packed-poulailler-2026-11-23-often-20261123T0700Z-1.gz',
  '.packed--2026-11-23-open-20261123T0700Z-.gz',
  '.packed-poulailler-2026-11-23-open-20260230T0700Z-1.gz',
  '.packed-poulailler-2026-11-23-open-20261123T0700Z-01.gz',
  '.recorded-poulailler-2026-11-23',
])('%s is no pack', (name) => {
  expect(parsePackName(name)).toBeUndefined()
})
