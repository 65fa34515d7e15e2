import { epochMinuteOf } from '@presences/shared'
import { describe, expect, test } from 'vitest'
import { DEFAULT_RULE } from '../domain/rule.ts'
import { healthOf, openMinutesUntil, silentProbes } from './location-health.ts'

const settings = {
  timeZone: 'Europe/Paris',
  openingHours: DEFAULT_RULE.openingHours,
  silentMinutes: 15,
}
/** A Sunday in winter: Paris is an hour ahead. */
const at = (clock: string, day = '2026-11-22') => new Date(`${day}T${clock}:30+01:00`)
const minuteAt = (clock: string, day?: string) => epochMinuteOf(at(clock, day))

function stateAt(now: Date, last: Date | undefined) {
  const probes = last ? [{ probe: 'box', lastMinute: epochMinuteOf(last) }] : []
  const seen = { location: 'poulailler', probes, minutesToday: new Set<number>() }
  return healthOf(seen, now, settings).state
}

describe('the state of a location', () => {
  test.each([
    ['heard 15 minutes ago', at('10:15'), at('10:00'), 'looking'],
    ['heard 16 minutes ago', at('10:16'), at('10:00'), 'silent'],
    [
      'not heard all night, 15 minutes after opening',
      at('08:15'),
      at('23:00', '2026-11-21'),
      'closed',
    ],
    [
      'not heard all night, 16 minutes after opening',
      at('08:16'),
      at('23:00', '2026-11-21'),
      'silent',
    ],
    ['the last minute that is open', at('21:59'), at('21:00'), 'silent'],
    ['after closing', at('22:00'), at('21:00'), 'closed'],
    ['before opening', at('07:59'), at('05:00'), 'closed'],
    ['heard in the night', at('03:00'), at('02:59'), 'looking'],
    ['a clock ahead of ours', at('10:00'), at('10:05'), 'looking'],
    ['30 days ago to the minute', at('10:00'), at('10:00', '2026-10-23'), 'silent'],
    ['a minute more', at('10:00'), at('09:59', '2026-10-23'), 'retired'],
    ['never', at('10:00'), undefined, 'retired'],
  ])('%s', (_, now, last, state) => {
    expect(stateAt(now, last)).toBe(state)
  })

  test('is that of the probe heard last', () => {
    const probes = [
      { probe: 'old', lastMinute: minuteAt('08:00') },
      { probe: 'box', lastMinute: minuteAt('10:00') },
    ]
    const seen = { location: 'poulailler', probes, minutesToday: new Set<number>() }
    expect(healthOf(seen, at('10:01'), settings)).toMatchObject({ state: 'looking', ageMinutes: 1 })
  })
})

describe('the probes that are silent beside another one', () => {
  const old = { probe: 'old', lastMinute: minuteAt('09:00') }
  const script = { probe: undefined, lastMinute: minuteAt('09:00') }
  const box = { probe: 'box', lastMinute: minuteAt('10:00') }
  test.each([
    ['one of two', [box, old], '10:01', ['old']],
    ['both', [box, old], '10:30', []],
    ['one of two, at night', [{ ...box, lastMinute: minuteAt('22:30') }, old], '22:31', []],
    ['the only one', [old], '10:01', []],
    ['the script of old that a box took over from', [box, script], '10:01', []],
    [
      'the box, while the script of old goes on',
      [{ ...script, lastMinute: box.lastMinute }, old],
      '10:01',
      ['old'],
    ],
  ])('%s', (_, probes, clock, silent) => {
    const seen = { location: 'poulailler', probes, minutesToday: new Set<number>() }
    const health = healthOf(seen, at(clock), settings)
    expect(silentProbes(health).map(({ probe }) => probe)).toEqual(silent)
  })
})

describe('minutes looked at today', () => {
  test.each([
    ['07:59', 0, 0],
    ['08:00', 1, 1],
    ['08:03', 4, 3],
    ['22:30', 840, 3],
  ])('until %s', (clock, open, looked) => {
    const minutes = ['07:58', '08:00', '08:01', '08:03'].map((each) => minuteAt(each))
    const seen = { location: 'poulailler', probes: [], minutesToday: new Set(minutes) }
    expect(healthOf(seen, at(clock), settings).today).toEqual({ looked, open })
  })

  test.each(['2026-03-29', '2026-10-25', '2026-06-01'])('there are 840 of them on %s', (day) => {
    expect(openMinutesUntil(new Date(`${day}T21:30:00Z`), settings)).toHaveLength(840)
  })
})
