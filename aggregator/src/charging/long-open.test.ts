/** Days that stay open for months: what a person asked for is settled in the end, or closed. By the real commands. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { charge, night } from '../../testing/nights.ts'
import { seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'

const ADA = 'ada@example.org'
const PHONE = 'AA:00:00:00:00:01'
/** Long before the first run, and before the audit trail that a night reads. */
const OLD = '2026-03-03'
const FIRST = '2026-11-16'
const ROLLUP = `rollups/a/${OLD}.json.gz`

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({
    members: [{ email: ADA, firstName: 'Ada', lastName: 'Martin', macs: [PHONE] }],
  })
  await space.write(`presences/a/${OLD}`, seen(PHONE, OLD, 9, 6))
  await at(FIRST)
})
afterEach(() => space.close())

/** The job of a day on which Ada looked in. */
async function at(day: string) {
  await space.write(`presences/a/${day}`, seen(PHONE, day, 20, 1))
  night(space, day)
  return charge(space, 'upload')
}

const refusing = () =>
  space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 404 } : undefined))

test('a day asked for that can not be read is charged once its damaged rollup is dropped', async () => {
  await space.write(ROLLUP, 'damaged')
  expect((await charge(space, 'upload', OLD)).code).not.toBe(0)
  expect((await at('2026-11-17')).code).toBe(1)
  await rm(join(space.folder, 'store', ROLLUP))
  const healed = await at('2026-11-18')
  expect(healed.posts).toEqual([`${OLD} ${ADA} 0.5`])
  expect(healed.code).toBe(0)
  expect((await at('2026-11-19')).nightly).toContain('nothing to do')
})

test('what a person set on such a day is found', async () => {
  refusing()
  await charge(space, 'upload', OLD)
  space.tickets.setFaults(undefined)
  space.clock.now = new Date('2026-04-01T12:00:00Z')
  space.tickets.state.correctDay({ email: ADA, date: OLD, value: 1, comment: 'by hand' })
  const after = await at('2026-11-18')
  expect([after.posts, after.code]).toEqual([[], 0])
})

test('a day that nothing can settle is told each night until a person closes it', async () => {
  refusing()
  await charge(space, 'upload', OLD)
  space.tickets.setFaults(({ path }) => (path.includes('audit') ? { status: 403 } : undefined))
  for (const day of ['2026-11-17', '2026-11-18']) {
    const told = await at(day)
    expect(told.nightly).toContain('1 amount held until the ticket server can be asked')
    expect(told.code).toBe(1)
  }
  expect((await space.run('close', OLD, ADA, '--because', 'too old to tell')).code).toBe(0)
  expect(await at('2026-11-19')).toMatchObject({ posts: [], code: 0 })
})
