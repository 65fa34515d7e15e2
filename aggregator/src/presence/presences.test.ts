import { readFileSync } from 'node:fs'
import {
  type DayWindow,
  dayWindow,
  type LocalDay,
  type Mac,
  macFromBits,
  macToBits,
  parseMac,
} from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatAmount } from '../domain/amount.ts'
import { amountFor, DEFAULT_RULE, parseOpeningHours } from '../domain/rule.ts'
import { parseMemberMap } from '../members/member-map.ts'
import { ownersOf } from '../members/ownership.ts'
import { type DayRollup, emptyRollup } from '../rollup/day-rollup.ts'
import { addMinute, emptyMinutes } from '../rollup/minute-set.ts'
import { mergeDayFile } from '../rollup/raw-object.ts'
import { presencesOf } from './presences.ts'

const PARIS = 'Europe/Paris'
const settings = { timeZone: PARIS, rule: DEFAULT_RULE }
const day = (text: string) => text as LocalDay
const ordinary = dayWindow(day('2026-11-20'), PARIS)

/** A rollup in which each device (by its number) was seen at the given `HH:MM` of an ordinary day. */
function rollup(
  location: string,
  seen: Record<number, readonly string[]>,
  window: DayWindow = ordinary,
): DayRollup {
  const made = emptyRollup(location, window)
  for (const [bits, times] of Object.entries(seen)) {
    const minutes = emptyMinutes(window.minutes)
    for (const time of times)
      addMinute(minutes, Number(time.slice(0, 2)) * 60 + Number(time.slice(3)))
    made.devices.set(Number(bits), minutes)
  }
  return made
}

const owners = (rows: string) => ownersOf(parseMemberMap(rows))
const ANA = `${macFromBits(1)}\tana+2000@Example.org\tAna\tMartin`
const ANAS_LAPTOP = `${macFromBits(2)}\tana+2000@Example.org\tAna\tMartin`
const BOB = `${macFromBits(3)}\tbob@example.org\tBob\tWeber`

function times(from: string, count: number, everyMinutes: number): string[] {
  const start = Number(from.slice(0, 2)) * 60 + Number(from.slice(3))
  return Array.from({ length: count }, (_, index) => {
    const minute = start + index * everyMinutes
    return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
  })
}

describe('the rule', () => {
  test.each([
    [0, 0],
    [2, 0],
    [3, 0.5],
    [29, 0.5],
    [30, 1],
    [84, 1],
  ])('%i slots are %d ticket', (slots, amount) => {
    expect(amountFor(slots, DEFAULT_RULE)).toBe(amount)
  })

  test.each([
    ['one minute in each of two slots', ['09:09', '09:10'], 2],
    ['many minutes in one slot', times('09:10', 10, 1), 1],
    ['a minute before opening', ['07:59'], 0],
    ['the first minute', ['08:00'], 1],
    ['the last minute', ['21:59'], 1],
    ['a minute after closing', ['22:00'], 0],
    ['every minute of the day', times('00:00', 1440, 1), 84],
  ])('%s', (_, seen, slots) => {
    const { members } = presencesOf(ordinary, [rollup('a', { 1: seen })], owners(ANA), settings)
    expect(members[0]?.slots.length ?? 0).toBe(slots)
  })

  test.each([
    [0, '0'],
    [0.5, '0.5'],
    [1, '1.0'],
  ] as const)('%d is written %s', (amount, text) => {
    expect(formatAmount(amount)).toBe(text)
  })

  test.each([
    ['08:00-21:59', { firstMinute: 480, lastMinute: 1319 }],
    ['00:00-23:59', { firstMinute: 0, lastMinute: 1439 }],
    ['08:00-08:00', undefined],
    ['21:59-08:00', undefined],
    ['8:00-21:59', undefined],
    ['08:00-24:00', undefined],
    ['08:60-21:59', undefined],
    ['', undefined],
  ])('opening hours %j', (text, hours) => {
    expect(parseOpeningHours(text)).toEqual(hours)
  })
})

describe('a member', () => {
  test('is seen when any device is, at any location: the union, not the sum', () => {
    const { members } = presencesOf(
      ordinary,
      [
        rollup('a', { 1: times('09:00', 20, 10), 2: times('09:00', 10, 10) }),
        rollup('b', { 2: times('12:20', 10, 10) }),
      ],
      owners(`${ANA}\n${ANAS_LAPTOP}`),
      settings,
    )
    expect(members).toHaveLength(1)
    expect(members[0]).toMatchObject({ email: 'ana+2000@Example.org', amount: 1 })
    expect(members[0]?.slots).toHaveLength(30)
    expect(
      members[0]?.devices.map(({ mac, location, minutes }) => [mac, location, minutes]),
    ).toEqual([
      [macFromBits(1), 'a', 20],
      [macFromBits(2), 'a', 10],
      [macFromBits(2), 'b', 10],
    ])
  })

  test('does not take slots from another', () => {
    const { members } = presencesOf(
      ordinary,
      [rollup('a', { 1: ['09:00', '09:10', '09:20'], 3: ['09:20', '09:30', '09:40'] })],
      owners(`${ANA}\n${BOB}`),
      settings,
    )
    expect(members.map(({ email, amount }) => [email, amount])).toEqual([
      ['ana+2000@Example.org', 0.5],
      ['bob@example.org', 0.5],
    ])
  })
})

test('who can not be charged is told; the space and strangers are not', () => {
  const map = [
    ANA,
    `${macFromBits(4)}\t\tEve\tNomail`,
    `${macFromBits(5)}\tbox@example.org\tBox\tCOWORKING`,
    `${macFromBits(6)}\tx@example.org\tX\tOne`,
    `${macFromBits(6)}\ty@example.org\tY\tTwo`,
  ].join('\n')
  const long = times('09:00', 30, 10)
  const { members, unchargeable, unknownDevices } = presencesOf(
    ordinary,
    [rollup('a', { 4: long, 5: long, 6: long, 7: long, 8: ['07:00'] })],
    owners(map),
    settings,
  )
  expect(members).toEqual([])
  expect(unchargeable.map(({ owner, amount }) => [owner.kind, owner.name, amount])).toEqual([
    ['noEmail', 'Eve Nomail', 1],
    ['ambiguous', 'x@example.org / y@example.org', 1],
  ])
  expect(unknownDevices).toBe(1)
})

describe('who is told of', () => {
  const map = owners(
    [
      ANA,
      `${macFromBits(4)}\t\tEve\tNomail`,
      `${macFromBits(5)}\tbox@example.org\tBox\tCOWORKING`,
      `${macFromBits(6)}\tx@example.org\tX\tOne`,
      `${macFromBits(6)}\ty@example.org\tY\tTwo`,
    ].join('\n'),
  )
  const kindsOf = (days: readonly { owner: { kind: string } }[]) =>
    days.map(({ owner }) => owner.kind)

  // Who lacks an e-mail lacks a charge from half a day on; of a disputed device any slot may be what lacks.
  test.each([
    ['nobody without an e-mail, for less than half a day', 4, times('09:00', 2, 10), []],
    ['who has no e-mail, from half a day on', 4, times('09:00', 3, 10), ['noEmail']],
    ['nobody for a disputed device outside the opening hours', 6, ['07:59', '22:00'], []],
    ['both for a disputed device, from one slot on', 6, ['09:00'], ['ambiguous']],
    ['nobody for a device of the space', 5, times('09:00', 30, 10), []],
    ['nobody for a member who can be charged', 1, times('09:00', 30, 10), []],
  ])('%s', (_, device, seen, told) => {
    const { unchargeable } = presencesOf(ordinary, [rollup('a', { [device]: seen })], map, settings)
    expect(kindsOf(unchargeable)).toEqual(told)
  })

  test.each([
    ['only outside the opening hours', ['07:59', '22:00'], [], ['member']],
    ['outside and inside', ['07:59', '08:00'], ['member'], []],
  ])('a member seen %s', (_, seen, charged, outside) => {
    const day = presencesOf(ordinary, [rollup('a', { 1: seen })], map, settings)
    expect(kindsOf(day.members)).toEqual(charged)
    expect(kindsOf(day.outsideHours)).toEqual(outside)
  })

  test('strangers are counted once each, and those outside the opening hours are not', () => {
    const rooms = [
      rollup('a', { 7: ['08:00'], 8: ['07:59'], 9: ['21:59'] }),
      rollup('b', { 7: ['08:00'] }),
    ]
    expect(presencesOf(ordinary, rooms, map, settings).unknownDevices).toBe(2)
  })
})

test('evidence is in order, in whatever order it was found', () => {
  const rooms = [
    rollup('b', { 3: ['09:00'], 2: ['12:00', '21:50'], 1: ['16:40', '09:00'] }),
    rollup('a', { 2: ['10:00'], 1: ['16:30'] }),
  ]
  const rows = owners(`${BOB}\n${ANA}\n${ANAS_LAPTOP}`)
  const [ana, bob] = presencesOf(ordinary, rooms, rows, settings).members
  expect([ana?.email, bob?.email]).toEqual(['ana+2000@Example.org', 'bob@example.org'])
  expect(ana?.slots).toEqual([54, 60, 72, 99, 100, 131])
  expect(ana?.devices.map(({ mac, location, slots }) => [mac, location, slots])).toEqual([
    [macFromBits(1), 'a', [99]],
    [macFromBits(1), 'b', [54, 100]],
    [macFromBits(2), 'a', [60]],
    [macFromBits(2), 'b', [72, 131]],
  ])
})

describe('the sample history, whose truth comes from its generator', () => {
  const history = new URL('../../testdata/history/', import.meta.url)
  const text = (path: string) => readFileSync(new URL(path, history), 'utf8')
  const truth = text('truth.tsv')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))

  test.each([...new Set(truth.map(([date]) => date as string))])('%s', (date) => {
    const window = dayWindow(day(date), PARIS)
    const rollups = ['poulailler', 'pti-poulailler'].map((location) => {
      const made = emptyRollup(location, window)
      const bytes = readFileSync(new URL(`presences/${location}/${date}`, history))
      mergeDayFile(made, { key: location, etag: '1', bytes })
      expect([...made.faults]).toEqual([])
      return made
    })
    const { members } = presencesOf(window, rollups, owners(text('mac.tsv')), settings)
    const computed = members.map(({ email, slots, amount }) => [
      date,
      email,
      String(slots.length),
      formatAmount(amount),
    ])
    expect(computed).toEqual(truth.filter(([truthDate]) => truthDate === date))
  })
})

test('slots grow with what is seen, never shrink: more minutes never lower an amount', () => {
  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { maxLength: 60 })
  const amount = (seen: readonly number[]) => {
    const made = emptyRollup('a', ordinary)
    const set = emptyMinutes(ordinary.minutes)
    for (const minute of seen) addMinute(set, minute)
    made.devices.set(macToBits(parseMac('000000000001') as Mac), set)
    return presencesOf(ordinary, [made], owners(ANA), settings).members[0]?.amount ?? 0
  }
  fc.assert(
    fc.property(minutes, minutes, (seen, more) => amount([...seen, ...more]) >= amount(seen)),
  )
})

test('slots are those of the wall clock when clocks change: an oracle from the platform', () => {
  const anyDay = fc.constantFrom('2026-03-29', '2026-10-25', '2026-11-20')
  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 1379 }), { maxLength: 60 })
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: PARIS,
    hour: '2-digit',
    minute: '2-digit',
  })
  fc.assert(
    fc.property(anyDay, minutes, (date, seen) => {
      const window = dayWindow(day(date), PARIS)
      const made = emptyRollup('a', window)
      const set = emptyMinutes(window.minutes)
      for (const minute of seen) addMinute(set, minute)
      made.devices.set(1, set)
      const labels = seen
        .map((minute) => clock.format((window.start + minute) * 60_000))
        .filter((label) => label >= '08:00' && label <= '21:59')
        .map((label) => label.slice(0, 4))
      const { members } = presencesOf(window, [made], owners(ANA), settings)
      expect(members[0]?.slots.length ?? 0).toBe(new Set(labels).size)
    }),
  )
})
