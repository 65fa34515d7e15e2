import { addDays, type LocalDay, type Mac } from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ANA,
  BOB,
  CLEO,
  intervalsOf,
  LAPTOP,
  mapOf,
  nov,
  observeAll,
  PHONE,
  ROUTER,
  SPACE,
} from '../../testing/sample-maps.ts'
import type { DeviceEvent } from '../tickets/tickets.ts'
import { decodeHistory, encodeHistory } from './history-codec.ts'
import { importAudit } from './import-audit.ts'
import { EMPTY_HISTORY, isInOrder, type MapHistory, ownerOn } from './map-history.ts'
import type { Member } from './member-map.ts'

const PARIS = 'Europe/Paris'
/** The first map was seen on the 20th: the laptop is Ana's, the phone is not on it. */
const { history: HISTORY } = observeAll(
  [nov(20), mapOf([LAPTOP, ANA], [ROUTER, SPACE])],
  [nov(22), mapOf([LAPTOP, ANA], [ROUTER, SPACE])],
)

/** `+ana 5`: the phone was given to Ana on the 5th at noon; `-ana 5T23:30Z`. */
const event = (text: string, mac: Mac = PHONE): DeviceEvent => {
  const [, sign, name, day, time] = /^([+-])(\w+) (\d+)(T.*)?$/.exec(text) ?? []
  return {
    mac,
    email: `${name}@example.org`,
    change: sign === '+' ? 'added' : 'removed',
    occurred: new Date(`${nov(Number(day))}${time ?? 'T12:00Z'}`),
  }
}

describe('the phone, on no map', () => {
  test.each<[string, string[], string[]]>([
    ['given and taken', ['+ana 5', '-ana 8'], ['ana 5..8']],
    ['still given when the first map was seen', ['+ana 5'], ['ana 5..19']],
    ['taken only: always theirs before', ['-ana 8'], ['ana 1970..8']],
    [
      'passed on the same day: it is shared',
      ['+ana 5', '-ana 8', '+bob 8'],
      ['ana 5..8', 'bob 8..19'],
    ],
    ['passed on later', ['-ana 8', '+bob 11'], ['ana 1970..8', 'bob 11..19']],
    [
      'given to another before it was taken',
      ['+ana 5', '+bob 8', '-ana 10'],
      ['ana 5..8', 'bob 10..19'],
    ],
    ['given to another by mistake', ['+ana 5', '+bob 8', '-bob 8'], ['ana 5..19']],
    ['given by mistake for some days', ['+ana 5', '+bob 8', '-bob 10'], ['ana 5..8', 'ana 10..19']],
    ["given for an hour of somebody's last day", ['-ana 8', '+bob 8', '-bob 8'], ['ana 1970..8']],
    ['edited', ['+ana 5', '-ana 8', '+ana 8'], ['ana 5..19']],
    ['given twice', ['+ana 5', '+ana 8', '-ana 9', '-ana 12'], ['ana 5..9']],
    ['of two at first', ['-ana 5', '-bob 8'], ['bob 5..8']],
    ['told in the wrong order', ['-ana 8', '+ana 5'], ['ana 5..8']],
    ['late in the evening: the day is the local one', ['+ana 5T23:30Z'], ['ana 6..19']],
    ['given on the day of the first map: no news', ['+ana 20'], []],
    ['taken since the first map', ['-ana 21'], ['ana 1970..19']],
    ['given on the last day before', ['+ana 19'], ['ana 19..19']],
  ])('%s', (_, texts, intervals) => {
    const history = importAudit(
      HISTORY,
      texts.map((text) => event(text)),
      PARIS,
    )
    expect(intervalsOf(history, PHONE)).toEqual(intervals.map(inFull))
  })
})

describe('the day of an act', () => {
  const ends = (texts: string[], history = HISTORY) =>
    importAudit(
      history,
      texts.map((text) => event(text)),
      PARIS,
    )
      .intervals.get(PHONE)
      ?.map(({ at = '', endedAt = '' }) => [at.slice(11, 16), endedAt.slice(11, 16)])

  test.each<[string, string[], [string, string][]]>([
    [
      'is shared, to the minute',
      ['-ana 8T09:00Z', '+bob 8T15:00Z'],
      [
        ['', '09:00'],
        ['15:00', ''],
      ],
    ],
    [
      'three ways',
      ['-ana 8T09:00Z', '+bob 8T09:00Z', '-bob 8T15:00Z', '+cleo 8T16:00Z'],
      [
        ['', '09:00'],
        ['09:00', '15:00'],
        ['16:00', ''],
      ],
    ],
    ['is whole for whom nobody had it before', ['+ana 5T09:00Z'], [['', '']]],
    ['is whole where it was given back at once', ['-ana 8T09:00Z', '+ana 8T09:00Z'], [['', '']]],
    ['is not where it is that of the first map', ['-ana 20T09:00Z'], [['', '']]],
  ])('%s', (_, texts, expected) => {
    expect(ends(texts)).toEqual(expected)
  })

  test('stays with whom an earlier import gave it to', () => {
    const known = importAudit(HISTORY, [event('+bob 8T12:00Z'), event('-bob 8T15:00Z')], PARIS)
    expect(ends(['-ana 8T09:00Z', '+bob 8T12:00Z', '-bob 8T15:00Z'], known)).toEqual([
      ['', ''],
      ['', '15:00'],
    ])
  })
})

describe('a device of the map', () => {
  test('has its older days from the audit trail, and the others from the map', () => {
    const history = importAudit(HISTORY, [event('+ana 5', LAPTOP)], PARIS)
    expect(intervalsOf(history, LAPTOP)).toEqual([
      inFull('ana 5..19'),
      `${ANA.email} ${nov(20)}.. map`,
    ])
    expect(ownerOn(history, LAPTOP, nov(4))).toMatchObject({
      source: 'registered-late',
      interval: { registeredOn: nov(5) },
    })
  })

  test('is whose the map says where the trail says otherwise', () => {
    const history = importAudit(HISTORY, [event('+bob 5', LAPTOP), event('-bob 21', LAPTOP)], PARIS)
    expect(intervalsOf(history, LAPTOP)).toEqual([
      inFull('bob 5..19'),
      `${ANA.email} ${nov(20)}.. map`,
    ])
  })

  test("of a member without an e-mail is nobody's, and the history can be read again", () => {
    const noEmail = { ...event('+ana 5', LAPTOP), email: '' }
    const history = importAudit(HISTORY, [noEmail, { ...event('-ana 8', PHONE), email: '' }], PARIS)
    expect(intervalsOf(history, LAPTOP)).toEqual([`${ANA.email} ${nov(20)}.. map`])
    expect(intervalsOf(history, PHONE)).toEqual([])
    expect(decodeHistory(encodeHistory(history))).toEqual(history)
  })

  test("is the space's when its e-mail is", () => {
    const history = importAudit(HISTORY, [event('+space 5', ROUTER)], PARIS)
    expect(ownerOn(history, ROUTER, nov(6))).toMatchObject({
      owner: { kind: 'excluded' },
      source: 'audit',
    })
  })

  test('is under the present e-mail and name', () => {
    const ana2: Member = { ...ANA, email: 'ana.martin@example.org' }
    const { history } = observeAll(
      [nov(20), mapOf([LAPTOP, ANA])],
      [nov(21), mapOf([LAPTOP, ana2])],
    )
    const imported = importAudit(history, [event('+ana 5')], PARIS)
    expect(ownerOn(imported, PHONE, nov(6))?.owner).toEqual({
      kind: 'member',
      email: ana2.email,
      name: 'Ana Martin',
    })
  })
})

test('a second import adds what the first did not know, and moves no day', () => {
  const events = ['+bob 1', '-bob 3', '-ana 12'].map((text) => event(text))
  const recent = importAudit(HISTORY, events.slice(2), PARIS)
  expect(importAudit(recent, events, PARIS)).toBe(recent)
  const early = importAudit(HISTORY, events.slice(0, 2), PARIS)
  expect(
    intervalsOf(importAudit(early, [event('+ana 2'), event('-ana 12')], PARIS), PHONE),
  ).toEqual(['bob 1..3', 'ana 4..12'].map(inFull))
})

test.each([
  ['before, between and after', ['+bob 5', '-bob 15'], ['bob 5..9', 'ana 10..12', 'bob 13..15']],
  [
    'one day before, and one after',
    ['+bob 9', '-bob 13'],
    ['bob 9..9', 'ana 10..12', 'bob 13..13'],
  ],
  ['the same days', ['+bob 10', '-bob 12'], ['ana 10..12']],
])('a later import fills the days around those that have an owner: %s', (_, texts, intervals) => {
  const first = importAudit(HISTORY, [event('+ana 10'), event('-ana 12')], PARIS)
  const later = importAudit(
    first,
    texts.map((text) => event(text)),
    PARIS,
  )
  expect(intervalsOf(later, PHONE)).toEqual(intervals.map(inFull))
})

test('waits for the first map', () => {
  expect(() => importAudit(EMPTY_HISTORY, [event('+ana 5')], PARIS)).toThrow('record it first')
})

// Of two acts at one instant the trail's order tells which came first: turned round, it says something else.
const acts = fc.uniqueArray(
  fc.record({
    mac: fc.constantFrom(PHONE, LAPTOP),
    email: fc.constantFrom(ANA.email, BOB.email, CLEO.email, SPACE.email),
    change: fc.constantFrom('added' as const, 'removed' as const),
    occurred: fc.date({
      min: new Date('2026-11-03T00:00Z'),
      max: new Date('2026-11-25T00:00Z'),
      noInvalidDate: true,
    }),
  }),
  { maxLength: 12, selector: ({ occurred }) => occurred.getTime() },
)
const PAST = Array.from({ length: 30 }, (_, at) => addDays(nov(20), -at - 1))
const owners = (history: MapHistory, mac: Mac, days: readonly LocalDay[]) =>
  days.map((day) => {
    const owned = ownerOn(history, mac, day)
    return owned?.source === 'registered-late' ? undefined : owned?.owner
  })

test('any trail: in order, only before the first map, once is as good as twice', () => {
  fc.assert(
    fc.property(acts, acts, (first, second) => {
      const history = importAudit(HISTORY, first, PARIS)
      expect(importAudit(history, first, PARIS)).toBe(history)
      expect(importAudit(HISTORY, first.toReversed(), PARIS)).toEqual(history)
      const more = importAudit(history, second, PARIS)
      for (const mac of [PHONE, LAPTOP]) {
        const after = owners(more, mac, PAST)
        for (const [at, owner] of owners(history, mac, PAST).entries()) {
          if (owner) expect(after[at]).toEqual(owner)
        }
        const intervals = more.intervals.get(mac) ?? []
        for (const [at, { from, until, origin }] of intervals.entries()) {
          if (origin === 'audit') expect(until !== undefined && until < nov(20)).toBe(true)
          if (until !== undefined) expect(from <= until).toBe(true)
          const next = intervals[at + 1]
          if (next?.at === undefined) continue
          expect(until).toBe(next.from)
        }
        expect(isInOrder(intervals)).toBe(true)
        expect(intervals.filter(({ origin }) => origin === 'map')).toEqual(
          HISTORY.intervals.get(mac) ?? [],
        )
      }
    }),
    { numRuns: 500 },
  )
})

test('any trail says what a table of days does', () => {
  fc.assert(
    fc.property(acts, (events) => {
      const history = importAudit(HISTORY, events, PARIS)
      const own = events.filter(({ mac }) => mac === PHONE)
      const table = tableOf(own)
      for (const day of PAST) {
        const owned = ownerOn(history, PHONE, day)
        const covered = owned?.source === 'audit'
        expect(covered ? emailOf(owned.owner) : undefined).toBe(table.get(day))
      }
    }),
    { numRuns: 500 },
  )
})

/** The oracle: who alone had the phone as each day began; if nobody, who alone first had it during the day. */
function tableOf(events: readonly DeviceEvent[]): Map<LocalDay, string | undefined> {
  const inOrder = [...events].sort((a, b) => +a.occurred - +b.occurred)
  const everyone = [...new Set(inOrder.map(({ email }) => email))]
  const had = new Set(
    everyone.filter((email) => inOrder.find((each) => each.email === email)?.change === 'removed'),
  )
  const alone = () => (had.size === 1 ? [...had][0] : undefined)
  const table = new Map<LocalDay, string | undefined>()
  for (const day of PAST.toReversed()) {
    let owner = alone()
    for (const { email, change, occurred } of inOrder) {
      if (parisDay(occurred) !== day) continue
      if (change === 'added') had.add(email)
      else had.delete(email)
      owner ??= alone()
    }
    table.set(day, owner)
  }
  return table
}

/** Paris is an hour ahead of UTC in November. */
function parisDay(instant: Date): string {
  return new Date(instant.getTime() + 3_600_000).toISOString().slice(0, 10)
}

function emailOf(owner: { kind: string; email?: string; name: string }): string {
  return owner.email ?? owner.name
}

/** `ana 5..8` as `ana@example.org 2026-11-05..2026-11-08 audit`. */
function inFull(short: string): string {
  const named = short.replace(/^\w+/, (name) => `${name}@example.org`)
  return `${named.replaceAll(/\b\d{1,2}\b/g, (day) => nov(Number(day))).replace('1970', '1970-01-01')} audit`
}
