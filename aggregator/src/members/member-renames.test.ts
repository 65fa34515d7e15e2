import { addDays, type LocalDay, type Mac } from '@presences/shared'
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
  nov,
  observeAll,
  PHONE,
  TABLET,
} from '../../testing/sample-maps.ts'
import { currentEmail, EMPTY_HISTORY, ownerOn, presentEmail } from './map-history.ts'
import type { Member, MemberMap } from './member-map.ts'
import { observeMap } from './observe-map.ts'

const ANA2: Member = { ...ANA, email: 'ana.martin@example.org' }
const ANA3: Member = { ...ANA, email: 'am@example.org' }
const BEFORE = mapOf([PHONE, ANA], [LAPTOP, ANA], [BADGE, BOB])

describe('an e-mail changed', () => {
  test.each<[string, MemberMap, boolean]>([
    ["all devices are the new one's", mapOf([PHONE, ANA2], [LAPTOP, ANA2], [BADGE, BOB]), true],
    ['one device is gone, one is new', mapOf([PHONE, ANA2], [TABLET, ANA2], [BADGE, BOB]), true],
    ['the old one is still there', mapOf([PHONE, ANA2], [LAPTOP, ANA], [BADGE, BOB]), false],
    [
      'the old one is still there, with another device',
      mapOf([PHONE, ANA2], [LAPTOP, ANA2], [TABLET, ANA], [BADGE, BOB]),
      false,
    ],
    [
      'the old one is one of two who claim a device',
      mapOf([PHONE, ANA2], [LAPTOP, ANA2], [BADGE, BOB, ANA]),
      false,
    ],
    ['a device is claimed by two', mapOf([PHONE, ANA2], [LAPTOP, ANA2, CLEO], [BADGE, BOB]), false],
    ['one device went to somebody else', mapOf([PHONE, ANA2], [LAPTOP, BOB], [BADGE, BOB]), false],
    [
      'the new one was there before',
      mapOf(
        [PHONE, { ...ANA, email: BOB.email }],
        [LAPTOP, { ...ANA, email: BOB.email }],
        [BADGE, BOB],
      ),
      false,
    ],
    ['the name is another', mapOf([PHONE, CLEO], [LAPTOP, CLEO], [BADGE, BOB]), false],
    ['all devices are gone', mapOf([TABLET, ANA2], [BADGE, BOB]), false],
  ])('%s: %s', (_, map, isRename) => {
    const { history, renamed, newlyRegistered } = observeAll([nov(1), BEFORE], [nov(4), map])
    const rename = { from: ANA.email, to: ANA2.email, on: nov(4) }
    expect(renamed).toEqual(isRename ? [rename] : [])
    expect(history.renames).toEqual(renamed)
    const first = ownerOn(history, PHONE, nov(1))?.owner
    expect(first).toMatchObject({ email: isRename ? ANA2.email : ANA.email })
    if (isRename) expect(newlyRegistered.map(({ mac }) => mac)).not.toContain(PHONE)
  })

  test('not when neither has a name', () => {
    const [old, now] = ['a@example.org', 'b@example.org'].map((email) => ({
      email,
      firstName: '',
      lastName: '',
    }))
    const { renamed } = observeAll(
      [nov(1), mapOf([PHONE, old as Member])],
      [nov(2), mapOf([PHONE, now as Member])],
    )
    expect(renamed).toEqual([])
  })

  test('not when two persons became one', () => {
    const twin = { ...ANA, email: 'twin@example.org' }
    const { renamed } = observeAll(
      [nov(1), mapOf([PHONE, ANA], [LAPTOP, twin])],
      [nov(2), mapOf([PHONE, ANA2], [LAPTOP, ANA2])],
    )
    expect(renamed).toEqual([])
  })

  test('not when the old one was gone before the new one came', () => {
    const { renamed } = observeAll(
      [nov(1), mapOf([PHONE, ANA], [BADGE, BOB])],
      [nov(4), mapOf([BADGE, BOB])],
      [nov(9), mapOf([PHONE, ANA2], [BADGE, BOB])],
    )
    expect(renamed).toEqual([])
  })

  test('is kept though a run has seen the map of that day', () => {
    const { history, changed } = observeAll(
      [nov(4), BEFORE],
      [nov(4), mapOf([PHONE, ANA2], [LAPTOP, ANA2], [BADGE, BOB])],
    )
    expect(changed).toBe(true)
    expect(history.renames).toEqual([{ from: ANA.email, to: ANA2.email, on: nov(4) }])
  })

  test('of several persons at once: told by their old ones', () => {
    const bob2: Member = { ...BOB, email: 'b.petit@example.org' }
    const { renamed } = observeAll(
      [nov(1), mapOf([PHONE, BOB], [LAPTOP, ANA])],
      [nov(2), mapOf([PHONE, bob2], [LAPTOP, ANA2])],
    )
    expect(renamed.map(({ from }) => from)).toEqual([ANA.email, BOB.email])
  })

  test('the past goes with the person, gaps and days before the first map too', () => {
    const { history } = observeAll(
      [nov(3), mapOf([PHONE, ANA], [LAPTOP, ANA])],
      [nov(5), mapOf([LAPTOP, ANA])],
      [nov(9), mapOf([LAPTOP, ANA2])],
    )
    expect(intervalsOf(history, PHONE)).toEqual([`${ANA2.email} ${nov(3)}..${nov(4)} map`])
    expect(intervalsOf(history, LAPTOP)).toEqual([`${ANA2.email} ${nov(3)}.. map`])
  })
})

describe('the e-mails of a person', () => {
  const phone = (member: Member) => mapOf([PHONE, member], [BADGE, BOB])

  test('are all that they ever had, the present one first', () => {
    const { history } = observeAll(
      [nov(1), phone(ANA)],
      [nov(2), phone(ANA2)],
      [nov(3), phone(ANA3)],
    )
    for (const { email } of [ANA, ANA2, ANA3]) {
      expect(currentEmail(history, email)).toBe(ANA3.email)
      expect(presentEmail(history, email, nov(1))).toBe(ANA3.email)
    }
    expect(presentEmail(history, BOB.email, nov(1))).toBe(BOB.email)
    expect(presentEmail(history, 'unknown@example.org', nov(1))).toBe('unknown@example.org')
  })

  test('there and back', () => {
    const { history } = observeAll(
      [nov(1), phone(ANA)],
      [nov(2), phone(ANA2)],
      [nov(3), phone(ANA)],
    )
    expect(currentEmail(history, ANA2.email)).toBe(ANA.email)
    expect(presentEmail(history, ANA.email, nov(1))).toBe(ANA.email)
    expect(presentEmail(history, ANA2.email, nov(2))).toBe(ANA.email)
  })

  test('an old one that somebody else has now is theirs', () => {
    const other = { ...CLEO, email: ANA.email }
    const { history } = observeAll(
      [nov(1), phone(ANA)],
      [nov(2), phone(ANA2)],
      [nov(3), mapOf([PHONE, ANA2], [BADGE, BOB], [TABLET, other])],
    )
    expect(currentEmail(history, ANA.email)).toBe(ANA.email)
    expect(presentEmail(history, ANA.email, nov(1))).toBe(ANA2.email)
    expect(presentEmail(history, ANA.email, nov(2))).toBe(ANA2.email)
    expect(presentEmail(history, ANA.email, nov(3))).toBe(ANA.email)
    expect(ownerOn(history, PHONE, nov(1))?.owner).toMatchObject({ email: ANA2.email })
  })

  test('an old one is theirs who has it now, also on a device that was a third one’s before', () => {
    const other = { ...CLEO, email: ANA.email }
    const { history } = observeAll(
      [nov(1), phone(ANA)],
      [nov(2), phone(ANA2)],
      [nov(3), mapOf([PHONE, ANA2], [BADGE, other])],
    )
    expect(currentEmail(history, ANA.email)).toBe(ANA.email)
  })
})

const MACS = [PHONE, LAPTOP, TABLET]
const PEOPLE = [0, 1, 2]
const step = fc.oneof(
  fc.record({ devices: fc.tuple(...MACS.map(() => fc.constantFrom(...PEOPLE, undefined))) }),
  fc.record({ rename: fc.constantFrom(...PEOPLE), version: fc.nat(2) }),
)

test("each day stays the same person's, whatever they are called by now", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const versions = PEOPLE.map(() => 0)
      const had = PEOPLE.map((person) => new Set([emailFor(person, 0)]))
      let devices: readonly (number | undefined)[] = [0, 1, 2]
      let history = EMPTY_HISTORY
      let today: LocalDay = nov(1)
      const expected = new Map<string, number>()
      const observe = () => {
        const rows = devices.flatMap((person, at) => row(MACS[at], person))
        history = observeMap(history, mapOf(...rows), today, { acceptShrunk: true }).history
        for (const [at, person] of devices.entries()) {
          if (person !== undefined) expected.set(`${MACS[at]} ${today}`, person)
        }
      }
      const row = (mac: Mac | undefined, person: number | undefined) => {
        if (mac === undefined || person === undefined) return []
        const email = emailFor(person, versions[person] ?? 0)
        return [[mac, { email, firstName: 'Person', lastName: String(person) }] as const]
      }
      observe()
      for (const each of steps) {
        today = addDays(today, 1)
        if ('devices' in each) devices = each.devices
        else if (devices.includes(each.rename)) {
          versions[each.rename] = each.version
          had[each.rename]?.add(emailFor(each.rename, each.version))
        }
        observe()
      }
      for (const [key, person] of expected) {
        const [mac, day] = key.split(' ') as [Mac, LocalDay]
        const email = emailFor(person, versions[person] ?? 0)
        expect(ownerOn(history, mac, day)?.owner).toMatchObject({ email })
        for (const old of had[person] ?? []) expect(currentEmail(history, old)).toBe(email)
      }
    }),
    { numRuns: 300 },
  )
})

function emailFor(person: number, version: number): string {
  return `p${person}v${version}@example.org`
}
