/** A run that was killed, and the next ones: how long they wait, and what they say meanwhile. */
import { parseConfig } from '@presences/shared'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSpace, type Space } from '../../testing/space.ts'
import { run } from '../cli.ts'
import { createService } from '../commands/serve-command.ts'
import { serveConfig } from '../config.ts'
import { createApp } from '../http/app.ts'

const ANA = 'ana@example.org'
const PHONE = 'AA:00:00:00:00:01'
const MONDAY = '2026-11-16'
const TOKEN = 'a-token-of-an-administrator'

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({
    members: [{ email: ANA, firstName: 'Ana', lastName: 'Martin', macs: [PHONE] }],
  })
  const lines = ['09:04', '09:14', '09:24'].map((at) => `${MONDAY}T${at}:02+01:00\t${PHONE}\n`)
  await space.write(`presences/a/${MONDAY}`, lines.join(''))
  space.clock.now = new Date(`${MONDAY}T21:15:00Z`)
})
afterEach(() => space.close())

/** A run that is gone at its first request to the ticket server: nothing of it goes on, not even its timers. */
async function killedAtFirstRequest(): Promise<void> {
  const sink = { out: [], errors: [] }
  await new Promise<void>((killed) => {
    void run(['upload'], {
      ...space.effects(sink),
      every: () => () => {},
      fetch: () => {
        killed()
        return new Promise(() => {})
      },
    })
  })
}

/** Errors, of all requests. */
let logged: string[] = []
beforeEach(() => {
  logged = []
})

function request(method: string, path: string, headers: Record<string, string> = {}) {
  const config = parseConfig(serveConfig, { ...space.env, ADMIN_TOKENS: TOKEN })
  const log = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (line: string) => void logged.push(line),
  }
  const app = createApp(createService(config, space.effects({ out: [], errors: [] }), log))
  return app.request(path, { method, headers: { Authorization: `Bearer ${TOKEN}`, ...headers } })
}

test('the run after a SIGKILL charges in under a minute, and says for whom it waits', async () => {
  await killedAtFirstRequest()
  const began = space.clock.now.getTime()
  const { code, errors } = await space.run('upload')
  expect(code).toBe(0)
  expect(space.tickets.state.amount(ANA, MONDAY)).toBe(0.5)
  expect(space.clock.now.getTime() - began).toBeLessThan(60_000)
  expect(errors).toMatch(
    /Waiting: nightly by .* on test-host is charging since 2026-11-16T21:15:00.000Z/,
  )
})

test.each([`/upload/${MONDAY}`, `/reupload/${PHONE}?period=${MONDAY}`])(
  'POST %s that would have to wait is answered at once, and goes on for who hears of it',
  async (path) => {
    await killedAtFirstRequest()
    const began = space.clock.now.getTime()
    const refused = await request('POST', path)
    expect(refused.status).toBe(409)
    expect(refused.headers.get('Retry-After')).toMatch(/^\d\d$/)
    expect(await refused.json()).toEqual({
      status: 409,
      message: expect.stringMatching(
        /^Not begun: nightly by .* is charging since 2026-11-16T21:15:00.000Z/,
      ),
    })
    expect(space.clock.now.getTime()).toBe(began)
    // Who asks too early has made no mistake, and nothing has failed.
    expect(logged).toEqual([])

    const streamed = await request('POST', path, { Accept: 'application/x-ndjson' })
    const lines = (await streamed.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const waiting = lines.filter(({ type }) => type === 'waiting')
    expect(waiting).toEqual([
      {
        type: 'waiting',
        message: expect.stringContaining('is charging since 2026-11-16T21:15:00.000Z'),
        retryAfterSeconds: expect.any(Number),
      },
    ])
    expect(lines.at(-1)).toMatchObject({ type: 'result', status: 200 })
    expect(space.tickets.state.amount(ANA, MONDAY)).toBe(0.5)
  },
)

test('a preview waits for nobody', async () => {
  await killedAtFirstRequest()
  const began = space.clock.now.getTime()
  expect((await request('GET', `/reupload/${PHONE}?period=${MONDAY}`)).status).toBe(200)
  expect((await space.run('upload', '--dry-run')).code).toBe(0)
  expect(space.clock.now.getTime()).toBe(began)
})

test('a request to the ticket server that is tried for minutes keeps the lease', async () => {
  let failures = 5
  space.tickets.setFaults(({ path }) => {
    if (path !== '/api/presence' || failures === 0) return undefined
    failures -= 1
    // Meanwhile nobody can take it.
    space.clock.now = new Date(space.clock.now.getTime() + 29_000)
    return { status: 503 }
  })
  const { code } = await space.run('upload')
  expect(code).toBe(0)
  expect(space.tickets.posts).toHaveLength(6)
})

test('no attempt of a post is sent once another run has the lease', async () => {
  let isTaken = false
  space.tickets.setFaults(({ path }) => {
    if (path !== '/api/presence' || isTaken) return undefined
    isTaken = true
    return { status: 503 }
  })
  const sink = { out: [], errors: [] as string[] }
  const effects = space.effects(sink)
  const code = await run(['upload'], {
    ...effects,
    every: () => () => {},
    sleep: async (ms) => {
      // Held up between two attempts, for longer than its lease lasts.
      if (isTaken && space.tickets.posts.length === 1) {
        space.clock.now = new Date(space.clock.now.getTime() + 60_000)
        await space.run('upload')
      }
      await effects.sleep(ms)
    },
  })
  expect(code).toBe(3)
  expect(sink.errors.join('')).toContain('another one may have taken over')
  const posts = space.tickets.posts.map(({ amount }) => amount)
  // The first attempt, and that of the run that took over.
  expect(posts).toEqual(['0.5', '0.5'])
})
