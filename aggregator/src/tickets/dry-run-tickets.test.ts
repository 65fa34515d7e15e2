import { type LocalDay, parseLocalDay } from '@presences/shared'
import { expect, test } from 'vitest'
import { createDryRunTickets } from './dry-run-tickets.ts'

test('reads through, posts nothing, and remembers what it would have posted', async () => {
  const tickets = createDryRunTickets({ memberMap: async () => 'the map' })
  const presence = {
    email: 'ana@example.org',
    day: parseLocalDay('2026-11-22') as LocalDay,
    amount: 1,
  } as const
  expect(await tickets.memberMap()).toBe('the map')
  await tickets.postPresence(presence)
  expect(tickets.posts).toEqual([presence])
})
