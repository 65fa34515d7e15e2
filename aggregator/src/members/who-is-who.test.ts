import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mac } from '@presences/shared'
import { afterEach, describe, expect, test } from 'vitest'
import { ANA, BOB, CLEO, LAPTOP, mapOf, nov, PHONE } from '../../testing/sample-maps.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import type { DeviceEvent } from '../tickets/tickets.ts'
import { recordMap } from './history-store.ts'
import { identities } from './identities.ts'
import { EMPTY_HISTORY, type MapHistory } from './map-history.ts'
import type { Member, MemberMap } from './member-map.ts'
import { type ObserveOptions, observeMap } from './observe-map.ts'
import { ownersOn } from './owners-on.ts'
import { withoutUnsurePeople } from './who-is-who.ts'

const NEW_ANA: Member = { ...ANA, email: 'new@x' }
/** Ana took another e-mail, and Bob the one that she had. */
const PASSED_ON = mapOf([PHONE, NEW_ANA], [LAPTOP, { ...BOB, email: ANA.email }])
const LISTED = peopleOf(ANA.email, BOB.email)
const LISTED_LATER = peopleOf('new@x', ANA.email)
const KNOWN = seen(EMPTY_HISTORY, 1, mapOf([PHONE, ANA], [LAPTOP, BOB]), { people: LISTED })

describe('while the members can not be listed', () => {
  test.each([
    ['that nobody had', PHONE, 'Ana Martin (new@x)'],
    ['that somebody else had', LAPTOP, `Bob Petit (${ANA.email})`],
  ])('an e-mail %s is nobody’s', (_, mac, name) => {
    expect(ownersThen(seen(KNOWN, 2, PASSED_ON), mac).at(-1)).toBe(`unsure ${name} 2..`)
  })

  test('it is whose it was, once the list says so of the same name', () => {
    const listed = seen(seen(KNOWN, 2, PASSED_ON), 3, PASSED_ON, { people: LISTED_LATER })
    expect(ownersThen(listed, PHONE)).toEqual(['a 1..'])
    expect(ownersThen(listed, LAPTOP)).toEqual(['b 1..'])
  })

  test('of several e-mails, on end, of one name there is no doubt either', () => {
    const other = mapOf([PHONE, { ...ANA, email: 'newer@x' }], [LAPTOP, BOB])
    const people = peopleOf('newer@x', BOB.email)
    const unlisted = seen(seen(KNOWN, 2, PASSED_ON), 3, other)
    expect(ownersThen(unlisted, PHONE)).toHaveLength(3)
    expect(ownersThen(seen(unlisted, 4, other, { people }), PHONE)).toEqual(['a 1..'])
  })

  test('days of another name stay in doubt, also between two of one owner', () => {
    const sold = mapOf([PHONE, { ...BOB, email: ANA.email }], [LAPTOP, BOB])
    const back = seen(seen(KNOWN, 2, sold), 3, mapOf([PHONE, ANA], [LAPTOP, BOB]), {
      people: LISTED,
      graceDays: 7,
    })
    expect(ownersThen(back, PHONE)).toEqual([
      'a 1..1',
      `unsure Bob Petit (${ANA.email}) 2..2`,
      'a 3..',
    ])
  })

  test('what was done under an e-mail is nobody’s either', () => {
    const gap = { from: nov(2), events: [added(PHONE, ANA.email, 3)], timeZone: 'Europe/Paris' }
    const unlisted = seen(KNOWN, 4, PASSED_ON, { gap })
    expect(ownersThen(unlisted, PHONE).filter((each) => each.startsWith('b'))).toEqual([])
  })

  test.each([
    ['whom the map shows by it is sure of', PHONE, 'member ana@example.org', ANA.email, 'a'],
    ['whom the map shows no more', LAPTOP, 'unsure', undefined, undefined],
  ])('a run %s', (_, mac, owner, email, id) => {
    const map = mapOf([PHONE, ANA], [LAPTOP, { ...CLEO, email: BOB.email }])
    const unsure = withoutUnsurePeople(seen(KNOWN, 2, map), map)
    expect(ownerNow(unsure, map, mac)).toBe(owner)
    const { emailNow, memberId } = identities(unsure, 'Europe/Paris')
    const entry = { email: mac === PHONE ? ANA.email : BOB.email, at: '2026-11-01T20:00:00.000Z' }
    expect(emailNow({ ...entry, member: mac === PHONE ? 'a' : 'b' })).toBe(email)
    expect(emailNow(entry)).toBe(email)
    expect(memberId(entry.email)).toBe(id)
  })

  test('where they were never listed, e-mails are all there is', () => {
    const unlisted = seen(EMPTY_HISTORY, 1, mapOf([PHONE, ANA]))
    expect(withoutUnsurePeople(unlisted, mapOf([PHONE, ANA]))).toBe(unlisted)
    expect(ownerNow(unlisted, mapOf(), PHONE)).toBe('member ana@example.org')
  })
})

test('an owner without an id is not whoever has the e-mail now', () => {
  const first = seen(EMPTY_HISTORY, 1, mapOf([PHONE, ANA], [LAPTOP, BOB]))
  const listed = seen(first, 2, PASSED_ON, { people: LISTED_LATER })
  expect(ownerNow(listed, PASSED_ON, PHONE)).toBe('unsure')
  const same = seen(first, 2, mapOf([PHONE, ANA], [LAPTOP, BOB]), { people: LISTED })
  expect(ownerNow(same, mapOf([PHONE, ANA]), PHONE)).toBe('member ana@example.org')
})

test('what was done while no run looked is not of who was given the e-mail of somebody gone', () => {
  const events = [added(PHONE, CLEO.email, 5), removed(PHONE, CLEO.email, 6)]
  const gap = { from: nov(2), events, timeZone: 'Europe/Paris' }
  const people = [
    { id: 'heir', email: ANA.email },
    { id: 'c', email: CLEO.email },
  ]
  const later = seen(KNOWN, 9, mapOf([LAPTOP, { ...CLEO, email: ANA.email }]), { people, gap })
  expect(ownersThen(later, PHONE)).toEqual(['a 1..5', 'c 5..6'])
})

describe('a trail that is read in the end', () => {
  const folders: string[] = []
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
  })

  test('tells of members by the e-mails of today', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'presences-who-'))
    folders.push(folder)
    const store = createFolderStore(folder)
    const record = (
      day: number,
      map: MemberMap,
      emails: [string, string],
      events?: DeviceEvent[],
    ) =>
      recordMap(store, map, nov(day), {
        acceptShrunk: true,
        people: [...peopleOf(...emails), { id: 'c', email: CLEO.email }],
        gapSince: async (from) => ({ from, events, timeZone: 'Europe/Paris' }),
      })
    await record(1, mapOf([PHONE, ANA], [LAPTOP, BOB]), [ANA.email, BOB.email])
    const unread = await record(4, mapOf([PHONE, CLEO], [LAPTOP, BOB]), [ANA.email, BOB.email])
    expect(ownersThen(unread.history, PHONE)[1]).toContain('unsure')
    const events = [removed(PHONE, 'new@x', 3), added(PHONE, CLEO.email, 3)]
    const map = mapOf([PHONE, CLEO], [LAPTOP, { ...BOB, email: ANA.email }])
    const { history } = await record(5, map, ['new@x', ANA.email], events)
    expect(ownersThen(history, PHONE)).toEqual(['a 1..3', 'c 3..'])
  })
})

function peopleOf(ana: string, bob: string) {
  return [
    { id: 'a', email: ana },
    { id: 'b', email: bob },
  ]
}

function seen(
  history: MapHistory,
  day: number,
  map: MemberMap,
  options: Partial<ObserveOptions> = {},
): MapHistory {
  return observeMap(history, map, nov(day), { acceptShrunk: true, ...options }).history
}

/** Owner and days of each interval. */
function ownersThen({ intervals }: MapHistory, mac: Mac): string[] {
  return (intervals.get(mac) ?? []).map(({ owner, from, until }) => {
    const who = owner.kind === 'member' ? (owner.id ?? owner.email) : `${owner.kind} ${owner.name}`
    return `${who} ${Number(from.slice(-2))}..${until ? Number(until.slice(-2)) : ''}`
  })
}

function ownerNow(history: MapHistory, map: MemberMap, mac: Mac): string | undefined {
  const owner = ownersOn(history, map, nov(1)).get(mac)?.owner
  return owner?.kind === 'member' ? `member ${owner.email}` : owner?.kind
}

function added(mac: Mac, email: string, day: number): DeviceEvent {
  return { mac, email, change: 'added', occurred: new Date(`2026-11-0${day}T12:00:00Z`) }
}

function removed(mac: Mac, email: string, day: number): DeviceEvent {
  return { ...added(mac, email, day), change: 'removed' }
}
