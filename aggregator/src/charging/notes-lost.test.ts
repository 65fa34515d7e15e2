/** All that is kept of runs is lost, or an earlier version of it is put back: no day falls out. By the real commands. */
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { charge, night } from '../../testing/nights.ts'
import { seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import { run as runCommand } from '../cli.ts'

const ANA = 'ana@example.org'
const PHONE = 'AA:00:00:00:00:01'
const OLD = '2026-08-03'
const MONDAY = '2026-11-16'
const TUESDAY = '2026-11-17'
const WEDNESDAY = '2026-11-18'

let space: Space & { close: () => Promise<void> }
beforeEach(async () => {
  space = await createSpace({
    members: [{ email: ANA, firstName: 'Ana', lastName: 'Martin', macs: [PHONE] }],
  })
})
afterEach(() => space.close())

const path = (key: string) => join(space.folder, key)
const keep = () => cp(path('store/jobs'), path('kept'), { recursive: true })
const amount = (day: string) => space.tickets.state.amount(ANA, day) ?? 0
const failPosts = () =>
  space.tickets.setFaults(({ path: asked }) =>
    asked === '/api/presence' ? { status: 400 } : undefined,
  )
const mend = () => space.tickets.setFaults(undefined)

async function putBack(): Promise<void> {
  await rm(path('store/jobs'), { recursive: true })
  await cp(path('kept'), path('store/jobs'), { recursive: true })
}

async function nightOf(day: string) {
  await space.write(`presences/a/${day}`, seen(PHONE, day, 9, 3))
  night(space, day)
  return charge(space, 'upload')
}

/** A replay of a day of long ago that is refused: only the notes of runs say that it is to be tried again. */
async function refusedReplay(): Promise<void> {
  failPosts()
  await space.write(`presences/a/${OLD}`, seen(PHONE, OLD, 9, 31))
  expect((await charge(space, 'upload', OLD)).code).toBe(1)
  mend()
}

test('jobs/ lost: the ledgers tell what is left undone', async () => {
  await nightOf(OLD)
  await nightOf(MONDAY)
  await refusedReplay()
  await rm(path('store/jobs'), { recursive: true })
  expect((await nightOf(TUESDAY)).code).toBe(0)
  expect([OLD, MONDAY, TUESDAY].map(amount)).toEqual([1, 0.5, 0.5])
})

describe('jobs/ old', () => {
  test('it is told, kept and made again, and no day left undone falls out', async () => {
    await nightOf(OLD)
    await nightOf(MONDAY)
    await keep()
    await refusedReplay()
    failPosts()
    await nightOf(TUESDAY)
    mend()
    await putBack()
    const ran = await nightOf(WEDNESDAY)
    expect([OLD, MONDAY, TUESDAY, WEDNESDAY].map(amount)).toEqual([1, 0.5, 0.5, 0.5])
    expect(ran.code).toBe(0)
    expect(ran.nightly).toContain('1 note of the program damaged, set aside and made again')
    expect(ran.errors).toContain(
      `it tells of ${MONDAY}, but a night charged on ${TUESDAY}: it is an old copy`,
    )
    expect(await readdir(path('store/jobs/damaged'))).toHaveLength(1)
    expect((await nightOf('2026-11-19')).nightly).toContain('nothing to do')
  })

  test('nights that did not run make no old copy of it', async () => {
    await nightOf(MONDAY)
    await charge(space, 'upload', MONDAY)
    const ran = await nightOf('2026-11-25')
    expect(ran.nightly).not.toContain('note')
  })

  test('the lease of a run that ended long ago is waited for, and no longer', async () => {
    await nightOf(MONDAY)
    const lease = {
      version: 1,
      holder: '2026-11-16T21:15:00.000Z-gone',
      what: 'nightly by timer',
      since: '2026-11-16T21:15:00.000Z',
      until: '2026-11-16T21:15:50.000Z',
      lastsMs: 50_000,
    }
    night(space, TUESDAY)
    await space.write(`presences/a/${TUESDAY}`, seen(PHONE, TUESDAY, 9, 3))
    await space.write('jobs/charging.json', JSON.stringify(lease))
    const began = space.clock.now.getTime()
    const ran = await charge(space, 'upload')
    expect(ran).toMatchObject({ code: 0, posts: [`${TUESDAY} ${ANA} 0.5`] })
    expect(ran.errors).toContain('Waiting: nightly by timer is charging since 2026-11-16')
    expect(space.clock.now.getTime() - began).toBeLessThan(60_000)
  })

  test.each([
    ['an earlier one', (book: string) => space.write(book, '{"version":1,"open":{}}')],
    ['none', (book: string) => rm(path(`store/${book}`))],
  ])('of alerts, %s: what is open is told again, and that it is over', async (_, spoil) => {
    const told: string[] = []
    space.env.ALERT_WEBHOOK_URL = 'https://hooks.example.org/x'
    const upload = async (day: string) => {
      await space.write(`presences/a/${day}`, seen(PHONE, day, 9, 3))
      night(space, day)
      await runCommand(['upload'], {
        ...space.effects({ out: [], errors: [] }),
        fetch: async (url, init) => {
          if (!String(url).startsWith('https://hooks')) return fetch(url, init)
          told.push((JSON.parse(String(init?.body)) as { level: string }).level)
          return new Response('ok')
        },
      })
    }
    failPosts()
    await upload(MONDAY)
    await spoil('jobs/alerts.json')
    await upload(MONDAY)
    mend()
    await upload(MONDAY)
    expect(told).toEqual(['error', 'error', 'ok'])
  })
})
