import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ANA, BOB, CLEO, mapOf, nov, observeAll, PHONE } from '../../testing/sample-maps.ts'
import type { DeviceEvent } from '../tickets/tickets.ts'
import { endDoubts, importAudit } from './import-audit.ts'
import { EMPTY_HISTORY, isInOrder, type MapHistory } from './map-history.ts'
import type { Member, MemberMap } from './member-map.ts'
import { observeMap } from './observe-map.ts'

const PARIS = 'Europe/Paris'

const phone = (member: Member) => mapOf([PHONE, member])
/** Of the 1st and the 3rd; the next map is that of the 9th. */
const ANAS: [number, MemberMap][] = [
  [1, phone(ANA)],
  [3, phone(ANA)],
]

/** `+ana 5`: the phone was given to Ana on the 5th at noon; `-ana 5T23:30Z`. */
function event(text: string): DeviceEvent {
  const [, sign, name, day, time] = /^([+-])(\w+) (\d+)(T.*)?$/.exec(text) ?? []
  return {
    mac: PHONE,
    email: `${name}@example.org`,
    change: sign === '+' ? 'added' : 'removed',
    occurred: new Date(`${nov(Number(day))}${time ?? 'T12:00Z'}`),
  }
}

/** `ana 1..4 until 12:00`, `bob 4 at 12:00..`: instants in UTC. */
function intervalsOf(history: MapHistory): string[] {
  const clock = (instant: string) => instant.slice(11, 16)
  const dayOf = (day: string) => (day < nov(1) ? '…' : String(Number(day.slice(8))))
  return (history.intervals.get(PHONE) ?? []).map(({ owner, from, at, until, endedAt }) => {
    const who = owner.kind === 'member' ? owner.email.replace('@example.org', '') : owner.kind
    const begun = `${who} ${dayOf(from)}${at === undefined ? '' : ` at ${clock(at)}`}`
    const end = until === undefined ? '' : dayOf(until)
    return `${begun}..${end}${endedAt === undefined ? '' : ` until ${clock(endedAt)}`}`
  })
}

/** The history with the map of the 9th, where `texts` is what the audit trail tells of the days since the 3rd. */
function observed(before: [number, MemberMap][], map: MemberMap, texts?: string[]): MapHistory {
  const { history } = observeAll(...before.map(([day, of]) => [nov(day), of] as const))
  const gap = { from: nov(4), events: texts?.map(event), timeZone: PARIS }
  return observeMap(history, map, nov(9), { acceptShrunk: true, gap }).history
}

describe('through days without a map, the phone', () => {
  test.each<[string, [number, MemberMap][], MemberMap, string[] | undefined, string[]]>([
    ['that stays', ANAS, phone(ANA), [], ['ana 1..']],
    ['sold', ANAS, phone(BOB), ['-ana 5', '+bob 5'], ['ana 1..5 until 12:00', 'bob 5 at 12:00..']],
    [
      'sold in the evening after the last map',
      ANAS,
      phone(BOB),
      ['-ana 3T22:30Z', '+bob 3T22:30Z'],
      ['ana 1..3 until 22:30', 'bob 3 at 22:30..'],
    ],
    [
      'sold late in the evening: the day is the local one',
      ANAS,
      phone(BOB),
      ['-ana 4T23:30Z', '+bob 4T23:30Z'],
      ['ana 1..5 until 23:30', 'bob 5 at 23:30..'],
    ],
    [
      'sold before the last map, which does not show it: not by that',
      ANAS,
      phone(BOB),
      ['-ana 2', '+bob 2'],
      ['ana 1..3', 'unsure 4..8', 'bob 9..'],
    ],
    [
      'registered, sold and taken away: no map ever had it',
      [[3, mapOf()]],
      mapOf(),
      ['+ana 5', '-ana 6', '+bob 6', '-bob 8'],
      ['ana 5..6 until 12:00', 'bob 6 at 12:00..8 until 12:00'],
    ],
    [
      'taken away before the last map: its day stays as it was charged',
      [...ANAS, [3, mapOf()]],
      mapOf(),
      ['-ana 3'],
      ['ana 1..3'],
    ],
    [
      'sold on the day of this map',
      ANAS,
      phone(BOB),
      ['-ana 9', '+bob 9'],
      ['ana 1..9 until 12:00', 'bob 9 at 12:00..'],
    ],
    ['sold after the day of this map: no news', ANAS, phone(ANA), ['-ana 10'], ['ana 1..']],
    [
      'sold twice on a day',
      ANAS,
      phone(CLEO),
      ['-ana 5T09:00Z', '+bob 5T09:00Z', '-bob 5', '+cleo 5'],
      ['ana 1..5 until 09:00', 'bob 5 at 09:00..5 until 12:00', 'cleo 5 at 12:00..'],
    ],
    ['taken', ANAS, mapOf(), ['-ana 5'], ['ana 1..5 until 12:00']],
    [
      'lent for some days',
      ANAS,
      phone(ANA),
      ['+bob 5', '-bob 7'],
      ['ana 1..5 until 12:00', 'ana 7..'],
    ],
    [
      'of a trail that can not be read',
      ANAS,
      phone(BOB),
      undefined,
      ['ana 1..3', 'unsure 4..8', 'bob 9..'],
    ],
    [
      'of which the trail tells nothing',
      ANAS,
      phone(BOB),
      [],
      ['ana 1..3', 'unsure 4..8', 'bob 9..'],
    ],
    [
      'of which the trail tells the first sale only',
      ANAS,
      phone(CLEO),
      ['-ana 5', '+bob 5'],
      ['ana 1..5 until 12:00', 'bob 5 at 12:00..5', 'unsure 6..8', 'cleo 9..'],
    ],
    [
      'that was to be another’s from the first of them on, of which nothing is told',
      [...ANAS, [3, phone(BOB)]],
      phone(CLEO),
      [],
      ['ana 1..3', 'unsure 4..8', 'cleo 9..'],
    ],
  ])('%s', (_, before, map, events, intervals) => {
    expect(intervalsOf(observed(before, map, events))).toEqual(intervals)
  })
})

describe('days in doubt', () => {
  const inDoubt = observed(ANAS, phone(BOB))

  test.each<[string, string[], string[]]>([
    ['of which nothing is told stay so', [], ['ana 1..3', 'unsure 4..8', 'bob 9..']],
    [
      'are whose the trail tells',
      ['-ana 5', '+bob 5'],
      ['ana …..…', 'ana 1..5 until 12:00', 'bob 5 at 12:00..'],
    ],
    [
      'are so where the trail tells nothing else that is new',
      ['+ana 1', '-ana 5', '+bob 5'],
      ['ana 1..5 until 12:00', 'bob 5 at 12:00..'],
    ],
    [
      'are each one’s where it was sold on',
      ['+ana 1', '-ana 5', '+cleo 5', '-cleo 7', '+bob 7'],
      ['ana 1..5 until 12:00', 'cleo 5 at 12:00..7 until 12:00', 'bob 7 at 12:00..'],
    ],
  ])('%s', (_, texts, intervals) => {
    expect(intervalsOf(importAudit(inDoubt, texts.map(event), PARIS))).toEqual(intervals)
  })
})

test('an address that passed on is its present user’s, also where only the trail knows of their device', () => {
  const people = (id: string) => [{ id, email: BOB.email }]
  const options = { acceptShrunk: true }
  const first = observeMap(EMPTY_HISTORY, phone(BOB), nov(1), { ...options, people: people('old') })
  // The first one left, and somebody else with the address had the phone for two days.
  const last = observeMap(first.history, mapOf(), nov(3), { ...options, people: people('new') })
  const gap = { from: nov(4), events: ['+bob 5', '-bob 7'].map(event), timeZone: PARIS }
  const { history } = observeMap(last.history, mapOf(), nov(9), {
    ...options,
    people: people('new'),
    gap,
  })
  const ids = history.intervals.get(PHONE)?.map(({ owner }) => owner.kind === 'member' && owner.id)
  expect(ids).toEqual(['old', 'new'])
})

test('whatever the trail tells, and in whatever part: no two owners on one day', () => {
  const mine = { ana: ANA, bob: BOB, cleo: CLEO }
  const names = fc.constantFrom('ana' as const, 'bob' as const, 'cleo' as const)
  const events = fc.array(
    fc.record({
      sign: fc.constantFrom('+', '-'),
      name: names,
      day: fc.integer({ min: 3, max: 10 }),
      hour: fc.integer({ min: 10, max: 22 }),
    }),
    { maxLength: 6 },
  )
  const told = (some: { sign: string; name: string; day: number; hour: number }[]) =>
    some
      .sort((a, b) => a.day - b.day || a.hour - b.hour)
      .map(({ sign, name, day, hour }) => event(`${sign}${name} ${day}T${hour}:00Z`))
  fc.assert(
    fc.property(names, names, events, events, (first, last, some, later) => {
      const { history } = observeAll([nov(3), phone(mine[first])])
      const gap = { from: nov(4), events: told(some), timeZone: PARIS }
      const gone = observeMap(history, phone(mine[last]), nov(9), { acceptShrunk: true, gap })
      const ended = endDoubts(gone.history, told(later), PARIS)
      for (const each of [gone.history, ended]) {
        const intervals = each.intervals.get(PHONE) ?? []
        expect(intervalsOf(each).join(', ') + (isInOrder(intervals) ? '' : ' OVERLAP')).not.toMatch(
          /OVERLAP/,
        )
      }
    }),
    { numRuns: 2000 },
  )
})
