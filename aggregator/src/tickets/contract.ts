/** What every adapter of the port to the ticket server must do. One suite, run on each of them. */
import { type LocalDay, parseLocalDay } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseMemberMap } from '../members/member-map.ts'
import type { Amount, Presence, Tickets } from './tickets.ts'

/** An adapter on a fresh ticket server that knows CONTRACT_MEMBERS. */
export interface TicketsUnderTest {
  readonly tickets: Tickets
  /** The amount that the server behind the adapter has; `undefined` when it has no such day. */
  stored(email: string, day: LocalDay): number | undefined
  close(): Promise<void>
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
const DAY = parseLocalDay('2026-11-22') as LocalDay

/** Runs the suite on the adapter that `open` makes, anew for each test. */
export function describeTickets(name: string, open: () => Promise<TicketsUnderTest>): void {
  describe(name, () => {
    let opened: TicketsUnderTest
    beforeEach(async () => {
      opened = await open()
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
  })
}
