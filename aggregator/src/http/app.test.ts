import { type LocalDay, parseConfig } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import { createService } from '../commands/serve-command.ts'
import { serveConfig } from '../config.ts'
import { readLedger } from '../ledger/ledger-store.ts'
import type { Log } from '../runtime/log.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { createApp } from './app.ts'

const TOKEN = 'a-token-of-an-administrator'
const DAY = '2026-11-20'
const PHONE = 'AA:00:00:00:00:01'
const LATE = 'AA:00:00:00:00:03'
const members = [
  { email: 'Ana+2000@Example.org', firstName: 'Ana', lastName: 'Martin', macs: [PHONE] },
]

let space: Space & { close: () => Promise<void> }
let logged: string[]

beforeEach(async () => {
  space = await createSpace({ members })
  logged = []
  await space.write(`presences/poulailler/${DAY}`, seen(PHONE, DAY, 9, 3) + seen(LATE, DAY, 9, 3))
})
afterEach(() => space.close())

/** A log whose lines are kept, each after its level. */
function logTo(lines: string[]): Log {
  const keep = (level: string) => (line: string) => void lines.push(`${level} ${line}`)
  return { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') }
}

async function request(path: string, init: RequestInit = {}, env: Record<string, string> = {}) {
  const config = parseConfig(serveConfig, {
    ...space.env,
    ADMIN_TOKENS: `another-token-entirely,${TOKEN}`,
    ...env,
  })
  const effects = space.effects({ out: [], errors: [] })
  const app = createApp(createService(config, effects, logTo(logged)))
  return app.request(path, { headers: { Authorization: `Bearer ${TOKEN}` }, ...init })
}

const post = { method: 'POST', headers: { Authorization: `Token ${TOKEN}` } }

describe('who may ask', () => {
  test.each([
    [{}, 401],
    [{ Authorization: TOKEN }, 401],
    [{ Authorization: 'Bearer ' }, 401],
    [{ Authorization: `Bearer ${TOKEN}x` }, 401],
    [{ Authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401],
    [{ Authorization: `Basic ${TOKEN}` }, 401],
    [{ Authorization: `Bearer ${TOKEN}` }, 200],
    [{ Authorization: `Token ${TOKEN}` }, 200],
    [{ Authorization: 'bearer another-token-entirely' }, 200],
  ])('%j: %i', async (headers, status) => {
    const response = await request(`/presences/${DAY}`, {
      headers: headers as Record<string, string>,
    })
    expect(response.status).toBe(status)
    if (status === 401) {
      expect(await response.json()).toMatchObject({
        status: 401,
        message: expect.stringContaining('ADMIN_TOKENS'),
      })
    }
  })

  test.each(['/readyz', '/metrics', '/openapi.json', '/nowhere', `/upload/${DAY}`, '/reupload/x'])(
    '%s needs a token',
    async (path) => {
      expect((await request(path, { headers: {} })).status).toBe(401)
    },
  )

  test('/healthz needs none', async () => {
    expect(await (await request('/healthz', { headers: {} })).json()).toEqual({ status: 'ok' })
  })
})

test('/metrics tells of each location in the format of Prometheus', async () => {
  const response = await request('/metrics')
  expect(response.headers.get('Content-Type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(await response.text()).toContain(
    'presences_probe_state{location="poulailler",state="retired"} 1',
  )
})

describe('/reupload/:mac', () => {
  beforeEach(() => space.tickets.state.addDevice('Ana+2000@Example.org', LATE))

  test.each([
    LATE,
    LATE.toLowerCase(),
    LATE.replaceAll(':', '-'),
    'aa00.0000.0003',
    encodeURIComponent(LATE),
  ])('POST replays %s', async (mac) => {
    const response = await request(`/reupload/${mac}?period=${DAY}`, post)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      mac: 'AA:00:…:03',
      from: DAY,
      to: DAY,
      message: 'Ana+2000@Example.org: seen on 1 day, 1 amount posted',
      days: [
        {
          day: DAY,
          minutes: 3,
          slots: 3,
          locations: ['poulailler'],
          owner: 'Ana+2000@Example.org',
          source: 'registered-late',
          member: {
            email: 'Ana+2000@Example.org',
            was: null,
            amount: 0.5,
            decision: 'post',
            reason: 'first charge: 3 slots',
            outcome: 'posted',
            slotCount: 3,
          },
        },
      ],
      unreadable: [],
      warnings: [],
    })
    expect(space.tickets.state.amount('Ana+2000@Example.org', DAY)).toBe(0.5)
  })

  test('GET shows what that would do, and posts nothing', async () => {
    const body = await (await request(`/reupload/${LATE}?period=2026`)).json()
    expect(body).toMatchObject({
      message: expect.stringContaining('1 amount would be posted'),
      days: [{ day: DAY, member: { was: null, amount: 0.5, decision: 'post' } }],
    })
    expect(space.tickets.posts).toEqual([])
  })

  test('streams its progress to who asks for it', async () => {
    const response = await request(`/reupload/${LATE}?period=2026-11`, {
      ...post,
      headers: { ...post.headers, Accept: 'application/x-ndjson' },
    })
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.at(-1)).toMatchObject({
      type: 'result',
      status: 200,
      days: [{ day: DAY, member: { outcome: 'posted' } }],
    })
    const progress = lines.slice(0, -1)
    expect(progress).toHaveLength(22)
    expect(progress.every(({ type, total }) => type === 'progress' && total === 22)).toBe(true)
    expect(progress.filter(({ seen }) => seen)).toMatchObject([{ day: DAY, seen: { slots: 3 } }])
  })

  test('a failure in a stream is its last line', async () => {
    space.tickets.setFaults(() => ({ status: 401 }))
    const response = await request(`/reupload/${LATE}`, {
      ...post,
      headers: { ...post.headers, Accept: 'application/x-ndjson' },
    })
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([
      { type: 'error', status: 502, message: expect.stringContaining('TICKET_BACKEND_TOKEN') },
    ])
    expect(logged).toContainEqual(expect.stringMatching(/^error Can't fetch the member map/))
  })

  test('a device nobody registered: 404, GET still shows its days', async () => {
    space.tickets.state.removeDevice('Ana+2000@Example.org', LATE)
    const response = await request(`/reupload/${LATE}?period=${DAY}`, post)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      status: 404,
      message: expect.stringContaining('Nobody has registered AA:00:…:03'),
      days: [{ day: DAY }],
    })
    expect((await request(`/reupload/${LATE}?period=${DAY}`)).status).toBe(200)
  })

  test('GET of what would be left undone is no failure: nothing was to be done', async () => {
    await space.write(`rollups/poulailler/${DAY}.json.gz`, 'damaged')
    const response = await request(`/reupload/${LATE}?period=${DAY}`)
    expect(response.status).toBe(200)
    const unreadable = [expect.stringContaining(`Can't use rollups/poulailler/${DAY}`)]
    expect(await response.json()).toMatchObject({ days: [], unreadable })
    expect((await request(`/reupload/${LATE}?period=${DAY}`, post)).status).toBe(502)
  })

  test('a post that fails: 502, with its reason', async () => {
    space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 400 } : undefined))
    const response = await request(`/reupload/${LATE}?period=${DAY}`, post)
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({
      status: 502,
      days: [{ member: { outcome: 'refused' } }],
    })
  })

  test.each([
    ['/reupload/AA:BB', 'is not a MAC address: write it as'],
    [`/reupload/${LATE}?period=2024-1`, 'is not a period: write YYYY'],
    [`/reupload/${LATE}?period=2027`, 'is in the future'],
    [`/reupload/${LATE}?wait=maybe`, 'wait: wait must be 0 or 1'],
  ])('%s: 400', async (path, message) => {
    const response = await request(path, post)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      status: 400,
      message: expect.stringContaining(message),
    })
  })
})

describe('/upload/:date', () => {
  test('charges the day', async () => {
    const response = await request(`/upload/${DAY}?wait=1`, post)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      day: DAY,
      message: '1 member, 0.5 tickets, looking unknown, nothing to do',
      members: [
        {
          email: 'Ana+2000@Example.org',
          was: null,
          amount: 0.5,
          decision: 'post',
          reason: 'first charge: 3 slots',
          outcome: 'posted',
        },
      ],
      uncharged: [],
      warnings: [],
    })
  })

  test.each([
    ['', 502],
    ['?accept-map=0', 502],
    ['?accept-map=1', 200],
  ])('with a map that lost its devices%s: %i', async (query, status) => {
    for (const mac of ['CC:00:00:00:00:01', 'CC:00:00:00:00:02', 'CC:00:00:00:00:03'])
      space.tickets.state.addDevice('Ana+2000@Example.org', mac)
    await request(`/upload/${DAY}`, post)
    space.tickets.state.member('Ana+2000@Example.org').macs = [PHONE]
    expect((await request(`/upload/${DAY}${query}`, post)).status).toBe(status)
  })

  test.each([
    ['', 'hold'],
    ['?allow-lower=0', 'hold'],
    ['?allow-lower=1', 'post'],
  ])('where another rule makes less%s: %s', async (query, decision) => {
    await request(`/upload/${DAY}`, post)
    const response = await request(`/upload/${DAY}${query}`, post, { HALF_DAY_SLOTS: '4' })
    expect(await response.json()).toMatchObject({ members: [{ was: 0.5, amount: 0, decision }] })
  })

  test('a part that fails: 502, with all that was done', async () => {
    space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 404 } : undefined))
    const response = await request(`/upload/${DAY}`, post)
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({
      status: 502,
      members: [{ email: 'Ana+2000@Example.org', outcome: 'refused' }],
    })
  })

  test.each([
    [`/upload/2024-1`, 400],
    ['/upload/2026-11-23', 400],
    ['/upload/2026-11-01', 502],
  ])('%s: %i', async (path, status) => {
    expect((await request(path, post)).status).toBe(status)
  })

  test('is no GET', async () => {
    expect((await request(`/upload/${DAY}`)).status).toBe(404)
  })
})

describe('/presences', () => {
  test('lists the amounts of a day', async () => {
    expect(await (await request(`/presences/${DAY}`)).json()).toEqual({
      day: DAY,
      members: [{ email: 'Ana+2000@Example.org', amount: 0.5, slotCount: 3 }],
      uncharged: [],
      warnings: [],
    })
  })

  test("shows the evidence of one member's day", async () => {
    const path = `/presences/${DAY}/${encodeURIComponent('Ana+2000@Example.org')}`
    expect(await (await request(path)).json()).toMatchObject({
      email: 'Ana+2000@Example.org',
      slots: ['09:00', '09:10', '09:20'],
      devices: [{ mac: 'AA:00:…:01', location: 'poulailler' }],
    })
    expect(await (await request(`${path}?macs=whole`)).json()).toMatchObject({
      devices: [{ mac: PHONE }],
    })
    const absent = `/presences/2026-11-19/${encodeURIComponent('Ana+2000@Example.org')}`
    expect(await (await request(absent)).json()).toMatchObject({ amount: 0, slots: [] })
  })

  test('an e-mail the ticket server does not have: 404', async () => {
    const response = await request(`/presences/${DAY}/ana@example.org`)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ status: 404 })
  })
})

describe('operations', () => {
  test('/readyz tells what can not be used', async () => {
    expect(await (await request('/readyz')).json()).toEqual({
      ready: true,
      checks: { store: 'ok', 'ticket server': 'ok' },
    })
    space.tickets.setFaults(() => ({ status: 401 }))
    const response = await request('/readyz')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ ready: false, checks: { store: 'ok' } })
  })

  test('/openapi.json describes every route, and validates with its own schemas', async () => {
    const document = (await (await request('/openapi.json')).json()) as {
      openapi: string
      paths: Record<string, object>
    }
    expect(document.openapi).toBe('3.1.0')
    expect(
      Object.entries(document.paths).map(([path, methods]) => [path, Object.keys(methods)]),
    ).toEqual([
      ['/healthz', ['get']],
      ['/readyz', ['get']],
      ['/metrics', ['get']],
      ['/presences/{date}', ['get']],
      ['/presences/{date}/{email}', ['get']],
      ['/upload/{date}', ['post']],
      ['/reupload/{mac}', ['post', 'get']],
    ])
  })

  test('an unknown path is a JSON 404', async () => {
    const response = await request('/nowhere')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ status: 404 })
  })

  test('the log has no whole MAC address and no token', async () => {
    await request(`/reupload/${LATE}?period=${DAY}`, post)
    expect(logged.join('\n')).toContain('/reupload/')
    expect(logged.join('\n')).not.toContain(LATE)
    expect(logged.join('\n')).not.toContain(TOKEN)
  })

  test('each request is one line, also a login that is refused; a fault of what lies behind has its own', async () => {
    await request('/healthz')
    await request(`/presences/${DAY}`, { headers: {} })
    await request('/presences/2026-11-23')
    space.tickets.setFaults(() => ({ status: 401 }))
    await request(`/presences/${DAY}`)
    expect(logged.map((line) => line.replace(/ \d+ ms$/, ''))).toEqual([
      'info GET /healthz 200',
      'warn Refused a GET from unknown: no token, or an unknown one',
      'info GET /presences/:date 400',
      expect.stringMatching(/^error Can't fetch the member map: .* answered 401/),
      'info GET /presences/:date 502',
    ])
  })

  test('a fault of the service itself is told in its log alone', async () => {
    const config = parseConfig(serveConfig, { ...space.env, ADMIN_TOKENS: TOKEN })
    const app = createApp({
      ...createService(config, space.effects({ out: [], errors: [] }), logTo(logged)),
      openReading: () => {
        throw new TypeError('map.get is not a function')
      },
    })
    const headers = { Authorization: `Bearer ${TOKEN}` }
    const response = await app.request(`/presences/${DAY}`, { headers })
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({
      status: 500,
      message: 'A fault of the service itself: see its log',
    })
    expect(logged[0]).toMatch(/^error TypeError: map\.get is not a function\n +at /)
  })
})

describe('a page of another origin', () => {
  const ADMIN = 'https://admin.example.org'
  const env = { CORS_ORIGINS: `${ADMIN},https://other.example.org` }
  const allowed = (response: Response) => response.headers.get('access-control-allow-origin')

  test.each([
    [ADMIN, ADMIN],
    ['https://other.example.org', 'https://other.example.org'],
    ['https://evil.example.org', null],
    [`${ADMIN}:8443`, null],
    ['http://admin.example.org', null],
    ['null', null],
  ])('of %s may read answers: %s', async (origin, allowedOrigin) => {
    const response = await request('/healthz', { headers: { Origin: origin } }, env)
    expect(allowed(response)).toBe(allowedOrigin)
  })

  // A browser asks beforehand and shows no token: the answer must not wait for one.
  test.each([
    ['/healthz', 'GET'],
    [`/presences/${DAY}`, 'GET'],
    [`/upload/${DAY}`, 'POST'],
    [`/reupload/${LATE}`, 'POST'],
    ['/nowhere', 'GET'],
  ])('may ask beforehand for %s, by %s', async (path, method) => {
    const headers = {
      Origin: ADMIN,
      'Access-Control-Request-Method': method,
      'Access-Control-Request-Headers': 'authorization,content-type',
    }
    const response = await request(path, { method: 'OPTIONS', headers }, env)
    expect(response.status).toBe(204)
    expect(allowed(response)).toBe(ADMIN)
    const list = (name: string) => response.headers.get(name)?.toLowerCase().split(/, ?/)
    expect(list('access-control-allow-methods')).toContain(method.toLowerCase())
    expect(list('access-control-allow-headers')).toEqual(['authorization', 'content-type'])
    expect(space.tickets.requests).toEqual([])
  })

  test.each([
    ['without a token', `/presences/${DAY}`, {}, 401],
    ['with a day to come', '/presences/2026-11-23', { Authorization: `Bearer ${TOKEN}` }, 400],
    ['of a path there is not', '/nowhere', { Authorization: `Bearer ${TOKEN}` }, 404],
    ['that fails behind us', `/presences/${DAY}`, { Authorization: `Bearer ${TOKEN}` }, 502],
  ])('may read why its request is refused: %s', async (_, path, headers, status) => {
    space.tickets.setFaults(() => ({ status: 403 }))
    const response = await request(path, { headers: { ...headers, Origin: ADMIN } }, env)
    expect(response.status).toBe(status)
    expect(allowed(response)).toBe(ADMIN)
  })

  test('has nothing to ask where CORS_ORIGINS is not set', async () => {
    const headers = { Origin: ADMIN, 'Access-Control-Request-Method': 'GET' }
    const response = await request(`/presences/${DAY}`, { method: 'OPTIONS', headers })
    expect(response.status).toBe(401)
    expect(allowed(response)).toBeNull()
  })
})

test.each([
  ['another-token-entirely', 'http, token 1'],
  [TOKEN, 'http, token 2'],
])('the ledger knows by which token a charge was asked for: %s', async (token, by) => {
  const headers = { Authorization: `Bearer ${token}` }
  expect((await request(`/upload/${DAY}`, { method: 'POST', headers })).status).toBe(200)
  const store = createFolderStore(`${space.folder}/store`)
  const { entries } = (await readLedger(store, DAY as LocalDay)).value
  expect(entries.map(({ run }) => run.by)).toEqual([by])
})

test('each request sees the members and files there are by then', async () => {
  const config = parseConfig(serveConfig, { ...space.env, ADMIN_TOKENS: TOKEN })
  const effects = space.effects({ out: [], errors: [] })
  const app = createApp(createService(config, effects, logTo(logged)))
  const amounts = async () => {
    const headers = { Authorization: `Bearer ${TOKEN}` }
    const response = await app.request(`/presences/${DAY}`, { headers })
    const { members } = (await response.json()) as { members: { amount: number }[] }
    return members.map(({ amount }) => amount)
  }
  expect(await amounts()).toEqual([0.5])
  await space.write(`presences/salle-b/${DAY}`, seen(PHONE, DAY, 12, 27))
  expect(await amounts()).toEqual([1])
  space.tickets.state.removeDevice('Ana+2000@Example.org', PHONE)
  space.tickets.state.addDevice('Ana+2000@Example.org', 'AA:00:00:00:00:09')
  expect(await amounts()).toEqual([])
})
