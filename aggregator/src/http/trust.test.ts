/** What the service does with those who ask for too much, or for what they may not, and what any answer says of itself. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { parseConfig } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import { createService } from '../commands/serve-command.ts'
import { serveConfig } from '../config.ts'
import { createApp } from './app.ts'
import { atOnce } from './at-once.ts'
import type { Visitor } from './auth.ts'
import { answerNdjson } from './ndjson.ts'
import { peerBehind } from './peer.ts'
import { refusedLogins } from './refused-logins.ts'
import type { Service } from './service.ts'

const TOKEN = 'a-token-of-an-administrator'
const DAY = '2026-11-20'
const ANA = 'ana@example.org'
const PHONE = 'AA:00:00:00:00:01'
const headers = { Authorization: `Bearer ${TOKEN}` }
const silent = { debug() {}, info() {}, warn() {}, error() {} }

let space: Space & { close: () => Promise<void> }
beforeEach(async () => {
  space = await createSpace({ members: [{ email: ANA, macs: [PHONE] }] })
  await space.write(`presences/a/${DAY}`, seen(PHONE, DAY, 9, 3))
})
afterEach(() => space.close())

function appWith(others: (service: Service) => Partial<Service> = () => ({})) {
  const config = parseConfig(serveConfig, { ...space.env, ADMIN_TOKENS: TOKEN })
  const service = createService(config, space.effects({ out: [], errors: [] }), silent)
  return createApp({ ...service, ...others(service) })
}

describe('an answer is what its type says, and nothing else', () => {
  test.each([
    ['/healthz', {}, 200],
    ['/openapi.json', {}, 200],
    ['/metrics', {}, 200],
    ['/nowhere', {}, 404],
    ['/presences/2026-13-01', {}, 400],
    [`/presences/${DAY}`, { Authorization: '' }, 401],
    [`/presences/${DAY}/${ANA}`, { Accept: 'image/svg+xml' }, 200],
    [`/presences/${DAY}/${ANA}`, { Accept: 'text/plain' }, 200],
    [`/reupload/${PHONE}?period=${DAY}`, { Accept: 'application/x-ndjson' }, 200],
    ['/healthz', { 'Content-Length': '65537' }, 413],
  ])('%s %j: %i', async (path, more, status) => {
    const answer = await appWith().request(path, { headers: { ...headers, ...more } })
    await answer.text()
    expect(answer.status).toBe(status)
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(answer.headers.get('Content-Security-Policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
    )
    // Of the whole domain only its administrator may say that.
    expect(answer.headers.has('Strict-Transport-Security')).toBe(false)
  })

  test('also of a fault of our own', async () => {
    const app = appWith(() => ({
      openReading: () => {
        throw new TypeError('x')
      },
    }))
    const answer = await app.request(`/presences/${DAY}`, { headers })
    expect(answer.status).toBe(500)
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff')
  })
})

test.each([
  ['65536', 200],
  ['65537', 413],
  [undefined, 413],
])('a body of %s bytes: %i', async (length, status) => {
  const said =
    length === undefined ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': length }
  const answer = await appWith().request('/healthz', { headers: said as Record<string, string> })
  expect(answer.status).toBe(status)
})

describe('heavy work', () => {
  test.each([`/presences/${DAY}`, `/presences/${DAY}/${ANA}`, `/reupload/${PHONE}`, '/metrics'])(
    'of %s is done four at once; who asks more is told when to come back',
    async (path) => {
      let isFree = () => {}
      const waiting = new Promise<void>((resolve) => {
        isFree = resolve
      })
      const app = appWith((service) => ({
        openReading: () => waiting.then(service.openReading),
        whileCharging: (...asked) => waiting.then(() => service.whileCharging(...asked)),
        measure: () => waiting.then(service.measure),
      }))
      const ask = async () => app.request(path, { headers })
      const first = Array.from({ length: 4 }, ask)
      const refused = await ask()
      expect(refused.status).toBe(503)
      expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
      // Neither health, nor what else there is to ask for, waits.
      expect((await app.request('/healthz')).status).toBe(200)
      expect((await app.request('/openapi.json', { headers })).status).toBe(200)
      isFree()
      for (const answer of await Promise.all(first)) expect(answer.status).toBe(200)
      expect((await ask()).status).toBe(200)
    },
  )

  test('that streams is under way until it has ended, though nobody reads', async () => {
    let end = (_: { status: 200; body: object }) => {}
    const app = new OpenAPIHono<{ Variables: Visitor }>()
    app.use(atOnce(1))
    app.get('/', (c) => {
      const work = new Promise<{ status: 200; body: object }>((resolve) => {
        end = resolve
      })
      return answerNdjson(
        c,
        () => work,
        () => {},
      )
    })
    const streamed = await app.request('/')
    expect((await app.request('/')).status).toBe(503)
    end({ status: 200, body: {} })
    await streamed.text()
    const again = await app.request('/')
    expect(again.status).toBe(200)
    await again.body?.cancel()
  })
})

describe('a refused login', () => {
  test('is told, ten times a minute; the others are counted', () => {
    let at = 0
    const lines: string[] = []
    const refused = refusedLogins({ warn: (line) => void lines.push(line) }, () => new Date(at))
    for (let each = 0; each < 13; each += 1) refused(`10.0.0.${each}`, 'a GET')
    expect(lines).toHaveLength(10)
    expect(lines[0]).toBe('Refused a GET from 10.0.0.0: no token, or an unknown one')
    at = 59_999
    refused('10.0.0.99', 'a GET')
    expect(lines).toHaveLength(10)
    at = 60_000
    refused('10.0.0.100', 'a POST')
    refused('10.0.0.101', 'a POST')
    expect(lines.slice(10)).toEqual([
      '4 more logins were refused',
      'Refused a POST from 10.0.0.100: no token, or an unknown one',
      'Refused a POST from 10.0.0.101: no token, or an unknown one',
    ])
  })

  test.each([
    ['10.0.0.9', '', [], '10.0.0.9'],
    ['10.0.0.9', '1.2.3.4', [], '10.0.0.9'],
    ['127.0.0.1', '1.2.3.4', ['127.0.0.1'], '1.2.3.4'],
    ['127.0.0.1', '::ffff:1.2.3.4', ['127.0.0.1'], '1.2.3.4'],
    ['127.0.0.1', '6.6.6.6, 1.2.3.4', ['127.0.0.1'], '1.2.3.4'],
    ['127.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2', ['127.0.0.1', '10.0.0.2'], '1.2.3.4'],
    ['127.0.0.1', '', ['127.0.0.1'], '127.0.0.1'],
    ['127.0.0.1', 'forged\u{1b}[2J', ['127.0.0.1'], '127.0.0.1'],
    ['127.0.0.1', '1.2.3.4, unknown', ['127.0.0.1'], '127.0.0.1'],
  ])(
    'from %s, forwarded for %j, where %j are trusted, is of %s',
    (socket, forwarded, trusted, peer) => {
      expect(peerBehind(socket, forwarded, trusted)).toBe(peer)
    },
  )
})
