import { type LocalDay, parseLocalDay } from '@presences/shared'
import { expect, test } from 'vitest'
import { createDryRunTickets } from './dry-run-tickets.ts'

test('reads through, posts nothing, and remembers what it would have posted', async () => {
  const day = parseLocalDay('2026-11-22') as LocalDay
  const tickets = createDryRunTickets({
    memberMap: async () => 'the map',
    members: async () => [{ id: 'a', email: 'ana@example.org' }],
    auditTrail: async (from) => ({ corrections: [], devices: [], faults: [`since ${from}`] }),
    correctionsOf: async (emails) => ({ corrections: [], devices: [], faults: [...emails] }),
    storedAmounts: async (email) => new Map([[day, email.length]]),
  })
  const presence = { email: 'ana@example.org', day, amount: 1 } as const
  expect(await tickets.memberMap()).toBe('the map')
  expect(await tickets.members()).toHaveLength(1)
  expect(await tickets.auditTrail(day)).toMatchObject({ faults: ['since 2026-11-22'] })
  expect(await tickets.storedAmounts('ana')).toEqual(new Map([[day, 3]]))
  expect(await tickets.correctionsOf(['ana'], day)).toMatchObject({ faults: ['ana'] })
  await tickets.postPresence(presence)
  await tickets.setDay({ ...presence, value: 1, comment: '' })
  expect(tickets.posts).toEqual([presence])
})
