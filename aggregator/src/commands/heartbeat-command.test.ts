/** `heartbeat` on a store and a ticket server that refuses a batch with one bad MAC. */
import { type Mac, macFromBits } from '@presences/shared'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { look } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import { isFresh } from '../presence/who-is-here.ts'

const ANA = macFromBits(0xaa_00_00_00_00_01)
const BOB = macFromBits(0xaa_00_00_00_00_02)
const STRANGER = macFromBits(0xaa_00_00_00_00_99)
const members = [
  { email: 'ana@example.org', firstName: 'Ana', lastName: 'Martin', macs: [ANA] },
  { email: 'bob@example.org', firstName: 'Bob', lastName: 'Durand', macs: [BOB] },
]

let space: Space & { close: () => Promise<void> }
beforeEach(async () => {
  space = await createSpace({ members })
})
afterEach(() => space.close())

/** A probe's file of one minute, with the devices in it. */
const write = (location: string, time: string, macs: readonly Mac[], probe = 'box') =>
  space.write(...look(location, new Date(time), { macs, probe }))

test('each location with members is told, once, by the last minute of all its probes', async () => {
  space.clock.now = new Date('2026-11-20T10:02:45+01:00')
  await write('poulailler', '2026-11-20T10:01:00+01:00', [STRANGER])
  await write('poulailler', '2026-11-20T10:02:00+01:00', [ANA, STRANGER])
  await write('poulailler', '2026-11-20T10:02:00+01:00', [ANA, BOB], 'spare')
  // Who has left since is there no more.
  await write('grenier', '2026-11-20T10:01:00+01:00', [BOB])
  await write('grenier', '2026-11-20T10:02:00+01:00', [STRANGER])
  const { code, out } = await space.run('heartbeat')
  expect([code, out]).toEqual([0, ['poulailler: 2 devices']])
  expect(space.tickets.heartbeats).toEqual([{ macs: [ANA, BOB], location: 'poulailler' }])
})

test.each([
  ['2026-11-20T10:03:00+01:00', 1],
  ['2026-11-20T10:03:01+01:00', 0],
  ['2026-11-20T10:00:59+01:00', 0],
])('a minute that began at 10:01, at %s: %i told', async (now, told) => {
  space.clock.now = new Date(now)
  await write('poulailler', '2026-11-20T10:01:00+01:00', [ANA])
  expect((await space.run('heartbeat')).code).toBe(0)
  expect(space.tickets.heartbeats).toHaveLength(told)
})

test('just after midnight the last minute of yesterday counts, and at the turn of an hour the one before', async () => {
  space.clock.now = new Date('2026-11-21T00:00:30+01:00')
  await write('poulailler', '2026-11-20T23:59:00+01:00', [ANA])
  expect((await space.run('heartbeat')).out).toEqual(['poulailler: 1 device'])
  space.clock.now = new Date('2026-11-21T11:00:30+01:00')
  await write('grenier', '2026-11-21T10:59:00+01:00', [BOB])
  expect((await space.run('heartbeat')).out).toEqual(['grenier: 1 device'])
})

test('what has grown old while others were told is not sent: the server would take it for now', async () => {
  space.clock.now = new Date('2026-11-20T10:02:45+01:00')
  await write('grenier', '2026-11-20T10:02:00+01:00', [BOB])
  await write('poulailler', '2026-11-20T10:02:00+01:00', [ANA])
  const sink = { out: [] as string[], errors: [] as string[] }
  const { run } = await import('../cli.ts')
  const code = await run(['heartbeat'], {
    ...space.effects(sink),
    fetch: async (input, init) => {
      const answer = await fetch(input, init)
      if (String(input).endsWith('/api/heartbeat'))
        space.clock.now = new Date('2026-11-20T10:04:01+01:00')
      return answer
    },
  })
  expect([code, sink.out]).toEqual([0, ['grenier: 1 device']])
  expect(space.tickets.heartbeats).toHaveLength(1)
})

test('--dry-run tells nobody', async () => {
  space.clock.now = new Date('2026-11-20T10:02:45+01:00')
  await write('poulailler', '2026-11-20T10:02:00+01:00', [ANA])
  expect((await space.run('heartbeat', '--dry-run')).out).toEqual(['poulailler: 1 device'])
  expect(space.tickets.heartbeats).toEqual([])
})

test('a heartbeat that is refused is not sent again, and makes 1', async () => {
  space.clock.now = new Date('2026-11-20T10:02:45+01:00')
  await write('poulailler', '2026-11-20T10:02:00+01:00', [ANA])
  const asked: string[] = []
  const effects = space.effects({ out: [], errors: [] })
  const broken: typeof fetch = async (input, init) => {
    const url = String(input)
    asked.push(new URL(url).pathname)
    if (url.endsWith('/api/heartbeat')) return new Response('down', { status: 503 })
    return effects.fetch(input, init)
  }
  const { run } = await import('../cli.ts')
  expect(await run(['heartbeat'], { ...effects, fetch: broken })).toBe(1)
  expect(asked.filter((path) => path === '/api/heartbeat')).toHaveLength(1)
})

test.each([
  [-1, false],
  [0, true],
  [120_000, true],
  [120_001, false],
])('seen %i ms ago is fresh: %s', (ageMs, fresh) => {
  const now = new Date('2026-11-20T10:00:00Z')
  expect(isFresh(new Date(now.getTime() - ageMs), now)).toBe(fresh)
})
