import { addDays, type LocalDay, type Mac, macFromBits } from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ANA,
  BADGE,
  BOB,
  CLEO,
  intervalsOf,
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
import { EMPTY_HISTORY, type MapHistory, ownerOn } from './map-history.ts'
import { type Member, type MemberMap, MemberMapRefused } from './member-map.ts'
import { observeMap } from './observe-map.ts'

const phone = (...members: Member[]) => mapOf([PHONE, ...members], [LAPTOP, CLEO])
const WITHOUT_PHONE = mapOf([LAPTOP, CLEO])

describe('a device of the map', () => {
  test.each<[string, [number, MemberMap][], string[]]>([
    [
      'that stays',
      [
        [1, phone(ANA)],
        [2, phone(ANA)],
        [9, phone(ANA)],
      ],
      ['ana 1.. map'],
    ],
    [
      'that changed hands',
      [
        [1, phone(ANA)],
        [2, phone(BOB)],
      ],
      ['ana 1..1 map', 'bob 2.. map'],
    ],
    [
      'that changed hands while no run looked: as before until seen',
      [
        [1, phone(ANA)],
        [9, phone(BOB)],
      ],
      ['ana 1..8 map', 'bob 9.. map'],
    ],
    [
      'that changed hands after a run saw it today: from tomorrow',
      [
        [1, phone(ANA)],
        [2, phone(ANA)],
        [2, phone(BOB)],
      ],
      ['ana 1..2 map', 'bob 3.. map'],
    ],
    [
      'that changed hands twice since',
      [
        [2, phone(ANA)],
        [2, phone(BOB)],
        [2, phone(CLEO)],
      ],
      ['ana 2..2 map', 'cleo 3.. map'],
    ],
    [
      'that went to another for an hour',
      [
        [1, phone(ANA)],
        [1, phone(BOB)],
        [1, phone(ANA)],
      ],
      ['ana 1.. map'],
    ],
    [
      'whose next owner was seen, and had no day',
      [
        [1, phone(ANA)],
        [1, phone(BOB)],
        [2, phone(CLEO)],
      ],
      ['ana 1..1 map', 'cleo 2.. map'],
    ],
    [
      'whose next owner had a day that no run saw',
      [
        [1, phone(ANA)],
        [1, phone(BOB)],
        [3, phone(CLEO)],
      ],
      ['ana 1..1 map', 'bob 2..2 map', 'cleo 3.. map'],
    ],
    [
      'that was removed',
      [
        [1, phone(ANA)],
        [4, WITHOUT_PHONE],
      ],
      ['ana 1..3 map'],
    ],
    [
      'that was removed after a run saw it today',
      [
        [1, phone(ANA)],
        [4, phone(ANA)],
        [4, WITHOUT_PHONE],
      ],
      ['ana 1..4 map'],
    ],
    [
      'that was removed and came back the same day',
      [
        [4, phone(ANA)],
        [4, WITHOUT_PHONE],
        [4, phone(ANA)],
      ],
      ['ana 4.. map'],
    ],
    [
      'that was removed and came back later',
      [
        [1, phone(ANA)],
        [4, WITHOUT_PHONE],
        [6, phone(ANA)],
      ],
      ['ana 1..3 map', 'ana 6.. map'],
    ],
    [
      'that was removed and registered again the same day',
      [
        [4, phone(ANA)],
        [4, WITHOUT_PHONE],
        [4, phone(BOB)],
      ],
      ['ana 4..4 map', 'bob 5.. map'],
    ],
    [
      'that nobody had this morning',
      [
        [4, WITHOUT_PHONE],
        [4, phone(BOB)],
      ],
      ['bob 4.. map'],
    ],
    [
      'that two members claim',
      [
        [1, phone(ANA)],
        [4, phone(ANA, BOB)],
        [6, phone(BOB)],
      ],
      ['ana 1..3 map', 'bob 6.. map'],
    ],
    [
      'whose member lost the e-mail',
      [
        [1, phone(ANA)],
        [4, phone(NO_EMAIL)],
      ],
      ['ana 1..3 map'],
    ],
    [
      'whose member never had an e-mail',
      [
        [1, phone(NO_EMAIL)],
        [4, phone(ANA)],
      ],
      ['ana 4.. map'],
    ],
    [
      "that became the space's own",
      [
        [1, phone(ANA)],
        [4, phone(SPACE)],
      ],
      ['ana 1..3 map', 'excluded 4.. map'],
    ],
    [
      "that is the space's own under another name",
      [
        [1, phone(SPACE)],
        [4, phone({ ...SPACE, lastName: 'Borny' })],
      ],
      ['excluded 1.. map'],
    ],
    [
      'seen by a run that began before midnight and ended after',
      [
        [1, phone(ANA)],
        [5, phone(ANA)],
        [4, phone(BOB)],
      ],
      ['ana 1..5 map', 'bob 6.. map'],
    ],
  ])('%s', (_, seen, intervals) => {
    const { history } = observeAll(...seen.map(([day, map]) => [nov(day), map] as const))
    expect(intervalsOf(history, PHONE)).toEqual(intervals.map(inFull))
  })

  test('keeps its owner, under the name the map has now', () => {
    const married = { ...ANA, lastName: 'Durand' }
    const { history, changed } = observeAll([nov(1), phone(ANA)], [nov(2), phone(married)])
    expect(intervalsOf(history, PHONE)).toEqual([inFull('ana 1.. map')])
    expect(ownerOn(history, PHONE, nov(1))?.owner.name).toBe('Ana Durand')
    expect(changed).toBe(true)
  })
})

describe('what is new', () => {
  test('is nothing when the map is as before, but for the day', () => {
    const { history, changed } = observeAll([nov(1), phone(ANA)], [nov(3), phone(ANA)])
    expect(changed).toBe(false)
    expect([history.firstObservedOn, history.observedOn]).toEqual([nov(1), nov(3)])
  })

  test.each<[string, [number, MemberMap][], boolean]>([
    ['in the first map', [[1, phone(ANA)]], false],
    [
      'registered since',
      [
        [1, WITHOUT_PHONE],
        [2, phone(ANA)],
      ],
      true,
    ],
    [
      'seen again',
      [
        [1, WITHOUT_PHONE],
        [2, phone(ANA)],
        [3, phone(ANA)],
      ],
      false,
    ],
    [
      'sold',
      [
        [1, phone(BOB)],
        [2, phone(ANA)],
      ],
      false,
    ],
    [
      'sold today',
      [
        [1, phone(BOB)],
        [1, phone(ANA)],
      ],
      false,
    ],
    [
      'back after days',
      [
        [1, phone(ANA)],
        [2, WITHOUT_PHONE],
        [3, phone(ANA)],
      ],
      true,
    ],
    [
      'back the same day',
      [
        [1, phone(ANA)],
        [1, WITHOUT_PHONE],
        [1, phone(ANA)],
      ],
      false,
    ],
    [
      "the space's",
      [
        [1, WITHOUT_PHONE],
        [2, phone(SPACE)],
      ],
      false,
    ],
    [
      'whose member has an e-mail now',
      [
        [1, phone(NO_EMAIL)],
        [2, phone(ANA)],
      ],
      true,
    ],
  ])('a device %s: %s', (_, seen, isNew) => {
    const last = observeAll(...seen.map(([day, map]) => [nov(day), map] as const))
    const registeredOn = nov(seen.at(-1)?.[0] ?? 0)
    const owner = { kind: 'member', email: ANA.email, name: 'Ana Martin' }
    expect(last.newlyRegistered).toEqual(isNew ? [{ mac: PHONE, owner, registeredOn }] : [])
  })
})

describe('a map that lost devices', () => {
  test.each([
    [11, 1, 0],
    [10, 1, 0],
    [9, 1, 1],
    [20, 2, 0],
    [20, 3, 3],
  ])('of %i devices, %i: is told to have lost %i', (devices, gone, lost) => {
    const rows = Array.from({ length: devices }, (_, at) => [macFromBits(at + 1), ANA] as const)
    const outcome = observeAll([nov(1), mapOf(...rows)], [nov(2), mapOf(...rows.slice(gone))])
    expect(outcome.lost).toBe(lost)
  })

  const full = mapOf([PHONE, ANA], [LAPTOP, BOB], [TABLET, CLEO], [ROUTER, SPACE])
  test.each<[string, MemberMap, string | undefined]>([
    ['half of them', mapOf([PHONE, ANA], [LAPTOP, BOB]), undefined],
    ['more than half', mapOf([PHONE, ANA], [BADGE, BOB]), 'lost 3 of the 4 devices'],
    [
      'the e-mails of more than half',
      mapOf([PHONE, ANA], [LAPTOP, NO_EMAIL], [TABLET, NO_EMAIL], [ROUTER]),
      'lost 3 of the 4 devices',
    ],
    ['all', mapOf(), 'lost 4 of the 4 devices'],
    [
      "none, all being others' now",
      mapOf([PHONE, BOB], [LAPTOP, ANA], [TABLET, ANA], [ROUTER, ANA]),
      undefined,
    ],
  ])('%s', (_, map, refusal) => {
    const { history } = observeAll([nov(1), full])
    const observe = (acceptShrunk: boolean) => observeMap(history, map, nov(2), { acceptShrunk })
    expect(() => observe(true)).not.toThrow()
    if (refusal === undefined) return expect(() => observe(false)).not.toThrow()
    expect(() => observe(false)).toThrow(MemberMapRefused)
    expect(() => observe(false)).toThrow(refusal)
    expect(() => observe(false)).toThrow('--accept-map')
  })

  test('is measured against the last one, not all there ever was', () => {
    const few = mapOf([PHONE, ANA], [LAPTOP, BOB])
    const { history } = observeAll([nov(1), full], [nov(2), few])
    expect(() =>
      observeMap(history, mapOf([PHONE, ANA]), nov(3), { acceptShrunk: false }),
    ).not.toThrow()
  })

  test('can be the first one', () => {
    expect(observeMap(EMPTY_HISTORY, mapOf(), nov(1), { acceptShrunk: false }).changed).toBe(false)
  })
})

test('a map of days before the last one is refused: a clock is wrong', () => {
  const { history } = observeAll([nov(9), phone(ANA)])
  const observe = () => observeMap(history, phone(ANA), nov(7), { acceptShrunk: true })
  expect(observe).toThrow(MemberMapRefused)
  expect(observe).toThrow('clock')
})

describe('an e-mail that somebody else has by now, while the members can not be listed', () => {
  const people = [
    { id: 'a', email: ANA.email },
    { id: 'b', email: BOB.email },
  ]
  const { history } = observeMap(EMPTY_HISTORY, mapOf([PHONE, ANA], [LAPTOP, BOB]), nov(1), {
    acceptShrunk: false,
    people,
  })
  const passedOn = mapOf(
    [PHONE, { ...ANA, email: 'new@x' }],
    [LAPTOP, { ...BOB, email: ANA.email }],
  )
  const unlisted = observeMap(history, passedOn, nov(2), { acceptShrunk: false }).history
  const owner = (known: MapHistory, mac: Mac) => ownerOn(known, mac, nov(2))?.owner

  test('is nobody’s: it would be taken for who had it', () => {
    expect(owner(unlisted, LAPTOP)).toEqual({ kind: 'unsure', name: `Bob Petit (${ANA.email})` })
    const same = observeMap(history, mapOf([PHONE, ANA], [LAPTOP, BOB]), nov(2), {
      acceptShrunk: false,
    }).history
    expect(owner(same, LAPTOP)).toMatchObject({ id: 'b', email: BOB.email })
  })

  test('until they can', () => {
    const now = [
      { id: 'a', email: 'new@x' },
      { id: 'b', email: ANA.email },
    ]
    const listed = observeMap(unlisted, passedOn, nov(3), {
      acceptShrunk: false,
      people: now,
      graceDays: 3,
    }).history
    expect(owner(listed, LAPTOP)).toMatchObject({ id: 'b', email: ANA.email })
    expect(listed.intervals.get(LAPTOP)).toHaveLength(1)
  })
})

test('a device that was registered while no run looked is whose the e-mail is now', () => {
  const { history } = observeMap(EMPTY_HISTORY, mapOf([PHONE, ANA], [LAPTOP, BOB]), nov(1), {
    acceptShrunk: false,
    people: [
      { id: 'a', email: ANA.email },
      { id: 'b', email: BOB.email },
    ],
  })
  const bobNow = { ...BOB, email: ANA.email }
  const map = mapOf([PHONE, { ...ANA, email: 'new@x' }], [LAPTOP, bobNow], [TABLET, bobNow])
  const occurred = new Date(`${nov(3)}T12:00Z`)
  const added = { mac: TABLET, email: ANA.email, change: 'added' as const, occurred }
  const after = observeMap(history, map, nov(9), {
    acceptShrunk: false,
    people: [
      { id: 'a', email: 'new@x' },
      { id: 'b', email: ANA.email },
    ],
    gap: { from: nov(2), events: [added], timeZone: 'Europe/Paris' },
  }).history
  const [first, ...others] = after.intervals.get(TABLET) ?? []
  expect(first).toMatchObject({ from: nov(3), until: undefined, owner: { id: 'b' } })
  expect(others).toEqual([])
})

const MACS = [PHONE, LAPTOP, TABLET]
const FIRST_DAY = nov(5)
const HORIZON = 40
const claims = fc.constantFrom<readonly Member[]>(
  [],
  [ANA],
  [BOB],
  [CLEO],
  [SPACE],
  [NO_EMAIL],
  [ANA, BOB],
)
const step = fc.record({
  daysLater: fc.nat(3),
  claims: fc.tuple(claims, claims, claims),
})
type Step = Readonly<{ daysLater: number; claims: readonly (readonly Member[])[] }>

/** Each step's day and map. */
function seenIn(steps: readonly Step[]): (readonly [LocalDay, MemberMap, Step])[] {
  let day = FIRST_DAY
  return steps.map((each) => {
    day = addDays(day, each.daysLater)
    const rows = MACS.map((mac, at) => [mac, ...(each.claims[at] ?? [])] as const)
    return [day, mapOf(...rows.filter(([, member]) => member !== undefined)), each] as const
  })
}

const isOwner = (members: readonly Member[]) => members.length === 1 && members[0]?.email !== ''
const answer = (history: MapHistory, mac: Mac, day: LocalDay) => {
  const owner = ownerOn(history, mac, day)?.owner
  return owner?.kind === 'member' ? owner.email : owner?.kind
}

test('is what a table of days says, whatever was seen', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const seen = seenIn(steps)
      const { history } = observeAll(...seen.map(([day, map]) => [day, map] as const))
      for (const [at, mac] of MACS.entries()) {
        const table = tableOf(seen.map(([day, , each]) => [day, each.claims[at] ?? []] as const))
        for (const [day, owner] of table) expect(answer(history, mac, day)).toBe(owner)
      }
    }),
    { numRuns: 500 },
  )
})

test('a day that had an owner never moves; intervals stay in order', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      let history = EMPTY_HISTORY
      const had = new Map<string, string>()
      for (const [today, map] of seenIn(steps)) {
        history = observeMap(history, map, today, { acceptShrunk: true }).history
        for (const [key, owner] of had) {
          const [mac, day] = key.split(' ') as [Mac, LocalDay]
          expect(answer(history, mac, day)).toBe(owner)
        }
        for (const mac of MACS) {
          for (let day = addDays(FIRST_DAY, -2); day <= today; day = addDays(day, 1)) {
            const owner = answer(history, mac, day)
            if (owner) had.set(`${mac} ${day}`, owner)
          }
        }
        expectInOrder(history)
      }
    }),
    { numRuns: 500 },
  )
})

function expectInOrder(history: MapHistory): void {
  for (const intervals of history.intervals.values()) {
    for (const [at, { from, until }] of intervals.entries()) {
      const next = intervals[at + 1]
      if (next) expect(until !== undefined && until < next.from).toBe(true)
      if (until !== undefined) expect(from <= until).toBe(true)
    }
  }
}

/** The oracle: one device's owner on each day, filled in day by day, then backwards. */
function tableOf(seen: readonly (readonly [LocalDay, readonly Member[]])[]) {
  const days = Array.from({ length: HORIZON }, (_, at) => addDays(FIRST_DAY, at - 2))
  const table = new Map<LocalDay, string | undefined>()
  let now: string | undefined
  for (const day of days) {
    for (const [, members] of seen.filter(([on]) => on === day)) {
      now = isOwner(members) ? nameInTable(members[0]) : undefined
      table.set(day, table.get(day) ?? now)
    }
    if (!seen.some(([on]) => on === day)) table.set(day, now)
  }
  let later: string | undefined
  for (const day of days.toReversed()) {
    later = table.get(day) ?? later
    table.set(day, later)
  }
  return table
}

function nameInTable(member: Member | undefined): string | undefined {
  return member === SPACE ? 'excluded' : member?.email
}

/** `ana 1..8 map` as `ana@example.org 2026-11-01..2026-11-08 map`. */
function inFull(short: string): string {
  return short
    .replace(/^(?!excluded)\w+/, (name) => `${name}@example.org`)
    .replaceAll(/\b\d\b/g, (day) => nov(Number(day)))
}
