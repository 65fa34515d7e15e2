import { describe, expect, test } from 'vitest'
import {
  ANA,
  BADGE,
  BOB,
  LAPTOP,
  mapOf,
  nov,
  observeAll,
  PHONE,
  SPACE,
  TABLET,
} from '../../testing/sample-maps.ts'
import { type Interval, type IntervalOwner, ownerOn, registeredSince } from './map-history.ts'

const ana: IntervalOwner = { kind: 'member', email: ANA.email, name: 'Ana Martin' }
const bob: IntervalOwner = { kind: 'member', email: BOB.email, name: 'Bob Petit' }
const INTERVALS: Interval[] = [
  { owner: ana, from: nov(5), until: nov(7), origin: 'audit', registeredOn: nov(5) },
  { owner: bob, from: nov(10), until: nov(12), origin: 'map', registeredOn: nov(10) },
]
const OPEN: Interval = {
  owner: ana,
  from: nov(13),
  until: undefined,
  origin: 'map',
  registeredOn: nov(13),
}

const historyOf = (...intervals: Interval[]) => ({
  firstObservedOn: nov(8),
  observedOn: nov(14),
  intervals: new Map([[PHONE, intervals]]),
  renames: [],
  people: new Map(),
})

describe('the owner on a day', () => {
  test.each([
    [1, ANA.email, 'registered-late', 5],
    [4, ANA.email, 'registered-late', 5],
    [5, ANA.email, 'audit', 5],
    [7, ANA.email, 'audit', 5],
    [8, BOB.email, 'registered-late', 10],
    [9, BOB.email, 'registered-late', 10],
    [10, BOB.email, 'map', 10],
    [12, BOB.email, 'map', 10],
  ])('%i November: %s, %s', (day, email, source, registered) => {
    expect(ownerOn(historyOf(...INTERVALS), PHONE, nov(day))).toMatchObject({
      owner: { email },
      source,
      interval: { registeredOn: nov(registered) },
    })
  })

  test('after the last one: nobody, or whoever has it now', () => {
    expect(ownerOn(historyOf(...INTERVALS), PHONE, nov(13))).toBeUndefined()
    expect(ownerOn(historyOf(...INTERVALS, OPEN), PHONE, nov(13))?.source).toBe('map')
    expect(ownerOn(historyOf(...INTERVALS, OPEN), PHONE, nov(30))?.owner).toBe(ana)
  })

  test('of a device that nobody ever registered: nobody', () => {
    expect(ownerOn(historyOf(...INTERVALS), LAPTOP, nov(5))).toBeUndefined()
  })
})

describe('devices registered since a day', () => {
  const { history } = observeAll(
    [nov(3), mapOf([PHONE, ANA])],
    [nov(5), mapOf([PHONE, BOB], [LAPTOP, BOB])],
    [nov(8), mapOf([LAPTOP, BOB], [TABLET, SPACE])],
    [nov(9), mapOf([LAPTOP, BOB], [TABLET, ANA], [PHONE, ANA])],
  )
  test.each([
    [1, [LAPTOP, PHONE]],
    [5, [LAPTOP, PHONE]],
    [6, [PHONE]],
    [10, []],
  ])('%i November: not those of the first map, nor those that changed hands', (since, macs) => {
    expect(registeredSince(history, nov(since), nov(3)).map(({ mac }) => mac)).toEqual(macs)
  })

  test('tell whose they are, and since when that is known', () => {
    expect(registeredSince(history, nov(6), nov(3))).toEqual([
      { mac: PHONE, owner: ana, registeredOn: nov(9) },
    ])
  })

  test('are none of the audit trail: those were somebody’s before the first map', () => {
    const past = { ...OPEN, until: nov(13), origin: 'audit' as const }
    expect(registeredSince(historyOf(past), nov(1), nov(14))).toEqual([])
    expect(registeredSince(historyOf({ ...past, origin: 'map' }), nov(1), nov(14))).toHaveLength(1)
  })

  test('are all of those, where charging began before the first map', () => {
    const first = observeAll([nov(3), mapOf([PHONE, ANA])]).history
    expect(registeredSince(first, nov(1), nov(3))).toEqual([])
    expect(registeredSince(first, nov(1), nov(2)).map(({ mac }) => mac)).toEqual([PHONE])
    const told = { ...OPEN, until: nov(13), origin: 'audit' as const }
    expect(registeredSince(historyOf(told), nov(1), nov(13))).toHaveLength(1)
  })

  test('are those, too, that were away for the rest of a day', () => {
    const [, taken] = INTERVALS
    if (!taken) throw new Error('no interval')
    const endedAt = '2026-11-12T08:00:00.000Z'
    expect(registeredSince(historyOf(taken, OPEN), nov(13), nov(3))).toEqual([])
    const left = historyOf({ ...taken, endedAt }, OPEN)
    expect(registeredSince(left, nov(13), nov(3)).map(({ mac }) => mac)).toEqual([PHONE])
  })

  test('are told by day, then by device', () => {
    const seen = observeAll(
      [nov(1), mapOf([BADGE, ANA])],
      [nov(3), mapOf([BADGE, ANA], [TABLET, ANA], [LAPTOP, BOB])],
      [nov(5), mapOf([BADGE, ANA], [TABLET, ANA], [LAPTOP, BOB], [PHONE, ANA])],
    )
    expect(registeredSince(seen.history, nov(1), nov(1)).map(({ mac }) => mac)).toEqual([
      LAPTOP,
      TABLET,
      PHONE,
    ])
  })
})
