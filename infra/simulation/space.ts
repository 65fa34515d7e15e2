/**
 * The machines of one simulated space: the bucket, the ticket server, and the aggregator's own `run` over
 * them, one program a run, with the faults of its world.
 */
import { run } from '../../aggregator/src/cli.ts'
import type { Effects } from '../../aggregator/src/effects.ts'
import { createTicketState, type TicketState } from '../stand-ins/ticket-server-state.ts'
import { type Bucket, createBucket } from './bucket.ts'
import { TIME_ZONE } from './civil-time.ts'
import type { Faults } from './faults.ts'
import { openedStore } from './opened-store.ts'
import { type Program, startProgram } from './program.ts'
import type { Random } from './random.ts'
import { lineOf, type StoredPost, TICKET_KEY } from './ticket-line.ts'
import type { Trail } from './trail.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What came of one run. */
export interface Ran {
  readonly code: number | 'killed'
  readonly out: readonly string[]
  readonly errors: string
}

export interface Space {
  readonly bucket: Bucket
  readonly state: TicketState
  readonly posts: readonly StoredPost[]
  run(args: readonly string[], hasCompany?: boolean): Promise<Ran>
  /** Draws the outages that begin today. */
  beginDay(): void
  /** From now on things fail, or nothing does. */
  setFaults(faults: Faults): void
}

export interface SpaceDeps {
  readonly time: VirtualTime
  readonly random: Random
  readonly trail: Trail
  readonly autoReplayDays: number
  /** Those it begins with. */
  readonly faults: Faults
}

const MS_PER_HOUR = 3_600_000

export function createSpace(deps: SpaceDeps): Space {
  const { time, random, trail, autoReplayDays } = deps
  const bucket = createBucket(time.now)
  const state = createTicketState(() => new Date(time.now()))
  const posts: StoredPost[] = []
  let { faults } = deps
  let runs = 0
  let ticketsDownUntil = 0
  let bucketDownUntil = 0
  const env = {
    STORE_URL: 's3://space',
    TICKET_BACKEND_URL: 'http://tickets.simulated',
    TICKET_BACKEND_TOKEN: TICKET_KEY,
    TIMEZONE: TIME_ZONE,
    LOG_LEVEL: 'warn',
    AUTO_REPLAY_DAYS: String(autoReplayDays),
    // Logs without the time of day, which is this machine's.
    JOURNAL_STREAM: '1:1',
    USER: 'simulation',
  }

  return { bucket, state, posts, run: runCommand, beginDay, setFaults }

  async function runCommand(args: readonly string[], hasCompany = false): Promise<Ran> {
    runs += 1
    const name = `run${runs}`
    const own = random.fork(name)
    const program = startProgram({
      name,
      random: own.fork('program'),
      killAt: killOf(own.fork('kill')),
      hasCompany,
      note: trail.note,
    })
    const out: string[] = []
    const errors: string[] = []
    trail.note(`${name} begins: ${args.join(' ')}`)
    const work = run(args, effectsOf(program, own, out, errors))
    const code = await Promise.race([work, program.killed])
    trail.note(`${name} ends: ${code}`)
    for (const line of [...out, ...errors.join('').split('\n')]) {
      if (line.trim() !== '') trail.note(`${name} | ${line.trim()}`)
    }
    return { code, out, errors: errors.join('') }
  }

  function killOf(chance: Random) {
    if (!chance.chance(faults.kill * 0.4)) return undefined
    const of = chance.chance(0.7) ? ('noted' as const) : ('all' as const)
    return { of, number: Math.ceil(2 ** (chance.next() * (of === 'noted' ? 6 : 10))) }
  }

  function effectsOf(program: Program, own: Random, out: string[], errors: string[]): Effects {
    const storeChance = own.fork('store')
    const write = (chunk: string) => errors.push(chunk) > 0
    return {
      env,
      now: () => new Date(time.now()),
      sleep: (ms) => program.perform({ work: () => time.sleep(ms) }),
      readText: () => undefined,
      newId: () => program.name,
      hostName: 'simulated',
      fetch: lineOf(program, {
        state,
        time,
        random: own.fork('line'),
        troubles: lineTroubles,
        onStored: (post) => void posts.push(post),
      }),
      openStore: async () => openedStore(bucket, program, storeTroubles, storeChance),
      random: own.fork('jitter').next,
      printLine: (line) => void out.push(line),
      errors: { write, on: () => {}, once: () => {}, emit: () => {}, end: () => {} } as never,
      untilAskedToEnd: async () => {},
    }
  }

  function storeTroubles() {
    return {
      isDown: () => time.now() < bucketDownUntil,
      get: faults.bucket * 0.0005,
      list: faults.bucket * 0.01,
      put: faults.bucket * 0.02,
      stale: faults['stale-lists'] * 0.5,
      now: time.now(),
      lostAnswer: faults['lost-answers'] * 0.1,
      isUnconditional: faults['no-conditions'] > 0,
    }
  }

  function lineTroubles() {
    return {
      isDown: () => time.now() < ticketsDownUntil,
      request: faults.tickets * 0.4,
      map: faults['bad-map'] * 0.1,
      audit: faults.audit * 0.5,
    }
  }

  function beginDay(): void {
    const chance = random.fork(`day ${time.now()}`)
    const soon = time.now() + 18.9 * MS_PER_HOUR
    if (chance.chance(faults.outage * 0.1)) {
      const hours = chance.chance(0.3) ? chance.between(3, 96) : chance.next()
      ticketsDownUntil = soon + hours * MS_PER_HOUR
      trail.note(`ticket server down until ${new Date(ticketsDownUntil).toISOString()}`)
    }
    if (chance.chance(faults.bucket * 0.05)) {
      bucketDownUntil = soon + chance.next() * 30 * MS_PER_HOUR
      trail.note(`bucket down until ${new Date(bucketDownUntil).toISOString()}`)
    }
  }

  function setFaults(next: Faults): void {
    faults = next
    ticketsDownUntil = 0
    bucketDownUntil = 0
  }
}
