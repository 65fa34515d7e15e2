/**
 * What the probes saw is lost, or an earlier version of it is put back: raw files, rollups, or both. No charge is ever
 * lowered for it, and what nobody can charge any more is said. By the real commands.
 */
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { charge, night } from '../../testing/nights.ts'
import { look, seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'

const ANA = 'ana@example.org'
const BOB = 'bob@example.org'
const PHONE = 'AA:00:00:00:00:01'
const BOBS = 'BB:00:00:00:00:01'
const LATE = 'AA:00:00:00:00:02'
const MONDAY = '2026-11-16'
const TUESDAY = '2026-11-17'
const WEDNESDAY = '2026-11-18'

let space: Space & { close: () => Promise<void> }
beforeEach(async () => {
  space = await createSpace({
    members: [
      { email: ANA, firstName: 'Ana', lastName: 'Martin', macs: [PHONE] },
      { email: BOB, firstName: 'Bob', lastName: 'Weber', macs: [BOBS] },
    ],
  })
})
afterEach(() => space.close())

const path = (key: string) => join(space.folder, key)
const lose = (prefix: string) => rm(path(`store/${prefix}`), { recursive: true, force: true })
const keep = (prefix: string) => cp(path(`store/${prefix}`), path('kept'), { recursive: true })
const sees = (day: string, ...lines: string[]) => space.write(`presences/a/${day}`, lines.join(''))
const run = (...args: string[]) => charge(space, ...args)
const amounts = (email: string) =>
  [MONDAY, TUESDAY, WEDNESDAY].map((day) => space.tickets.state.amount(email, day) ?? 0)

async function putBack(prefix: string): Promise<void> {
  await lose(prefix)
  await cp(path('kept'), path(`store/${prefix}`), { recursive: true })
}

async function nightOf(day: string) {
  night(space, day)
  return run('upload')
}

/** Monday is charged: a whole day, and half a one of Bob's. */
async function charged(): Promise<void> {
  await sees(MONDAY, seen(PHONE, MONDAY, 9, 31), seen(BOBS, MONDAY, 9, 3))
  await nightOf(MONDAY)
  expect([amounts(ANA), amounts(BOB)]).toEqual([
    [1, 0, 0],
    [0.5, 0, 0],
  ])
}

/** Monday was a whole day, and the server refused it. */
async function refused(): Promise<void> {
  space.tickets.setFaults(({ path: asked }) =>
    asked === '/api/presence' ? { status: 400 } : undefined,
  )
  await sees(MONDAY, seen(PHONE, MONDAY, 9, 31))
  await nightOf(MONDAY)
  space.tickets.setFaults(undefined)
  expect(amounts(ANA)).toEqual([0, 0, 0])
}

test('presences/ lost: what a night has read is known, a day of which nothing is left is told of', async () => {
  await charged()
  await sees(TUESDAY, seen(PHONE, TUESDAY, 9, 31))
  await lose('presences')
  await sees(WEDNESDAY, seen(PHONE, WEDNESDAY, 9, 31))
  const ran = await nightOf(WEDNESDAY)
  expect(ran.posts).toEqual([`${WEDNESDAY} ${ANA} 1`])
  expect(ran.nightly).toContain('to do: 1 day without any file, check the boxes')
  expect(ran.errors).toContain(`No location has any file for ${TUESDAY}`)
  const replayed = await run(
    'reupload',
    PHONE,
    '--period',
    `${MONDAY}..${WEDNESDAY}`,
    '--allow-lower',
  )
  expect(replayed).toMatchObject({ code: 0, posts: [] })
  expect((await run('explain', MONDAY, ANA)).out[1]).toContain('31 slots')
  // Put back after all, the day is charged by the next night.
  await sees(TUESDAY, seen(PHONE, TUESDAY, 9, 31))
  expect((await nightOf('2026-11-19')).posts).toEqual([`${TUESDAY} ${ANA} 1`])
})

test('presences/ old: the rollups know what was taken back', async () => {
  await sees(MONDAY, seen(PHONE, MONDAY, 9, 3))
  await keep('presences')
  await sees(MONDAY, seen(PHONE, MONDAY, 9, 31), seen(BOBS, MONDAY, 9, 3))
  await nightOf(MONDAY)
  await putBack('presences')
  await sees(TUESDAY, seen(BOBS, TUESDAY, 9, 3))
  const ran = await nightOf(TUESDAY)
  expect(ran).toMatchObject({ code: 0, posts: [`${TUESDAY} ${BOB} 0.5`] })
  expect(ran.nightly).toContain('nothing to do')
  const replayed = await run(
    'reupload',
    PHONE,
    '--period',
    `${MONDAY}..${TUESDAY}`,
    '--allow-lower',
  )
  expect(replayed).toMatchObject({ code: 0, posts: [] })
  expect(amounts(ANA)).toEqual([1, 0, 0])
})

describe.each(['lost', 'old'])('rollups/ %s', (how) => {
  /** An old copy has three slots of Monday. */
  async function spoil(): Promise<void> {
    if (how === 'lost') await lose('rollups')
    else await putBack('rollups')
  }

  beforeEach(async () => {
    await sees(MONDAY, seen(PHONE, MONDAY, 9, 3))
    night(space, MONDAY)
    await run('rollup')
    await keep('rollups')
  })

  test('they are made again from presences/, and nothing else changes', async () => {
    await charged()
    await spoil()
    await sees(TUESDAY, seen(PHONE, TUESDAY, 9, 3))
    const ran = await nightOf(TUESDAY)
    expect(ran).toMatchObject({ code: 0, posts: [`${TUESDAY} ${ANA} 0.5`] })
    expect(ran.nightly).toContain('nothing to do')
    await lose('presences')
    const replayed = await run('reupload', PHONE, '--period', `${MONDAY}..${TUESDAY}`)
    expect(replayed).toMatchObject({ code: 0, posts: [] })
    expect(amounts(ANA)).toEqual([1, 0.5, 0])
  })

  test('and raw files gone: a charge is held, never lowered, and a replay says what it can not know', async () => {
    await charged()
    await spoil()
    await lose('presences')
    await sees(TUESDAY, seen(PHONE, TUESDAY, 9, 3))
    space.tickets.state.addDevice(ANA, LATE)
    const ran = await nightOf(TUESDAY)
    expect(ran.posts).toEqual([`${TUESDAY} ${ANA} 0.5`])
    expect(ran.nightly).toContain('to do: 2 amounts held, somebody must look')
    expect(ran.errors + ran.out.join('\n')).toContain('there is less data now than then')
    for (const mac of [PHONE, LATE]) {
      const replayed = await run(
        'reupload',
        mac,
        '--period',
        `${MONDAY}..${TUESDAY}`,
        '--allow-lower',
      )
      expect(replayed).toMatchObject({ code: 1, posts: [] })
      expect(replayed.errors).toContain(
        `${MONDAY}: the ledger knows more of a than rollups/ and presences/`,
      )
    }
    expect([amounts(ANA), amounts(BOB)]).toEqual([
      [1, 0.5, 0],
      [0.5, 0, 0],
    ])
    const explained = (await run('explain', MONDAY, ANA)).out
    expect(explained.at(-1)).toBe('As it stands, 1 ticket is charged.')
  })

  test('and raw files gone, of a post that was refused: told until it is put back, set or closed', async () => {
    await refused()
    await spoil()
    await lose('presences')
    await sees(TUESDAY, seen(BOBS, TUESDAY, 9, 3))
    const text = 'amount never charged whose data is lost, put it back or set the day by hand'
    const first = await nightOf(TUESDAY)
    // What is left of it is charged.
    expect(amounts(ANA)).toEqual([how === 'lost' ? 0 : 0.5, 0, 0])
    await sees('2026-12-18', seen(BOBS, '2026-12-18', 9, 3))
    const later = await nightOf('2026-12-18')
    for (const ran of how === 'lost' ? [first, later] : [later]) {
      expect(ran.code).toBe(1)
      expect(ran.nightly).toContain(text)
    }
    expect(later.lines.join('\n')).toContain(`${MONDAY} ${ANA}`)
    await run('close', MONDAY, ANA, '--because', 'nobody knows any more')
    await sees('2026-12-19', seen(BOBS, '2026-12-19', 9, 3))
    expect((await nightOf('2026-12-19')).nightly).not.toContain(text)
  })

  test('and raw files gone, put back: the refused post is sent', async () => {
    await refused()
    await spoil()
    await lose('presences')
    await sees(TUESDAY, seen(BOBS, TUESDAY, 9, 3))
    await nightOf(TUESDAY)
    await sees(MONDAY, seen(PHONE, MONDAY, 9, 31))
    expect((await nightOf(WEDNESDAY)).posts).toContain(`${MONDAY} ${ANA} 1`)
    expect(amounts(ANA)).toEqual([1, 0, 0])
  })
})

test('a night that did not run, of whose day nothing is left, is told of once', async () => {
  await charged()
  const [key, text] = look('a', new Date(`${WEDNESDAY}T09:04:00+01:00`))
  await space.write(key, text)
  const told = '1 day without any file'
  expect((await nightOf(WEDNESDAY)).nightly).toContain(told)
  const [next, more] = look('a', new Date('2026-11-19T09:04:00+01:00'))
  await space.write(next, more)
  expect((await nightOf('2026-11-19')).nightly).not.toContain(told)
})
