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
import type { MapHistory } from './map-history.ts'
import type { MemberMap } from './member-map.ts'
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

test('without a history, the map tells all', () => {
  const owners = ownersOf(TODAY)
  expect(owners.get(PHONE)).toEqual({
    owner: { kind: 'member', email: BOB.email, name: 'Bob Petit' },
    source: 'map',
  })
  expect(owners.get(BADGE)).toMatchObject({ owner: { kind: 'ambiguous' }, source: 'map' })
  expect(owners.size).toBe(5)
})
