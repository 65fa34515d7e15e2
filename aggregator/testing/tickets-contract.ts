/** What every adapter of the port to the ticket server must do. One suite, run on each of them. */
import { type LocalDay, type Mac, parseLocalDay, parseMac } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Amount } from '../src/domain/amount.ts'
import { parseMemberMap } from '../src/members/member-map.ts'
import type { Correction, Presence, Tickets } from '../src/tickets/tickets.ts'

/** An adapter on a fresh ticket server that knows CONTRACT_MEMBERS. */
export interface TicketsUnderTest {
  readonly tickets: Tickets
  /** The amount that the server behind the adapter has; `undefined` when it has no such day. */
  stored(email: string, day: LocalDay): number | undefined
  /** What people do at the server. */
  readonly people: People
  close(): Promise<void>
}

/** Acts of people at the server behind the adapter, each at the instant last set; a first one must be set. */
interface People {
  setNow(instant: string): void
  correctDay(correction: {
    readonly email: string
    readonly date: string
    readonly value: number
    readonly comment: string
    readonly author?: { readonly _id: string; readonly name: string; readonly email: string }
  }): void
  addDevice(email: string, mac: string): void
  /** The same device gets another address. */
  changeMac(email: string, mac: string, newMac: string): void
  /** A member's whole list at once. */
  setMacs(email: string, macs: readonly string[]): void
  moveDevice(mac: string, from: string, to: string): void
}

/** E-mails that careless encoding, or the old scripts' `grep`, would lose. */
const AWKWARD_EMAILS = [
  'ana@example.org',
  'bob+desk@example.org',
  'cleo2000@example.org',
  'Dora.Mixed@Example.org',
  "eve.o'neil&co=1@example.org",
  'zoé@exämple.org',
  '100%25@example.org',
]

export const CONTRACT_MEMBERS = AWKWARD_EMAILS.map((email, index) => ({
  email,
  firstName: 'Zoé Anaïs',
  lastName: `D'Été ${index}`,
  macs: [`AA:AA:AA:AA:AA:0${index}`],
}))

const ANA = 'ana@example.org'
const BOB = 'bob+desk@example.org'
const BOSS = { _id: 'boss', name: 'Boss', email: 'boss@example.org' }
const DAY = parseLocalDay('2026-11-22') as LocalDay
const TODAY = parseLocalDay('2026-11-25') as LocalDay
const [MAC_0, MAC_8, MAC_9] = ['0', '8', '9'].map((end) => parseMac(`AA:AA:AA:AA:AA:0${end}`)) as [
  Mac,
  Mac,
  Mac,
]

/** Runs the suite on the adapter that `open` makes, anew for each test. */
export function describeTickets(name: string, open: () => Promise<TicketsUnderTest>): void {
  describe(name, () => {
    let opened: TicketsUnderTest
    beforeEach(async () => {
      opened = await open()
      opened.people.setNow(`${TODAY}T12:00:00.000Z`)
    })
    afterEach(() => opened.close())

    const post = (amount: Amount, email = ANA) =>
      opened.tickets.postPresence({ email, day: DAY, amount })

    test('hands over the member map letter for letter', async () => {
      const { devices, faults } = parseMemberMap(await opened.tickets.memberMap())
      expect(faults).toEqual([])
      const read = [...devices].map(([mac, member]) => ({ ...member, macs: [mac] }))
      expect(read.sort((a, b) => (a.macs < b.macs ? -1 : 1))).toEqual(CONTRACT_MEMBERS)
    })

    test.each(AWKWARD_EMAILS)('charges %s', async (email) => {
      await post(0.5, email)
      expect(opened.stored(email, DAY)).toBe(0.5)
    })

    test.each<[string, Amount[], number | undefined]>([
      ['stores half a day', [0.5], 0.5],
      ['stores a day', [1], 1],
      ['changes nothing when told the same twice', [1, 1], 1],
      ['raises', [0.5, 1], 1],
      ['lowers', [1, 0.5], 0.5],
      ['deletes with 0', [1, 0], undefined],
      ['may delete what is not there', [0], undefined],
    ])('%s', async (_, amounts, stored) => {
      for (const amount of amounts) await post(amount)
      expect(opened.stored(ANA, DAY)).toBe(stored)
    })

    test.each(['ANA@example.org', 'nobody@example.org'])('refuses %s, by name', async (email) => {
      const presence: Presence = { email, day: DAY, amount: 1 }
      await expect(opened.tickets.postPresence(presence)).rejects.toMatchObject({
        name: 'TicketsError',
        kind: 'refused',
        message: expect.stringContaining(email),
      })
    })

    describe('stored amounts', () => {
      test('are none for a member who was never there', async () => {
        expect(await opened.tickets.storedAmounts(ANA)).toEqual(new Map())
      })

      test.each(AWKWARD_EMAILS)('of %s are what was posted', async (email) => {
        await post(0.5, email)
        expect(await opened.tickets.storedAmounts(email)).toEqual(new Map([[DAY, 0.5]]))
      })

      test("are a person's where a person set them, and no longer there when deleted", async () => {
        await post(1)
        opened.people.correctDay({ email: ANA, date: DAY, value: 0.25, comment: 'left early' })
        opened.people.correctDay({ email: ANA, date: TODAY, value: 2, comment: 'two desks' })
        const stored = await opened.tickets.storedAmounts(ANA)
        expect(Object.fromEntries(stored)).toEqual({ [DAY]: 0.25, [TODAY]: 2 })
        await post(0)
        expect([...(await opened.tickets.storedAmounts(ANA)).keys()]).toEqual([TODAY])
      })

      test.each(['ANA@example.org', 'nobody@example.org', ''])(
        'of "%s", which no member has, are refused',
        async (email) => {
          await expect(opened.tickets.storedAmounts(email)).rejects.toMatchObject({
            name: 'TicketsError',
            kind: 'refused',
            message: expect.stringContaining(email),
          })
        },
      )
    })

    describe('the audit trail', () => {
      test('is empty when nobody did anything', async () => {
        await post(1)
        const trail = await opened.tickets.auditTrail(DAY)
        expect(trail).toEqual({ corrections: [], devices: [], faults: [] })
      })

      test('has corrections with value, comment and author, oldest first', async () => {
        await post(1)
        opened.people.correctDay({ email: ANA, date: DAY, value: 0.5, comment: 'left early' })
        opened.people.setNow(`${TODAY}T12:00:01.000Z`)
        const added = { email: BOB, date: '2026-11-20', value: 1, comment: 'no phone' }
        opened.people.correctDay({ ...added, author: BOSS })
        opened.people.setNow(`${TODAY}T12:00:02.000Z`)
        opened.people.correctDay({ email: ANA, date: DAY, value: 0, comment: 'was away' })
        const occurred = (second: number) => new Date(`${TODAY}T12:00:0${second}.000Z`)
        expect(await opened.tickets.auditTrail(TODAY)).toEqual({
          corrections: [
            correction(ANA, DAY, 0.5, 'left early', undefined, occurred(0)),
            correction(BOB, '2026-11-20', 1, 'no phone', 'Boss', occurred(1)),
            correction(ANA, DAY, 0, 'was away', undefined, occurred(2)),
          ],
          devices: [],
          faults: [],
        })
      })

      test.each([
        ['2026-11-23', ['23', '24', '25']],
        ['2026-11-24', ['24', '25']],
        ['2026-11-25', ['25']],
        ['2026-11-26', []],
        ['2027-11-26', []],
      ])('since %s has the acts of that day and later: %j', async (from, comments) => {
        for (const comment of ['23', '24', '25']) {
          opened.people.setNow(`2026-11-${comment}T00:00:00.000Z`)
          opened.people.correctDay({ email: ANA, date: DAY, value: 1, comment })
        }
        const { corrections } = await opened.tickets.auditTrail(from as LocalDay)
        expect(corrections.map(({ comment }) => comment)).toEqual(comments)
      })

      test('has devices added, changed, removed and handed over', async () => {
        opened.people.addDevice(ANA, MAC_8)
        opened.people.changeMac(ANA, MAC_8, MAC_9)
        opened.people.setMacs(ANA, [MAC_0, MAC_8])
        opened.people.moveDevice(MAC_0, ANA, BOB)
        const { devices, faults } = await opened.tickets.auditTrail(TODAY)
        expect(faults).toEqual([])
        const occurred = new Date(`${TODAY}T12:00:00.000Z`)
        expect(devices).toEqual([
          { email: ANA, mac: MAC_8, change: 'added', occurred },
          { email: ANA, mac: MAC_8, change: 'removed', occurred },
          { email: ANA, mac: MAC_9, change: 'added', occurred },
          { email: ANA, mac: MAC_9, change: 'removed', occurred },
          { email: ANA, mac: MAC_8, change: 'added', occurred },
          { email: ANA, mac: MAC_0, change: 'removed', occurred },
          { email: BOB, mac: MAC_0, change: 'added', occurred },
        ])
      })
    })
  })
}

function correction(
  email: string,
  day: string,
  value: number,
  comment: string,
  author: string | undefined,
  occurred: Date,
): Correction {
  return { email, day: day as LocalDay, value, comment, author, occurred }
}
