/**
 * A space whose servers answer at once, from this process: a bucket with a day in it, a ticket server with two
 * members. What runs on it may write: the next one finds everything as it was.
 */
import { Writable } from 'node:stream'
import type { Effects } from '@presences/aggregator/effects.ts'
import { readOnly } from '@presences/aggregator/store/read-only-store.ts'
import { SECRET } from '../engine/target.ts'
import { storeOf } from './store-in-memory.ts'

/** In January: "this year" is a few days. */
const NOW = new Date('2026-01-03T12:00:00Z')
export const TODAY = '2026-01-03'

export const ENVIRONMENT = {
  STORE_URL: 's3://space',
  TICKET_BACKEND_URL: 'https://tickets.example.org',
  TICKET_BACKEND_TOKEN: SECRET,
  ADMIN_TOKENS: `${SECRET},another-token-entirely`,
  LOG_LEVEL: 'info',
}

const MAP =
  'AA:AA:AA:AA:AA:01\tana@example.org\tAna\tMartin\nAA:AA:AA:AA:AA:02\tbob@example.org\tBob\tPetit'
const LINES = ['09:00', '09:10', '09:20'].map(
  (time) => `${TODAY}T${time}:00+01:00\tAA:AA:AA:AA:AA:01\n`,
)
const bucket = storeOf(
  {
    [`presences/poulailler/${TODAY}`]: Buffer.from(LINES.join('')),
    'presences/poulailler/2026-01-02/20260102T0800Z-box.tsv': Buffer.from('# devices=0\n'),
  },
  NOW,
)

/** Effects on a fresh copy of the space; `say` hears results and problems. */
export function spaceEffects(
  env: Readonly<Record<string, string>>,
  say: { readonly out: (line: string) => void; readonly err: (text: string) => void },
): Effects {
  let now = NOW.getTime()
  const store = readOnly(bucket, () => new Date(now))
  return {
    env,
    now: () => new Date(now),
    sleep: async (ms) => {
      now += ms
    },
    every: () => () => {},
    newId: () => 'id1',
    hostName: 'box',
    fetch: (async (url: string) => answerTo(new URL(url).pathname)) as typeof fetch,
    openStore: async () => store,
    random: () => 0.5,
    readText: () => undefined,
    printLine: say.out,
    errors: new Writable({
      write(chunk, _encoding, done) {
        say.err(String(chunk))
        done()
      },
    }),
    untilAskedToEnd: () => Promise.resolve(),
  }
}

function answerTo(path: string): Response {
  const json = { 'content-type': 'application/json' }
  if (path === '/api/mac') return new Response(MAP, { headers: { 'content-type': 'text/csv' } })
  if (path === '/api/presence') return new Response('OK')
  if (path === '/api/members') {
    return new Response(
      '[{"_id":"ana","email":"ana@example.org"},{"_id":"bob","email":"bob@example.org"}]',
      { headers: json },
    )
  }
  return new Response('[]', { headers: json })
}
