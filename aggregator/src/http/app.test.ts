import { parseConfig } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import { createService } from '../commands/serve-command.ts'
import { serveConfig } from '../config.ts'
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

async function request(path: string, init: RequestInit = {}, env: Record<string, string> = {}) {
  const config = parseConfig(serveConfig, {
    ...space.env,
    ADMIN_TOKENS: `another-token-entirely,${TOKEN}`,
    ...env,
  })
  const log = Object.fromEntries(
    ['debug', 'info', 'warn', 'error'].map((level) => [
      level,
      (line: string) => logged.push(`${level} ${line}`),
    ]),
  ) as never
  const app = createApp(createService(config, space.effects({ out: [], errors: [] }), log))
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

  test('only the origins of CORS_ORIGINS may read answers in a browser', async () => {
    const env = { CORS_ORIGINS: 'https://admin.example.org' }
    const from = (origin: string) =>
      request('/healthz', { headers: { Origin: origin } }, env).then((r) =>
        r.headers.get('access-control-allow-origin'),
      )
    expect(await from('https://admin.example.org')).toBe('https://admin.example.org')
    expect(await from('https://evil.example.org')).toBeNull()
  })
})
