/**
 * A space for tests: a store in a temporary folder or an S3 server, a ticket server, and a clock. The
 * commands run on it as in life, but for the machine's effects.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import type { ExitCode } from '@presences/shared'
import { run } from '../src/cli.ts'
import type { Effects } from '../src/effects.ts'
import { openStore } from '../src/store/open-store.ts'
import { startS3Server } from './stand-ins/s3/s3-server.ts'
import {
  startTicketServer,
  type TicketServer,
  type TicketServerOptions,
} from './stand-ins/tickets/ticket-server.ts'
import { withStoreClock } from './store-clock.ts'
import { testTime } from './test-time.ts'

export interface Ran {
  readonly code: ExitCode
  readonly out: readonly string[]
  readonly errors: string
}

export interface Space {
  /** The one clock: of the programs, and of the ticket server's audit trail. */
  readonly clock: { now: Date }
  /** How far the store's own clock is ahead of that. */
  readonly storeClock: { aheadMs: number }
  readonly tickets: TicketServer
  readonly env: Record<string, string>
  /** A folder that is gone after the test; raw files of a folder store lie in it. */
  readonly folder: string
  /** Writes an object as a probe, or an administrator with a file, would. */
  write(key: string, text: string): Promise<void>
  run(...args: string[]): Promise<Ran>
  effects(sink: { out: string[]; errors: string[] }): Effects
}

const SPACE_NOW = '2026-11-22T21:15:00Z'

/** A space on a folder store. Pass `close` to the test's cleanup. */
export async function createSpace(
  options: TicketServerOptions = {},
): Promise<Space & { close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'presences-'))
  const store = join(folder, 'store')
  await mkdir(store)
  const space = await spaceOn(
    options,
    folder,
    { STORE_URL: pathToFileURL(store).href },
    async (key, text) => writeUnder(store, key, text),
  )
  return {
    ...space,
    close: async () => {
      await space.tickets.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** The same on an S3 server with one bucket. */
export async function createS3Space(options: TicketServerOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'presences-'))
  const key = {
    accessKeyId: 'aggregator',
    secretAccessKey: 'a secret for tests',
    allow: 'all' as const,
  }
  const s3 = await startS3Server({ buckets: ['space'], keys: [key] })
  const env = {
    STORE_URL: 's3://space',
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: 'local',
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  }
  const space = await spaceOn(options, folder, env, async (key, text) => {
    s3.write('space', key, Buffer.from(text))
  })
  return {
    ...space,
    s3,
    close: async () => {
      await Promise.all([space.tickets.close(), s3.close()])
      await rm(folder, { recursive: true })
    },
  }
}

async function spaceOn(
  options: TicketServerOptions,
  folder: string,
  store: Record<string, string>,
  write: Space['write'],
): Promise<Space> {
  const clock = { now: new Date(SPACE_NOW) }
  const storeClock = { aheadMs: 0 }
  const storeNow = () => new Date(clock.now.getTime() + storeClock.aheadMs)
  const written = new Map<string, Date>()
  // Waiting takes no time, but the clock goes on, one for all runs: leases end unless renewed, and patience does.
  const time = testTime(clock, { isPatient: true })
  let runs = 0
  const tickets = await startTicketServer({ clock: () => clock.now, ...options })
  const env = { ...store, TICKET_BACKEND_URL: tickets.url, TICKET_BACKEND_TOKEN: tickets.key }
  const effects: Space['effects'] = ({ out, errors }) => ({
    env,
    ...time,
    newId: () => `id${++runs}`,
    hostName: 'test-host',
    fetch,
    openStore: async (...asked) => withStoreClock(await openStore(...asked), storeNow, written),
    random: Math.random,
    readText: () => undefined,
    printLine: (line) => void out.push(line),
    errors: new Writable({
      write(chunk, _encoding, done) {
        errors.push(String(chunk))
        done()
      },
    }),
    untilAskedToEnd: () => Promise.resolve(),
  })
  return {
    clock,
    storeClock,
    tickets,
    env,
    folder,
    write,
    effects,
    run: async (...args) => {
      const sink = { out: [] as string[], errors: [] as string[] }
      const code = await run(args, effects(sink))
      return { code, out: sink.out, errors: sink.errors.join('') }
    },
  }
}

/** At once, not by promises: for ten thousand small files that is a third of the work. */
function writeUnder(root: string, key: string, text: string): void {
  const path = join(root, key)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** The sample history: five days of two locations, with the truth its generator gave. */
export async function sampleHistory() {
  const root = new URL('../testdata/history/', import.meta.url)
  const text = (path: string) => readFile(new URL(path, root), 'utf8')
  const truth = rows(await text('truth.tsv'))
  const memberRows = rows(await text('mac.tsv'))
  const days = [...new Set(truth.map(([day]) => day as string))]
  const dayFiles = await Promise.all(
    ['poulailler', 'pti-poulailler'].flatMap((location) =>
      days.map(async (day) => {
        const key = `presences/${location}/${day}`
        return { key, location, day, text: await text(key) }
      }),
    ),
  )
  return {
    days,
    dayFiles,
    members: membersOf(memberRows),
    membersFile: new URL('mac.tsv', root).pathname,
    /** The lines `presences DAY` must print. */
    amountsOf: (day: string) =>
      truth
        .filter(([date, , , amount]) => date === day && amount !== '0')
        .map(([, email, , amount]) => `${email} ${amount}`),
  }
}

/** The same lines as minute files, as a probe would have written them: one for each minute with somebody. */
export function asMinuteFiles(dayFile: { location: string; day: string; text: string }) {
  const files = new Map<string, string>()
  for (const line of dayFile.text.split('\n').filter(Boolean)) {
    // The offset is cut to hours in one of the two shapes: `+02` means `+02:00`.
    const time = (line.split(/\s+/)[0] as string).replace(/([+-]\d\d)$/, '$1:00')
    const minute = new Date(time).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')
    const key = `presences/${dayFile.location}/${dayFile.day}/${minute}Z-box.tsv`
    files.set(key, `${files.get(key) ?? ''}${line}\n`)
  }
  return files
}

function rows(text: string): string[][] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
}

function membersOf(memberRows: string[][]) {
  const members = new Map<
    string,
    { email: string; firstName: string; lastName: string; macs: string[] }
  >()
  for (const [mac = '', email = '', firstName = '', lastName = ''] of memberRows) {
    const member = members.get(email) ?? { email, firstName, lastName, macs: [] }
    member.macs.push(mac)
    members.set(email, member)
  }
  return [...members.values()]
}
