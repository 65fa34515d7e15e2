/** A line that can't be read may be somebody's half day: a day that lost one is not called done. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSpace, type Space } from '../../testing/space.ts'

const PHONE = 'AA:00:00:00:00:01'
const MONDAY = '2026-11-16'

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({ members: [{ email: 'ana@example.org', macs: [PHONE] }] })
  space.env.CATCH_UP_DAYS = '2'
})
afterEach(() => space.close())

async function night(day: number) {
  const date = `2026-11-${day}`
  space.clock.now = new Date(`${date}T21:15:00Z`)
  await space.write(`presences/b/${date}`, `${date}T12:00:00+01:00\t${PHONE}\n`)
  return space.run('upload')
}

test('the night says so, with exit code 1, for as long as it looks at the day', async () => {
  const lines = ['09:04', '09:14', '09:24'].map(
    (clock) => `${MONDAY}T${clock}:02+01:00\t${PHONE}\n`,
  )
  await space.write(
    `presences/a/${MONDAY}`,
    `${lines.join('')}${MONDAY}T10:00:00+01:00\tAA:0O:00\n`,
  )
  const first = await night(16)
  expect(first.code).toBe(1)
  expect(first.out.at(-2)).toContain('1 line could not be read, see the log')
  expect(first.out.at(-1)).toContain('1 ligne illisible, voir le journal')
  expect(first.errors).toContain(`presences/a/${MONDAY}: line 4`)
  expect(space.tickets.state.amount('ana@example.org', MONDAY)).toBe(0.5)
  expect((await night(18)).code).toBe(1)
  expect((await night(20)).code).toBe(0)
})
