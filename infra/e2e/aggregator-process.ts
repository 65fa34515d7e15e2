/** Runs the built aggregator as processes of their own, on servers of the test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import {
  type S3Server,
  startS3Server,
} from '@presences/aggregator/testing/stand-ins/s3/s3-server.ts'
import {
  startTicketServer,
  type TicketServer,
  type TicketServerOptions,
} from '@presences/aggregator/testing/stand-ins/tickets/ticket-server.ts'

const AGGREGATOR = fileURLToPath(
  new URL('../../aggregator/dist/presences-aggregator.js', import.meta.url),
)
export const BUCKET = 'space'
export const KEY = {
  accessKeyId: 'aggregator',
  secretAccessKey: 'a secret for tests',
  allow: 'all' as const,
}

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly errors: string
}

export interface StartOptions {
  /** The Node that runs it: a path, without one this process's own. */
  readonly node?: string
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>
}

export interface Site {
  readonly s3: S3Server
  readonly tickets: TicketServer
  write(key: string, text: string): void
  /** The JSON of a gzipped object. */
  read(key: string): unknown
  /** Lets time pass for what lies in the bucket, as its answers say: for less than clocks may be apart. */
  passTime(ms: number): void
  /** Starts a command. */
  start(
    args: readonly string[],
    options?: StartOptions,
  ): { child: ChildProcess; end: Promise<Finished> }
  close(): Promise<void>
}

/** An S3 server and a ticket server, and the aggregator configured for them. */
export async function createSite(options: TicketServerOptions): Promise<Site> {
  let aheadMs = 0
  const clock = () => new Date(Date.now() + aheadMs)
  const s3 = await startS3Server({ buckets: [BUCKET], keys: [KEY], clock })
  const tickets = await startTicketServer(options)
  const env = {
    PATH: process.env.PATH,
    STORE_URL: `s3://${BUCKET}`,
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: 'local',
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
    TICKET_BACKEND_URL: tickets.url,
    TICKET_BACKEND_TOKEN: tickets.key,
  }
  return {
    s3,
    tickets,
    write: (key, text) => s3.write(BUCKET, key, Buffer.from(text)),
    read: (key) => JSON.parse(gunzipSync(s3.read(BUCKET, key) ?? '').toString()),
    passTime: (ms) => {
      aheadMs += ms
    },
    start: (args, { node = process.execPath, env: added = {} } = {}) => {
      const child = spawn(node, [AGGREGATOR, ...args], {
        env: { ...env, ...added },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      return { child, end: finished(child) }
    },
    close: async () => {
      await Promise.all([s3.close(), tickets.close()])
    },
  }
}

/** What a program said by the time it ended. */
export function finished(child: ChildProcess): Promise<Finished> {
  let out = ''
  let errors = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    out += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    errors += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, out, errors }))
  })
}
