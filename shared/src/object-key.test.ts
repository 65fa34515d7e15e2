import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LocalDay } from './calendar.ts'
import { epochMinuteOf, instantOf, localDayOf } from './local-day.ts'
import { formatDayKey, formatMinuteKey, formatSpoolPath, parseRawKey } from './object-key.ts'

const day = '2026-11-22' as LocalDay
const minute = epochMinuteOf(new Date('2026-11-22T07:12Z'))

test('a minute key is the example of the design', () => {
  const name = { location: 'poulailler', day, minute, probe: 'box-1' }
  expect(formatMinuteKey(name)).toBe('presences/poulailler/2026-11-22/20261122T0712Z-box-1.tsv')
  expect(formatSpoolPath(name)).toBe('poulailler/2026-11-22/20261122T0712Z-box-1.tsv')
  expect(formatDayKey('poulailler', day)).toBe('presences/poulailler/2026-11-22')
})

test('formatMinuteKey and parseRawKey are a pair', () => {
  const location = fc.stringMatching(/^[a-z0-9-]{1,20}$/)
  const probe = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
  const minutes = fc.integer({ min: 0, max: epochMinuteOf(new Date('9999-12-30')) })
  fc.assert(
    fc.property(location, probe, minutes, (location, probe, minute) => {
      const name = { location, probe, minute, day: localDayOf(instantOf(minute), 'Europe/Paris') }
      expect(parseRawKey(formatMinuteKey(name))).toEqual({ kind: 'minute', ...name })
      expect(parseRawKey(formatDayKey(location, name.day))).toEqual({
        kind: 'day',
        location,
        day: name.day,
      })
    }),
  )
})

test('a location has 64 characters at most, read and written', () => {
  const location = 'a'.repeat(64)
  expect(parseRawKey(`presences/${location}/2026-11-22`)).toMatchObject({ location })
  expect(formatSpoolPath({ location, day, minute, probe: 'box' })).toContain(location)
})

test.each([
  'presences/Salle à côté/2026-11-22',
  'presences/Poulailler/2026-11-22',
  `presences/${'a'.repeat(65)}/2026-11-22`,
  `presences/${'a'.repeat(1000)}/2026-11-22/20261122T0712Z-box.tsv`,
  'rollups/poulailler/2026-11-22',
  'presences/poulailler',
  'presences//2026-11-22',
  'presences/poulailler/2026-02-30',
  'presences/poulailler/2026-11-22/',
  'presences/poulailler/2026-11-22/readme.txt',
  'presences/poulailler/2026-11-22/20261122T2512Z-box.tsv',
  'presences/poulailler/2026-11-22/20261122T2400Z-box.tsv',
  'presences/poulailler/2026-11-22/20261122T0760Z-box.tsv',
  'presences/poulailler/2026-11-22/20260230T0712Z-box.tsv',
  'presences/poulailler/2026-11-22/20261122T0712Z-.tsv',
  'presences/poulailler/2026-11-22/20261122T0712Z-.box.tsv',
  'presences/poulailler/2026-11-22/20261122T0712Z-box.tsv.partial',
  'presences/poulailler/2026-11-22/.20261122T0712Z-box.tsv',
  'presences/poulailler/2026-11-22/sub/20261122T0712Z-box.tsv',
])('%s is none of ours', (key) => {
  expect(parseRawKey(key)).toBeUndefined()
})

test.each([
  { location: 'Poulailler', probe: 'box' },
  { location: 'a/b', probe: 'box' },
  { location: '', probe: 'box' },
  { location: 'a'.repeat(65), probe: 'box' },
  { location: 'poulailler', probe: '' },
  { location: 'poulailler', probe: '.box' },
  { location: 'poulailler', probe: 'a/b' },
])('a name that could not be read back is refused: %j', ({ location, probe }) => {
  expect(() => formatMinuteKey({ location, day, minute, probe })).toThrow(RangeError)
})
