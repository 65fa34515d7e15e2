/** A run with a wrong clock, and what one of a version before has left: every later night charges right. */
import { readdir, readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createS3Space, createSpace, type Space } from '../../testing/space.ts'

const ANA = 'ana@example.org'
const PHONE = 'AA:00:00:00:00:01'
const MONDAY = '2026-11-16'
const TUESDAY = '2026-11-17'
const WEDNESDAY = '2026-11-18'
const MINUTE = 60_000
const FIVE_MONTHS = 150 * 24 * 60 * MINUTE
const members = [{ email: ANA, firstName: 'Ana', lastName: 'Martin', macs: [PHONE] }]

let space: Space & { close: () => Promise<void> }
afterEach(() => space.close())

function seen(day: string): string {
  return ['09:04', '09:14', '09:24'].map((at) => `${day}T${at}:02+01:00\t${PHONE}\n`).join('')
}

async function nightOf(day: string) {
  space.clock.now = new Date(`${day}T21:15:00Z`)
  await space.write(`presences/a/${day}`, seen(day))
  return space.run('upload')
}

/** This machine's clock is so far ahead of the true time, which the store shows. */
async function withClockAhead<Result>(ms: number, work: () => Promise<Result>): Promise<Result> {
  const before = space.clock.now
  space.clock.now = new Date(before.getTime() + ms)
  space.storeClock.aheadMs = -ms
  const result = await work()
  space.clock.now = before
  space.storeClock.aheadMs = 0
  return result
}

const keysIn = async (folder: string) =>
  (await readdir(`${space.folder}/store/${folder}`, { recursive: true }).catch(() => [])).sort()

describe.each([
  ['a folder', createSpace],
  ['an S3 bucket', createS3Space],
])('on %s', (_, create) => {
  beforeEach(async () => {
    space = await create({ members })
  })

  test.each([
    ['upload'],
    ['upload', MONDAY],
    ['reupload', PHONE, '--period', MONDAY],
    ['members', 'import-audit'],
  ])('%s %s with a clock five months ahead does nothing, and says so', async (...args) => {
    expect((await nightOf(MONDAY)).code).toBe(0)
    const posts = space.tickets.posts.length
    const { code, errors } = await withClockAhead(FIVE_MONTHS, () => space.run(...args))
    expect(code).toBe(3)
    expect(errors).toContain(
      "this machine's clock says 2027-04-15 21:15:00 UTC, the store's 2026-11-16 21:15:00 UTC. Turn on time synchronisation",
    )
    expect(space.tickets.posts).toHaveLength(posts)
    for (const day of [TUESDAY, WEDNESDAY]) {
      expect((await nightOf(day)).code).toBe(0)
      expect(space.tickets.state.amount(ANA, day)).toBe(0.5)
    }
  })

  test.each([
    [14.9, 0],
    [-14.9, 0],
    [15.1, 3],
    [-15.1, 3],
  ])('%d minutes off: %i', async (minutes, code) => {
    space.clock.now = new Date(`${MONDAY}T20:15:00Z`)
    await space.write(`presences/a/${MONDAY}`, seen(MONDAY))
    expect((await withClockAhead(minutes * MINUTE, () => space.run('upload'))).code).toBe(code)
  })
})

test('a first run with a clock ahead begins no ledger', async () => {
  space = await createSpace({ members })
  space.clock.now = new Date(`${MONDAY}T21:15:00Z`)
  await withClockAhead(FIVE_MONTHS, () => space.run('upload'))
  expect(await keysIn('ledger')).toEqual([])
  expect(await keysIn('members')).toEqual([])
})

test('a ledger that begins on a day to come, as a version before has left it, begins with what it has', async () => {
  space = await createSpace({ members })
  await nightOf(MONDAY)
  await space.write('ledger/start.json', '{"version":1,"firstDay":"2027-04-15"}')
  const { errors } = await nightOf(WEDNESDAY)
  expect(errors).toContain('it begins on 2027-04-15, a day to come')
  expect(JSON.parse(await readFile(`${space.folder}/store/ledger/start.json`, 'utf8'))).toEqual({
    version: 1,
    firstDay: MONDAY,
  })
})

describe('a member map of a day to come, as a version before has left it', () => {
  const LAPTOP = 'AA:00:00:00:00:02'
  const BOB = 'bob@example.org'
  const BOBS = 'BB:00:00:00:00:01'

  /** What such a version did: nothing compared its clock, neither with the store's nor with anything. */
  async function runOfBefore(): Promise<void> {
    const before = space.clock.now
    space.clock.now = new Date(before.getTime() + FIVE_MONTHS)
    await space.run('upload')
    space.clock.now = before
  }

  beforeEach(async () => {
    space = await createSpace({
      members: [
        { email: ANA, firstName: 'Ana', lastName: 'Martin', macs: [PHONE, LAPTOP] },
        { email: BOB, firstName: 'Bob', lastName: 'Weber', macs: [BOBS] },
      ],
    })
    await nightOf(MONDAY)
  })

  test('is refused until somebody rewinds it; then every day is charged to whose it was', async () => {
    // Between the nights Ana sells her phone to Bob, and the run that is ahead sees it first.
    space.tickets.state.removeDevice(ANA, PHONE)
    space.tickets.state.addDevice(BOB, PHONE)
    await runOfBefore()
    const refused = await nightOf(TUESDAY)
    expect(refused.code).toBe(3)
    expect(refused.errors).toContain(
      'if it was wrong that other day: presences-aggregator members rewind',
    )

    const preview = await space.run('members', 'rewind', '--dry-run')
    const rewound = await space.run('members', 'rewind')
    expect(rewound.code).toBe(0)
    expect(rewound.out).toEqual([
      `The last member map was of 2027-04-15, a day to come; now it is of ${MONDAY}: run upload again`,
    ])
    expect(preview.out).toEqual(rewound.out)
    expect((await space.run('members', 'rewind')).out).toEqual([
      `The last member map is of ${MONDAY}: nothing to do`,
    ])

    for (const day of [TUESDAY, WEDNESDAY]) expect((await nightOf(day)).code).toBe(0)
    expect(space.tickets.state.amount(ANA, MONDAY)).toBe(0.5)
    expect(space.tickets.state.amount(BOB, MONDAY)).toBeUndefined()
    for (const day of [TUESDAY, WEDNESDAY]) expect(space.tickets.state.amount(BOB, day)).toBe(0.5)
  })

  test('with an e-mail that it saw changed keeps that person as one', async () => {
    space.tickets.state.member(ANA).email = 'ana.new@example.org'
    await runOfBefore()
    await nightOf(TUESDAY)
    await space.run('members', 'rewind')
    const { code } = await nightOf(WEDNESDAY)
    expect(code).toBe(0)
    for (const day of [MONDAY, TUESDAY, WEDNESDAY])
      expect(space.tickets.state.amount('ana.new@example.org', day)).toBe(0.5)
    const posts = space.tickets.posts.filter(({ date }) => date === MONDAY)
    expect(posts).toHaveLength(1)
  })
})
