import { type LocalDay, parseLocalDay } from '@presences/shared'
import { expect, test } from 'vitest'
import { createDryRunTickets } from './dry-run-tickets.ts'

test('reads through, posts nothing, and remembers what it would have posted', async () => {
  const day = parseLocalDay('2026-11-22') as LocalDay
  const tickets = createDryRunTickets({
    memberMap: async () => 'the map',
    auditTrail: async (from) => ({ corrections: [], devices: [], faults: [`since ${from}`] }),
    storedAmounts: async (email) => new Map([[day, email.length]]),
  })
  const presence = { email: 'ana@example.org', day, amount: 1 } as const
  expect(await tickets.memberMap()).toBe('the map')
  expect(await tickets.auditTrail(day)).toMatchObject({ faults: ['since 2026-11-22'] })
  expect(await tickets.storedAmounts('ana')).toEqual(new Map([[day, 3]]))
  await tickets.postPresence(presence)
  expect(tickets.posts).toEqual([presence])
})
