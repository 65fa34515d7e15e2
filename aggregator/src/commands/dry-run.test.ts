/** What only looks changes nothing: not the store, not the ticket server, not who is told, nor who may charge. */

import { readdir, readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Mac, parseConfig } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { look, seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import { serveConfig } from '../config.ts'
import { createApp } from '../http/app.ts'
import { createService } from './serve-command.ts'

const ANA = 'ana@example.org'
const [PHONE, LATE] = ['AA:00:00:00:00:01', 'AA:00:00:00:00:03']
const TODAY = '2026-11-22'
const DAY = '2026-11-20'
const TOKEN = 'a-token-of-an-administrator'

let space: Space & { close: () => Promise<void> }
let hook: Server
let told: string[]

beforeEach(async () => {
  space = await createSpace({ members: [{ email: ANA, firstName: 'Ana', macs: [PHONE] }] })
  told = []
  hook = createServer((request, response) => {
    told.push(request.url ?? '')
    response.end('ok')
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const { port } = hook.address() as AddressInfo
  Object.assign(space.env, {
    ALERT_WEBHOOK_URL: `http://127.0.0.1:${port}/hook`,
    ADMIN_TOKENS: TOKEN,
    LOG_DIR: join(space.folder, 'logs'),
  })
  for (const day of [DAY, TODAY])
    await space.write(`presences/a/${day}`, seen(PHONE, day, 9, 3) + seen(LATE, day, 9, 3))
  await space.write(
    ...look('b', space.clock.now, { macs: [PHONE as Mac], meta: { free_mb: '10' } }),
  )
  // Who has no e-mail is somebody to be told of.
  space.tickets.state.addMember({ email: '', firstName: 'Eve', macs: ['EE:00:00:00:00:01'] })
  await space.write(`presences/c/${TODAY}`, seen('EE:00:00:00:00:01', TODAY, 9, 30))
  space.tickets.state.addDevice(ANA, LATE)
})
afterEach(async () => {
  await space.close()
  await new Promise((resolve) => hook.close(resolve))
})

/** Every file there is, with its bytes. */
async function everything(): Promise<Record<string, string>> {
  const entries = await readdir(space.folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink())
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort()
  const texts = await Promise.all(paths.map((path) => readFile(path, 'base64')))
  return Object.fromEntries(paths.map((path, index) => [path, texts[index] ?? '']))
}

/** What the ticket server was asked that may change something there. */
const changes = () =>
  space.tickets.requests.filter(({ method, path }) => method !== 'GET' && path !== '/api/mac')

/** How it all is, and whether what `work` does leaves it so. */
async function expectUntouched(work: () => Promise<void>): Promise<void> {
  const before = await everything()
  await work()
  expect(await everything()).toEqual(before)
  expect(changes()).toEqual([])
  expect(told).toEqual([])
}

const DRY = [
  ['upload', '--dry-run'],
  ['upload', DAY, '--dry-run'],
  ['upload', '--from', DAY, '--to', TODAY, '--dry-run', '--allow-lower', '--accept-map'],
  ['reupload', LATE, '--dry-run'],
  ['members', 'import-audit', '--dry-run'],
  ['heartbeat', '--dry-run'],
]
const LOOKING = [
  ['presences', DAY],
  ['presences', DAY, '--json'],
  ['explain', DAY, ANA],
  ['explain', TODAY, ANA, '--svg'],
  ['probes'],
  ['probes', '--json'],
]

describe.each([...DRY, ...LOOKING])('%s %s', (...args) => {
  test('changes nothing and tells nobody', async () => {
    await expectUntouched(async () => {
      const { out } = await space.run(...args)
      expect(out.length).toBeGreaterThan(0)
    })
  })
})

test.each([
  ['could not work', { status: 401 }],
  ['would be refused', { status: 200, headers: { 'Content-Type': 'text/csv' }, body: '' }],
])('a dry nightly run that %s tells nobody either', async (_, fault) => {
  space.tickets.setFaults(() => fault)
  await expectUntouched(async () => {
    expect((await space.run('upload', '--dry-run')).code).toBe(3)
  })
  await space.run('upload')
  expect(told).toEqual(['/hook'])
})

test('a day that is asked for tells nobody: who asked sees it', async () => {
  space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 404 } : undefined))
  expect((await space.run('upload', TODAY)).code).toBe(1)
  expect(told).toEqual([])
  expect((await space.run('upload')).code).toBe(1)
  expect(told).toEqual(['/hook'])
})

test.each(DRY)('%s %s does not wait for a run that charges', async (...args) => {
  const held = {
    version: 1,
    holder: 'another',
    what: 'nightly by timer',
    since: space.clock.now.toISOString(),
    until: new Date(space.clock.now.getTime() + 360_000).toISOString(),
  }
  await space.write('jobs/charging.json', JSON.stringify(held))
  const began = space.clock.now.getTime()
  const { errors } = await space.run(...args)
  expect(errors).not.toContain('Waiting')
  expect(space.clock.now.getTime()).toBe(began)
})

test.each([
  `/presences/${DAY}`,
  `/presences/${TODAY}/${ANA}`,
  `/reupload/${LATE}?period=2026-11`,
  `/reupload/${LATE}?period=2026-11&allow-lower=1&accept-map=1`,
  '/metrics',
  '/readyz',
])('GET %s changes nothing', async (path) => {
  const config = parseConfig(serveConfig, space.env)
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const app = createApp(createService(config, space.effects({ out: [], errors: [] }), log))
  await expectUntouched(async () => {
    const response = await app.request(path, { headers: { Authorization: `Bearer ${TOKEN}` } })
    expect(response.status).toBe(200)
  })
})
