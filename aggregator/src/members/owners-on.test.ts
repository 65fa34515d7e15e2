import { epochMinuteOf } from '@presences/shared'
import { describe, expect, test } from 'vitest'
import {
  ANA,
  BADGE,
  BOB,
  CLEO,
  LAPTOP,
  mapOf,
  NO_EMAIL,
  nov,
  observeAll,
  PHONE,
  ROUTER,
  SPACE,
  TABLET,
} from '../../testing/sample-maps.ts'
import type { Interval, MapHistory } from './map-history.ts'
import type { Member, MemberMap } from './member-map.ts'
import { ownersOn } from './owners-on.ts'
import { ownersOf } from './ownership.ts'

const TODAY = mapOf(
  [PHONE, BOB],
  [LAPTOP, ANA],
  [TABLET, NO_EMAIL],
  [ROUTER, SPACE],
  [BADGE, BOB, CLEO],
)
const { history } = observeAll(
  [nov(3), mapOf([PHONE, ANA], [BADGE, CLEO], [ROUTER, SPACE])],
  [nov(6), mapOf([PHONE, BOB], [BADGE, CLEO], [ROUTER, SPACE])],
  [nov(9), TODAY],
)

/** MAC → owner's e-mail or kind, and source. */
const table = (day: number, options = {}, of: MapHistory = history, map: MemberMap = TODAY) =>
  Object.fromEntries(
    [...ownersOn(of, map, nov(day), options)].map(([mac, { owner, source }]) => [
      mac,
      `${owner.kind === 'member' ? owner.email : owner.kind} ${source}`,
    ]),
  )

describe('the owners on a day', () => {
  test('are those of the history; the map tells only of devices nobody ever had', () => {
    expect(table(4)).toEqual({
      [PHONE]: 'ana@example.org map',
      [LAPTOP]: 'ana@example.org registered-late',
      [TABLET]: 'noEmail map',
      [ROUTER]: 'excluded map',
      [BADGE]: 'cleo@example.org map',
    })
    expect(table(9)).toEqual({
      [PHONE]: 'bob@example.org map',
      [LAPTOP]: 'ana@example.org map',
      [TABLET]: 'noEmail map',
      [ROUTER]: 'excluded map',
      [BADGE]: 'ambiguous map',
    })
  })

  test.each([
    [8, 9, undefined],
    [8, 8, 'ana@example.org registered-late'],
    [8, undefined, 'ana@example.org registered-late'],
    [9, 10, 'ana@example.org map'],
  ])('%i November, late registrations from %s on: %s', (day, from, owner) => {
    const options = from === undefined ? {} : { lateFrom: nov(from) }
    expect(table(day, options)[LAPTOP]).toBe(owner)
  })

  test('a device left to its later owner is not said to lack one', () => {
    const before = observeAll([nov(3), mapOf([TABLET, NO_EMAIL])], [nov(9), mapOf([TABLET, ANA])])
    expect(table(4, { lateFrom: nov(9) }, before.history, mapOf([TABLET, NO_EMAIL]))).toEqual({})
  })

  test('share one object for all devices of one owner, under the present name', () => {
    const married = { ...ANA, lastName: 'Durand' }
    const map = mapOf([LAPTOP, married], [TABLET, NO_EMAIL], [ROUTER, NO_EMAIL])
    const seen = observeAll(
      [nov(1), mapOf([PHONE, ANA], [LAPTOP, ANA])],
      [nov(2), mapOf([LAPTOP, ANA])],
      [nov(3), map],
    )
    const owners = ownersOn(seen.history, map, nov(1))
    expect(owners.get(PHONE)?.owner).toBe(owners.get(LAPTOP)?.owner)
    expect(owners.get(PHONE)?.owner.name).toBe('Ana Durand')
    expect(owners.get(TABLET)?.owner).toBe(owners.get(ROUTER)?.owner)
  })
})

describe('a device that was taken and passed on', () => {
  const at = (clock: string) => `${nov(5)}T${clock}:00.000Z`
  const minute = (clock: string) => epochMinuteOf(new Date(at(clock)))
  const of = ({ email, firstName, lastName }: Member) =>
    ({ kind: 'member', email, name: `${firstName} ${lastName}` }) as const
  const interval = { origin: 'map', registeredOn: nov(1) } as const
  const anas: Interval = {
    ...interval,
    owner: of(ANA),
    from: nov(1),
    until: nov(5),
    endedAt: at('09:30'),
  }
  const bobs: Interval = {
    ...interval,
    owner: of(BOB),
    from: nov(5),
    at: at('17:00'),
    until: undefined,
  }
  const onDay = (day: number, ...intervals: Interval[]) => {
    const moved = { ...history, intervals: new Map([[PHONE, intervals]]) }
    return ownersOn(moved, mapOf([PHONE, BOB]), nov(day)).get(PHONE)
  }
  const ana = { owner: of(ANA), source: 'map' }
  const bob = { owner: of(BOB), source: 'map' }

  test.each<[string, number, Interval[], unknown]>([
    ['is its first owner’s the day before', 4, [anas, bobs], ana],
    [
      'is theirs until the minute it was taken, and the next one’s from the minute it was passed on',
      5,
      [anas, bobs],
      { ...ana, until: minute('09:30'), passedOn: { from: minute('17:00'), owned: bob } },
    ],
    ['is the next one’s the day after', 6, [anas, bobs], bob],
    ['and to nobody is nobody’s from then on', 5, [anas], { ...ana, until: minute('09:30') }],
  ])('%s', (_, day, intervals, owned) => {
    expect(onDay(day, ...intervals)).toEqual(owned)
  })
})

test('without a history, the map tells all', () => {
  const owners = ownersOf(TODAY)
  expect(owners.get(PHONE)).toEqual({
    owner: { kind: 'member', email: BOB.email, name: 'Bob Petit' },
    source: 'map',
  })
  expect(owners.get(BADGE)).toMatchObject({ owner: { kind: 'ambiguous' }, source: 'map' })
  expect(owners.size).toBe(5)
})
