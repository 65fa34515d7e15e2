/** Requests to the HTTP service: the real app on a space in memory. Whatever is asked, it is never the server's fault. */
import { createService } from '@presences/aggregator/commands/serve-command.ts'
import { serveConfig } from '@presences/aggregator/config.ts'
import { createApp } from '@presences/aggregator/http/app.ts'
import type { Service } from '@presences/aggregator/http/service.ts'
import { parseConfig, parseMac, shortMac } from '@presences/shared'
import { PLANTED_MACS } from '../engine/fragments.ts'
import { must, mustBeLoggable, READ, SECRET, type Target } from '../engine/target.ts'
import { type Message, messageIn } from './answer-text.ts'
import { ENVIRONMENT, spaceEffects, TODAY } from './space-in-memory.ts'

const config = parseConfig(serveConfig, {
  ...ENVIRONMENT,
  CORS_ORIGINS: 'https://admin.example.org',
})

/** Years of days take seconds to replay, well asked as they may be: a longer one is looked at up to the work. */
const LONGEST_REPLAY = new Date('2025-12-01T00:00:00Z')

interface Answered {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly logged: readonly string[]
  readonly isLeftOut: boolean
}

async function ask(path: string, init: RequestInit): Promise<Answered> {
  const logged: string[] = []
  const keep = (line: string) => void logged.push(line)
  const log = { debug: keep, info: keep, warn: keep, error: keep }
  const effects = spaceEffects(ENVIRONMENT, { out: keep, err: keep })
  const service = createService(config, effects, log)
  let isLeftOut = false
  const bounded: Service = {
    ...service,
    whileCharging: (asked, work, onWait) => {
      isLeftOut = new Date(asked.firstDay) < LONGEST_REPLAY
      if (isLeftOut) throw new Error('left out')
      return service.whileCharging(asked, work, onWait)
    },
  }
  const response = await createApp(bounded).request(`http://localhost${path}`, init)
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, text: await response.text(), logged, isLeftOut }
}

function mustBeAnswered({ status, type, text, logged, isLeftOut }: Answered): void {
  must(isLeftOut || status < 500, `the answer is never a fault of the server: ${status}`)
  if (!isLeftOut) for (const line of logged) mustBeLoggable(line)
  if (type.startsWith('application/json') && text !== '') JSON.parse(text)
  if (type.startsWith('application/x-ndjson')) {
    for (const line of text.trimEnd().split('\n')) JSON.parse(line)
  }
  if (status >= 400 && text !== '') {
    const body = JSON.parse(text) as { status: unknown; message: unknown }
    must(body.status === status && typeof body.message === 'string', 'an error says what is wrong')
  }
}

const AUTHORIZED = `authorization: Bearer ${SECRET}`
const requests: Target = {
  name: 'HTTP request',
  reader: 'aggregator/src/http/app.ts',
  // Who asks is known, unless an input says otherwise: the rest is behind that door.
  seeds: [
    `GET /presences/${TODAY}`,
    `GET /presences/${TODAY}/ana@example.org?macs=whole&lang=fr\naccept: image/svg+xml`,
    `GET /presences/2026-01-02/bob%40example.org\nauthorization: Token ${SECRET}\naccept: text/plain;q=0.5, */*`,
    `POST /upload/${TODAY}?wait=1&allow-lower=0&accept-map=1\naccept: application/x-ndjson`,
    `POST /reupload/AA-AA-AA-AA-AA-01?period=${TODAY}\ncontent-type: application/json\n\n{"a":1}`,
    `GET /reupload/aaaa.aaaa.aa02?period=2026-01-01..2026-01-03`,
    'GET /healthz\norigin: https://admin.example.org',
    `GET /readyz`,
    `OPTIONS /upload/${TODAY}\norigin: https://admin.example.org\naccess-control-request-method: POST`,
    `GET /openapi.json`,
  ],
  words: [
    ...[
      'GET ',
      'POST ',
      'PUT ',
      'HEAD ',
      'OPTIONS ',
      '/presences/',
      '/reupload/',
      '/upload/',
      '?period=',
    ],
    ...[
      '&period=2026',
      '?__proto__=1',
      '&wait=1&wait=0',
      '%E0%A4%A',
      '%2e%2e',
      '%0d%0a',
      '2026-01',
      ';q=',
      '..',
    ],
    ...[
      'accept: ',
      'application/x-ndjson',
      'content-length: 5',
      'transfer-encoding: chunked',
      AUTHORIZED,
    ],
  ],
  share: 25,
  isSlow: true,
  async read(input) {
    const message = messageIn(input)
    const answered = await ask(...requestOf(message))
    mustBeAnswered(answered)
    if (answered.isLeftOut) return { leftOut: 'a long replay, followed up to the work' }
    return answered.status < 300 ? READ : [`status ${answered.status}`]
  },
}

/** Node's limit for the first line and the headers together (`--max-http-header-size`). */
const LONGEST_PATH = 15_000

/** What a server would hand on: node refuses other methods, and addresses that are none or too long. */
function requestOf({ first, headers, body }: Message): [string, RequestInit] {
  const [verb = '', ...rest] = first.split(' ')
  const method = /^(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS)$/.test(verb) ? verb : 'GET'
  const path = rest
    .join(' ')
    .slice(0, LONGEST_PATH)
    .replaceAll(/[\0-\x20\x7f-\xff]/g, (char) => encodeURIComponent(char))
  const bodied = method !== 'GET' && method !== 'HEAD' && body.length > 0
  const sent = [
    ...(headers.has('authorization') ? [] : [['authorization', `Bearer ${SECRET}`] as const]),
    ...[...headers].filter(([name]) => !['content-length', 'host'].includes(name)),
  ]
  return [
    path.startsWith('/') ? path : `/${path}`,
    {
      method,
      headers: sent.map(([name, value]): [string, string] => [name, value]),
      ...(bodied && { body: new Uint8Array(body) }),
    },
  ]
}

/** Each way a client may put a text into a path. */
const ENCODINGS: readonly ((text: string) => string)[] = [
  (text) => encodeURIComponent(text),
  (text) => encodeURI(text).replaceAll(/[?#]/g, encodeURIComponent),
  (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  (text) => encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
]

const macInPath: Target = {
  name: 'MAC in a path',
  reader: 'aggregator/src/http/reupload-routes.ts',
  seeds: [...PLANTED_MACS, 'AA:AA:AA:AA:AA:01', ' aa-aa-aa-aa-aa-02 '],
  words: ['%3A', '%2D', '%', ' ', '+', '/', '%2F', 'é'],
  share: 25,
  isSlow: true,
  async read(input) {
    const text = Buffer.from(input).toString('utf8').slice(0, 2_000)
    const mac = parseMac(text.trim())
    const answers = []
    for (const encode of input.length % 8 === 0 ? ENCODINGS : ENCODINGS.slice(0, 1)) {
      // `.` and `..` are folders in a path, however they are written: they never arrive.
      const path = `/reupload/${encode(text)}?period=${TODAY}`
      const answered = await ask(path, { headers: { authorization: `Token ${SECRET}` } })
      mustBeAnswered(answered)
      must(
        mac === undefined || answered.status === 200,
        `a MAC address is taken in every spelling: ${answered.status}`,
      )
      must(mac !== undefined || answered.status !== 200, 'nothing else is taken for one')
      if (mac) {
        const body = JSON.parse(answered.text) as { mac: string }
        must(body.mac === shortMac(mac), 'it is the MAC address that was given')
      }
      answers.push(answered.status)
    }
    return answers.every((status) => status === 200)
      ? READ
      : [...new Set(answers)].map((status) => `status ${status}`)
  },
}

export const HTTP_TARGETS = [requests, macInPath]
