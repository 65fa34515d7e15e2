/**
 * A stand-in for a UniFi OS console: login, session, client list and refusals as consoles were seen to give
 * them (scan/unifi/unifi-answers.ts). What it counts, tests read.
 */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export type CertificateName = 'controller' | 'stranger' | 'signed' | 'expired'

export interface Client {
  readonly mac: string
  readonly isWired?: boolean
  /** How long ago it was seen. */
  readonly agoS?: number
}

export interface UnifiController {
  readonly origin: string
  readonly port: number
  username: string
  readonly password: string
  /** The clients of each site. */
  sites: Record<string, readonly Client[]>
  /** Answers instead of all others where it gives one; `never` answers nothing. */
  fault: ((path: string) => Answer | 'never' | undefined) | undefined
  /** How far its clock is ahead of ours. */
  clockAheadS: number
  /** Logins it takes until it takes no more. */
  loginsLeft: number
  /** What the session cookie is called. */
  cookieName: string
  /** Each request, as `POST /path`. */
  readonly requests: string[]
  logins(): number
  endSessions(): void
  /** How many connections there are. */
  connections(): Promise<number>
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The file of a certificate of `tls/`. */
export const certificatePath = (name: CertificateName | 'ca') =>
  join(import.meta.dirname, 'tls', `${name}.crt`)

/** Its SHA-256 fingerprint, as UNIFI_FINGERPRINT takes it. */
export function fingerprintOf(name: CertificateName): string {
  const { fingerprint256 } = new X509Certificate(readFileSync(certificatePath(name)))
  return fingerprint256.replaceAll(':', '')
}

/** Starts a console on the loopback. */
export async function startUnifiController(
  certificate: CertificateName = 'controller',
): Promise<UnifiController> {
  const sessions = new Set<string>()
  const server = createServer(
    {
      cert: readFileSync(certificatePath(certificate)),
      key: readFileSync(join(import.meta.dirname, 'tls', `${certificate}.key`)),
    },
    (request, response) => {
      const path = `${request.method} ${request.url}`
      controller.requests.push(path)
      void textOf(request).then((body) => {
        const answer = controller.fault?.(path) ?? answerTo(path, body, request)
        if (answer !== 'never') send(response, answer, controller.clockAheadS)
      })
    },
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const controller: UnifiController = {
    origin: `https://127.0.0.1:${port}`,
    port,
    username: 'presences',
    password: 'correct horse',
    sites: { default: [] },
    fault: undefined,
    clockAheadS: 0,
    loginsLeft: Number.POSITIVE_INFINITY,
    cookieName: 'TOKEN',
    requests: [],
    logins: () => controller.requests.filter((path) => path.startsWith('POST')).length,
    endSessions: () => sessions.clear(),
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return controller

  function answerTo(path: string, body: string, request: IncomingMessage): Answer {
    if (path === 'POST /api/auth/login') return login(body)
    const site = /^GET \/proxy\/network\/api\/s\/([^/]+)\/stat\/sta$/.exec(path)?.[1]
    if (site === undefined) return { status: 404 }
    const cookies = (request.headers.cookie ?? '').split('; ')
    const token = cookies.find((cookie) => cookie.startsWith(`${controller.cookieName}=`))
    if (!sessions.has(token ?? '')) return UNAUTHORIZED
    const clients = controller.sites[site]
    if (!clients) return NO_SITE
    const nowS = Math.floor(Date.now() / 1000) + controller.clockAheadS
    const data = clients.map(({ mac, isWired = false, agoS = 0 }) =>
      entryOf(mac, isWired, nowS - agoS),
    )
    return { status: 200, body: { meta: { rc: 'ok' }, data } }
  }

  function login(body: string): Answer {
    if (controller.loginsLeft <= 0) return LIMIT_REACHED
    controller.loginsLeft -= 1
    const { username, password } = JSON.parse(body) as Record<string, unknown>
    if (username !== controller.username || password !== controller.password) return INVALID
    const token = `${controller.cookieName}=token.${controller.requests.length}=`
    sessions.add(token)
    return {
      status: 200,
      body: { unique_id: 'x', username },
      headers: {
        'set-cookie': `${token}; path=/; samesite=strict; secure; httponly; partitioned`,
        'x-csrf-token': 'csrf',
      },
    }
  }
}

const UNAUTHORIZED: Answer = {
  status: 401,
  body: { error: { code: 401, message: 'Unauthorized' } },
}
const NO_SITE: Answer = {
  status: 401,
  body: { meta: { rc: 'error', msg: 'api.err.NoSiteContext' }, data: [] },
}
const INVALID: Answer = {
  status: 403,
  body: {
    code: 'AUTHENTICATION_FAILED_INVALID_CREDENTIALS',
    message: 'Invalid username or password',
  },
}
const LIMIT_REACHED: Answer = {
  status: 429,
  body: {
    code: 'AUTHENTICATION_FAILED_LIMIT_REACHED',
    message: "You've reached the login attempt limit",
    level: 'debug',
  },
}

/** The fields of an entry that say something of presence, among them those that nobody should read. */
function entryOf(mac: string, isWired: boolean, seenS: number) {
  return {
    site_id: '5ddfb6dc2664520220877cf8',
    mac: mac.toLowerCase(),
    hostname: 'someones-phone',
    is_guest: false,
    is_wired: isWired,
    first_seen: seenS - 86_400,
    last_seen: seenS,
    [isWired ? '_last_seen_by_usw' : '_last_seen_by_uap']: seenS,
    uptime: 1234,
    ip: '192.168.1.20',
  }
}

function send(
  response: ServerResponse,
  { status, body, headers }: Answer,
  clockAheadS: number,
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    date: new Date(Date.now() + clockAheadS * 1000).toUTCString(),
    ...headers,
  })
  response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}))
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}
