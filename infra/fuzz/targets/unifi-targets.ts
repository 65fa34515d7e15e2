/** What stands where a UniFi console should, through the scanner that asks it, and the session it remembers. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Look } from '@presences/probe/scan/scanner.ts'
import type { Ask, ControllerAnswer } from '@presences/probe/scan/unifi/controller.ts'
import { lookAtSite } from '@presences/probe/scan/unifi/unifi.ts'
import {
  isSessionMemory,
  type SessionMemory,
  unifiSession,
} from '@presences/probe/scan/unifi/unifi-session.ts'
import { parseMac } from '@presences/shared'
import { PLANTED_MACS } from '../engine/fragments.ts'
import { must, mustBeLoggable, READ, type Refusals, SECRET, type Target } from '../engine/target.ts'
import { messageIn, statusIn } from './answer-text.ts'
import { repositoryFile } from './repository.ts'
import { runtimeFileOf } from './runtime-file-in-memory.ts'

/** The clock of the consoles in the recordings. */
const DATE = new Date(1_795_420_800_000).toUTCString()
const UPTIME_MS = 1_000_000
const NEVER = new AbortController().signal
const CONFIG = {
  origin: 'https://192.168.1.1',
  username: 'viewer',
  password: SECRET,
  sites: ['default'],
  clients: ['wireless', 'wired'] as const,
  trust: { fingerprint: undefined, caFile: undefined },
}
const MEMORY: SessionMemory = {
  version: 1,
  account: `${CONFIG.username} at ${CONFIG.origin}`,
  cookie: `TOKEN=${SECRET}`,
}

/** What consoles really answered. */
function recordings(): string[] {
  const folder = repositoryFile('probe/src/scan/testdata/unifi')
  return readdirSync(folder).map((name) => {
    const [status, body] = ['status', 'body'].map((part) => readFileSync(join(folder, name, part)))
    return `${String(status).trim()}\ndate: ${DATE}\n\n${body}`
  })
}

const NOBODY: ControllerAnswer = {
  status: 200,
  body: '{"meta":{"rc":"ok"},"data":[]}',
  date: DATE,
  setCookie: [],
  retryAfterS: undefined,
}
const LOGGED_IN: ControllerAnswer = { ...NOBODY, body: '{}', setCookie: ['TOKEN=new; path=/'] }

/** An answer as the box's HTTP reads it. */
function answerIn(input: Uint8Array): ControllerAnswer {
  const message = messageIn(input)
  const retryAfter = message.headers.get('retry-after') ?? ''
  return {
    status: statusIn(message),
    body: message.body.toString('utf8'),
    date: message.headers.get('date'),
    setCookie: (message.headers.get('set-cookie') ?? '').split('|').filter((text) => text !== ''),
    retryAfterS: /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined,
  }
}

/** One scan of a box that remembers `memory`; what it remembers then must be a memory again. */
async function scan(memory: string, ask: Ask): Promise<{ look: Look; remembered: string }> {
  let remembered = memory
  const file = runtimeFileOf(Buffer.from(memory), isSessionMemory)
  const session = unifiSession(CONFIG, {
    recall: file.recall,
    remember: (content) => {
      file.remember(content)
      remembered = JSON.stringify(content)
      must(isSessionMemory(JSON.parse(remembered)), 'what it writes it reads')
    },
    ask,
    uptimeMs: () => UPTIME_MS,
    isUrgent: false,
  })
  return { look: await lookAtSite('default', CONFIG, session, ask, NEVER), remembered }
}

function refusalsOf({ failure, unreadable }: Look): Refusals {
  if (!failure) return unreadable.map(({ reason }) => reason)
  mustBeLoggable(failure.reason)
  mustBeLoggable(failure.advice)
  return [failure.reason.replace(/(?<=status \d)\d\d$/, 'xx')]
}

const clients: Target = {
  name: 'UniFi clients',
  reader: 'probe/src/scan/unifi/unifi-answers.ts',
  seeds: [...recordings(), `200\ndate: ${DATE}\nset-cookie: TOKEN=n\n\n${NOBODY.body}`],
  words: [
    ...['"last_seen":', '1795420799', '"mac":', '"is_wired":true', '{"meta":{"rc":"ok"},"data":['],
    ...['401', '404', '"api.err.NoSiteContext"', 'date: ', 'set-cookie: TOKEN=', ...PLANTED_MACS],
  ],
  share: 20,
  async read(input) {
    const answer = answerIn(input)
    const ask: Ask = async ({ method }) => (method === 'POST' ? LOGGED_IN : answer)
    const { look } = await scan(JSON.stringify(MEMORY), ask)
    if (!look.failure) mustBeInside(look, answer.body)
    return refusalsOf(look)
  },
}

/** Each device is one of the list; each entry is at most one device, or reported once. */
function mustBeInside({ macs, unreadable, moreUnreadable = 0 }: Look, body: string): void {
  const { data } = JSON.parse(body) as { data: unknown[] }
  const named = new Set(
    data.map((entry) => Object(entry).mac).map((mac) => typeof mac === 'string' && parseMac(mac)),
  )
  must(
    macs.every((mac) => named.has(mac)),
    'no device comes from nowhere',
  )
  must(new Set(macs).size === macs.length, 'a device is there once')
  const faults = unreadable.length + moreUnreadable
  must(macs.length + faults <= data.length, 'an entry is a device or reported')
  const readable = data.filter((entry) => {
    const { mac, last_seen: seen } = Object(entry)
    return typeof mac === 'string' && parseMac(mac) && typeof seen === 'number'
  })
  must(faults >= data.length - readable.length, 'what can not be read is reported')
}

const login: Target = {
  name: 'UniFi login',
  reader: 'probe/src/scan/unifi/unifi-session.ts',
  seeds: [
    '200\nset-cookie: TOKEN=abc; path=/; secure; partitioned|UOS_TOKEN=def\n\n{}',
    '200\n\n{}',
    '401\n\n{"code":"AUTHENTICATION_FAILED_INVALID_CREDENTIALS"}',
    '429\nretry-after: 120\n\n{"code":"AUTHENTICATION_FAILED_LIMIT_REACHED"}',
    '499\n\n{"code":"MFA_AUTH_REQUIRED"}',
    '502\n\n<html>Bad Gateway</html>',
  ],
  words: ['TOKEN=', '; ', '|', '=', '{"code":', '"MFA"', '403', '404', '429', 'retry-after: 1'],
  share: 20,
  async read(input) {
    let logins = 0
    const ask: Ask = async ({ method }) => {
      if (method === 'GET') return NOBODY
      logins += 1
      return answerIn(input)
    }
    const first = await scan('', ask)
    const second = await scan(first.remembered, ask)
    const isPassing = statusIn(messageIn(input)) >= 500
    must(logins === 1 || isPassing, 'a login that gave a session, or was refused, is not repeated')
    must(
      (first.look.failure === undefined) === (second.look.failure === undefined),
      'the next scan ends as this one did',
    )
    return refusalsOf(first.look)
  },
}

const sessionMemory: Target = {
  name: 'UniFi session memory',
  reader: 'probe/src/scan/unifi/unifi-session.ts',
  seeds: [
    JSON.stringify(MEMORY),
    JSON.stringify({
      ...MEMORY,
      cookie: undefined,
      refused: { untilMs: UPTIME_MS + 60_000, reason: 'refused', advice: 'check the account' },
    }),
  ],
  json: true,
  share: 20,
  async read(input) {
    const ask: Ask = async ({ method }) => (method === 'POST' ? LOGGED_IN : NOBODY)
    const memory = Buffer.from(input).toString('utf8')
    const { look } = await scan(memory, ask)
    const waits = /\(asked again in (\d+) min\)$/.exec(look.failure?.reason ?? '')
    must(
      !look.failure || (waits !== null && Number(waits[1]) <= 60),
      'a login that was refused is tried again within the hour',
    )
    if (look.failure) return ['a login was refused lately']
    return runtimeFileOf(input, isSessionMemory).recall() ? READ : ['no memory of this version']
  },
}

export const UNIFI_TARGETS = [clients, login, sessionMemory]
