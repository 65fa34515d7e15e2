/** The ledger is lost, or began again: it is said, and nothing is charged. A new installation is no loss. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalDay } from '@presences/shared'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { charge, night } from '../../testing/nights.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import { run } from '../cli.ts'
import { writeFirstDay } from '../ledger/ledger-store.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { beginningsTold } from './ledger-lost.ts'

const ANA = 'ana@example.org'
const PHONE = 'AA:00:00:00:00:01'
const MONDAY = '2026-11-16'
const TUESDAY = '2026-11-17'
const WEDNESDAY = '2026-11-18'
const START = 'ledger/start.json'
const LOST = /^The ledger is lost, or a part of it: .*presences-aggregator ledger rebuild$/m

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({
    members: [{ email: ANA, firstName: 'Ana', lastName: 'Martin', macs: [PHONE] }],
  })
})
afterEach(() => space.close())

async function seen(day: string) {
  const lines = ['09:04', '09:14', '09:24'].map((at) => `${day}T${at}:02+01:00\t${PHONE}\n`)
  await space.write(`presences/a/${day}`, lines.join(''))
}

async function nightOf(day: string) {
  await seen(day)
  night(space, day)
  return charge(space, 'upload')
}

const lose = (key: string) => rm(join(space.folder, 'store', key), { recursive: true })

test.each([
  ['all of it', ['ledger'], 'by members/ this system charged since 2026-11-16'],
  ['its beginning', [START], 'by members/ this system charged since 2026-11-16'],
  ['all of it, and who had which device', ['ledger', 'members'], 'jobs/ tells of runs, the last'],
  ['its beginning, and all else', [START, 'members', 'jobs'], 'there is a ledger of 2026-11-16'],
])('%s is lost: nothing is charged, again and again', async (_, keys, why) => {
  await nightOf(MONDAY)
  await nightOf(TUESDAY)
  for (const key of keys) await lose(key)
  for (const args of [
    ['upload'],
    ['upload', '--dry-run'],
    ['reupload', PHONE],
    ['upload', MONDAY],
  ]) {
    await seen(WEDNESDAY)
    night(space, WEDNESDAY)
    const ran = await charge(space, ...args)
    expect(ran).toMatchObject({ code: 3, out: [], posts: [] })
    expect(ran.errors).toMatch(LOST)
    expect(ran.errors).toContain(why)
  }
})

test('a beginning later than the history of members knows of is a loss', async () => {
  await nightOf(MONDAY)
  await space.write(START, `{"version":1,"firstDay":"${TUESDAY}"}`)
  const ran = await nightOf(WEDNESDAY)
  expect(ran).toMatchObject({ code: 3, posts: [] })
  expect(ran.errors).toContain('it begins on 2026-11-17, but by members/')
})

test('the webhook is told of it', async () => {
  await nightOf(MONDAY)
  await lose('ledger')
  space.env.ALERT_WEBHOOK_URL = 'https://hooks.example.org/x'
  night(space, TUESDAY)
  const told: string[] = []
  await run(['upload'], {
    ...space.effects({ out: [], errors: [] }),
    fetch: async (url, init) => {
      if (!String(url).startsWith('https://hooks')) return fetch(url, init)
      told.push(String(init?.body))
      return new Response('ok')
    },
  })
  expect(told).toEqual([expect.stringContaining('The ledger is lost, or a part of it')])
})

test('a space that had rollups and maps for weeks before its first night has lost nothing', async () => {
  await seen(MONDAY)
  night(space, MONDAY)
  await space.run('rollup')
  await space.run('members', 'import-audit')
  await space.run('upload', '--dry-run')
  await space.run('probes')
  expect(await readdir(join(space.folder, 'store'))).toContain('rollups')
  const ran = await nightOf(WEDNESDAY)
  expect(ran).toMatchObject({ code: 0, posts: [`${WEDNESDAY} ${ANA} 0.5`] })
})

test('a first night that fails is no loss to the next one', async () => {
  space.tickets.setFaults(() => ({ status: 503 }))
  expect((await nightOf(MONDAY)).code).toBe(3)
  space.tickets.setFaults(undefined)
  expect((await nightOf(TUESDAY)).posts).toHaveLength(2)
})

test('of what tells of a beginning, the earliest is first', async () => {
  const store = createFolderStore(join(space.folder, 'store'))
  expect(await beginningsTold(store, undefined)).toEqual([])
  expect(await beginningsTold(store, MONDAY as LocalDay)).toEqual([MONDAY])
  await writeFirstDay(store, TUESDAY as LocalDay)
  expect(await beginningsTold(store, MONDAY as LocalDay)).toEqual([MONDAY, TUESDAY])
  expect(await beginningsTold(store, WEDNESDAY as LocalDay)).toEqual([TUESDAY, WEDNESDAY])
})
