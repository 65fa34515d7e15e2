/**
 * The machines of one simulated space: the bucket, the ticket server, and the aggregator's own `run` over
 * them, one program a run, with the faults of its world.
 */
import { run } from '@presences/aggregator/cli.ts'
import { createService } from '@presences/aggregator/commands/serve-command.ts'
import { setUp } from '@presences/aggregator/commands/setup.ts'
import { serveConfig } from '@presences/aggregator/config.ts'
import type { Effects } from '@presences/aggregator/effects.ts'
import { createApp } from '@presences/aggregator/http/app.ts'
import { openStore } from '@presences/aggregator/store/open-store.ts'
import type { StandInRequest } from '@presences/aggregator/testing/stand-ins/tickets/answer.ts'
import {
  createTicketState,
  type TicketState,
} from '@presences/aggregator/testing/stand-ins/tickets/state.ts'
import type { Random } from '../../random.ts'
import { type Bucket, createBucket } from '../bucket/bucket.ts'
import { watchLease } from '../bucket/lease-takings.ts'
import { watchLedgers } from '../bucket/ledger-losses.ts'
import { openedStore } from '../bucket/opened-store.ts'
import { s3LineOf } from '../bucket/s3-line.ts'
import { leaseIn, ledgerIn, runOf } from '../bucket/stored-objects.ts'
import type { Faults } from '../faults/faults.ts'
import { dayAfter, localTime, TIME_ZONE } from '../runtime/civil-time.ts'
import { type Program, startProgram } from '../runtime/program.ts'
import type { Trail } from '../runtime/trail.ts'
import type { VirtualTime } from '../runtime/virtual-time.ts'
import { lineOf, type StoredPost, TICKET_KEY } from '../tickets/ticket-line.ts'
import { createQuestions, type Questions } from '../tickets/unanswered.ts'
import { createOutages } from './outages.ts'

/** What came of one run. */
export interface Ran {
  readonly name: string
  /** The command line, or the request. */
  readonly what: string
  /** An exit code, or the status of an HTTP answer. */
  readonly code: number | 'killed'
  readonly out: readonly string[]
  readonly errors: string
  /** Of an HTTP answer. */
  readonly body?: unknown
  /** What it asked of the ticket server. */
  readonly questions: Questions
  /** Milliseconds since 1970: from then on it did nothing more. */
  readonly endedAt: number
  /** Its first and last place among all that was asked and done at the ticket server. */
  readonly orders: readonly [from: number, to: number]
}

/** It said that nothing is left undone. */
export function saidDone(ran: Pick<Ran, 'code'> | undefined): boolean {
  return ran?.code === 0 || ran?.code === 200
}

function aheadOf(effects: Effects, aheadMs: number): Effects {
  return { ...effects, now: () => new Date(effects.now().getTime() + aheadMs) }
}

/** A post that the server stored; `isIntended`: the ledger had the intention by then; `charging`: who held the lease. */
export type NotedPost = StoredPost & {
  readonly isIntended: boolean
  readonly charging: string | undefined
}

export interface Space {
  readonly bucket: Bucket
  /** Days whose ledger was written over by one who had not seen all of it. */
  readonly lostLedgers: ReadonlySet<string>
  /** Each time a run took the lease that another one held, where the bucket keeps conditions. */
  readonly takenLeases: readonly {
    readonly day: string
    readonly from: string
    readonly by: string
  }[]
  readonly state: TicketState
  /** MIN_COVERAGE. */
  readonly minCoveragePercent: number
  /** CATCH_UP_DAYS. */
  readonly catchUpDays: number
  readonly posts: readonly NotedPost[]
  /** All that has ended, by name. */
  readonly ran: ReadonlyMap<string, Ran>
  run(args: readonly string[], hasCompany?: boolean): Promise<Ran>
  /** An administrator's `close`, which nobody kills; with a name of its own, so that no other run draws otherwise for it. */
  close(args: readonly string[]): Promise<Ran>
  /** The same on a machine whose clock is wrong. */
  runAhead(args: readonly string[], aheadMs: number): Promise<Ran>
  /** A request of an administrator to the HTTP service, which is a process of its own here. */
  request(method: 'GET' | 'POST', path: string, hasCompany?: boolean): Promise<Ran>
  /** The last day on which a run was given the member map. */
  lastMapDay(): string
  /**
   * True when the run that first saw what was done on the day `from`, and counts from `countsFrom`, had to ask when: none
   * got the map of the day before, but one earlier did.
   */
  wasAskedFor(from: string, countsFrom: string): boolean
  /** The place of what is done now among all that was asked and done at the ticket server. */
  nextOrder(): number
  /** RESTORE_CORRECTIONS. */
  readonly isRestoring: boolean
  /** Draws the outages that begin today; more of them, where no run will ask tonight. */
  beginDay(isDark: boolean): void
  /** Nobody is told today what people did. */
  isAuditDown(): boolean
  /** For so long nobody is told what people did. */
  silence(ms: number): void
  /** For so long each answer of the ticket server takes `delayMs`. */
  slow(ms: number, delayMs: number): void
  /** The ticket server answers nothing, or does again. */
  cut(isCut: boolean): void
  isCut(): boolean
  /** True when what a run knew of a day may be less than what one before it knew. */
  mayForget(day: string): boolean
  /** Somebody has deleted what was known of a day. */
  noteLost(day: string): void
  /** For so long the bucket's listings are behind. */
  lag(ms: number): void
  /** True when a listing may lack what was written of late. */
  isBehind(): boolean
  /** From now on things fail, or nothing does. */
  setFaults(faults: Faults): void
}

export type StoreKind = 's3' | 'port'

export interface SpaceDeps {
  readonly time: VirtualTime
  readonly random: Random
  readonly trail: Trail
  readonly autoReplayDays: number
  readonly catchUpDays: number
  readonly minCoveragePercent: number
  readonly isRestoring: boolean
  /** People may act in the middle of a run. */
  readonly onMoment: (when: 'before' | 'after', request: StandInRequest) => void
  /** The real S3 adapter over a server that is a function, or the port in memory. */
  readonly store: StoreKind
  /** Those it begins with. */
  readonly faults: Faults
}

const ADMIN_TOKEN = 'token-of-an-administrator'

export function createSpace(deps: SpaceDeps): Space {
  const { time, random, trail, autoReplayDays } = deps
  const lostLedgers = new Set<string>()
  const takenLeases: Space['takenLeases'][number][] = []
  const watched = watchLedgers(createBucket(time.now), (day) => {
    lostLedgers.add(day)
    trail.note(`ledger of ${day} loses entries`)
  })
  const bucket = watchLease(watched, time.now, (from, by) => {
    // Without conditions the last to write within a moment has it.
    if (outages.ofStore().conditions !== 'honoured') return
    takenLeases.push({ day: localTime(time.now()).day, from, by })
    trail.note(`${by} takes the lease that ${from} holds`)
  })
  const state = createTicketState(() => new Date(time.now()))
  const posts: NotedPost[] = []
  const ran = new Map<string, Ran>()
  let lastMapDay = ''
  const mapDays = new Set<string>()
  let order = 0
  const nextOrder = () => {
    order += 1
    return order
  }
  const outages = createOutages({ time, random, note: trail.note, faults: deps.faults })
  let { faults } = deps
  let runs = 0
  let closes = 0
  const lostDays = new Set<string>()
  let hasStaleGets = false
  const env = {
    STORE_URL: 's3://space',
    S3_ENDPOINT: 'http://bucket.simulated',
    AWS_ACCESS_KEY_ID: 'simulated',
    AWS_SECRET_ACCESS_KEY: 'simulated',
    TICKET_BACKEND_URL: 'http://tickets.simulated',
    TICKET_BACKEND_TOKEN: TICKET_KEY,
    TIMEZONE: TIME_ZONE,
    LOG_LEVEL: 'warn',
    MIN_COVERAGE: String(deps.minCoveragePercent),
    ADMIN_TOKENS: ADMIN_TOKEN,
    AUTO_REPLAY_DAYS: String(autoReplayDays),
    CATCH_UP_DAYS: String(deps.catchUpDays),
    RESTORE_CORRECTIONS: String(deps.isRestoring),
    // Logs without the time of day, which is this machine's.
    JOURNAL_STREAM: '1:1',
    USER: 'simulation',
  }

  return {
    bucket,
    lostLedgers,
    takenLeases,
    state,
    minCoveragePercent: deps.minCoveragePercent,
    catchUpDays: deps.catchUpDays,
    posts,
    ran,
    run: (args, hasCompany) =>
      live(args.join(' '), hasCompany, async (effects) => ({ code: await run(args, effects) })),
    runAhead: (args, aheadMs) =>
      live(
        `${args.join(' ')}, its clock ${Math.round(aheadMs / 60_000)} minutes ahead`,
        false,
        async (effects) => ({ code: await run(args, aheadOf(effects, aheadMs)) }),
      ),
    close: (args) => {
      closes += 1
      const work = async (effects: Effects) => ({ code: await run(args, effects) })
      return live(args.join(' '), false, work, `close${closes}`)
    },
    request: (method, path, hasCompany) =>
      live(`${method} ${path}`, hasCompany, (effects) => answered(method, path, effects)),
    lastMapDay: () => lastMapDay,
    wasAskedFor: (from, countsFrom) => {
      const isInRow = mapDays.has(dayAfter(countsFrom, -1)) && mapDays.has(countsFrom)
      return !isInRow && [...mapDays].some((seen) => seen < from)
    },
    nextOrder,
    isRestoring: deps.isRestoring,
    beginDay: outages.beginDay,
    isAuditDown: outages.isAuditDown,
    silence: outages.silence,
    slow: outages.slow,
    cut: outages.cut,
    isCut: outages.isCut,
    mayForget: (day) => hasStaleGets || lostDays.has(day),
    noteLost: (day) => void lostDays.add(day),
    lag: outages.lag,
    isBehind: outages.isBehind,
    setFaults: (next) => {
      faults = next
      hasStaleGets ||= next['stale-gets'] > 0
      outages.setFaults(next)
    },
  }

  /** One program, from its beginning to its end. */
  async function live(
    what: string,
    hasCompany = false,
    work: (effects: Effects) => Promise<Pick<Ran, 'code' | 'body'>>,
    closing?: string,
  ): Promise<Ran> {
    if (closing === undefined) runs += 1
    const name = closing ?? `run${runs}`
    const own = random.fork(name)
    const program = startProgram({
      name,
      random: own.fork('program'),
      killAt: closing === undefined ? killOf(own.fork('kill')) : undefined,
      hasCompany,
      note: trail.note,
    })
    const out: string[] = []
    const errors: string[] = []
    const questions = createQuestions()
    trail.note(`${name} begins: ${what}`)
    const began = nextOrder()
    const effects = effectsOf(program, own, out, errors, questions)
    const killed = program.killed.then((code) => ({ code }))
    const ended: Pick<Ran, 'code' | 'body'> = await Promise.race([work(effects), killed])
    trail.note(`${name} ends: ${ended.code}`)
    for (const line of [...out, ...errors.join('').split('\n')]) {
      if (line.trim() !== '') trail.note(`${name} | ${line.trim()}`)
    }
    const result = {
      name,
      what,
      out,
      errors: errors.join(''),
      questions,
      endedAt: time.now(),
      orders: [began, order] as const,
      ...ended,
    }
    ran.set(name, result)
    return result
  }

  /** By the real routes, with what `serve` gives them, without a socket. */
  async function answered(method: string, path: string, effects: Effects) {
    const { config, log } = setUp(serveConfig, effects)
    const app = createApp(createService(config, effects, log))
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
    const response = await app.request(path, { method, headers })
    const body: unknown = await response.json()
    effects.printLine(JSON.stringify(body))
    return { code: response.status, body }
  }

  function killOf(chance: Random) {
    if (!chance.chance(faults.kill * 0.4)) return undefined
    const of = chance.chance(0.7) ? ('noted' as const) : ('all' as const)
    return { of, number: Math.ceil(2 ** (chance.next() * (of === 'noted' ? 6 : 10))) }
  }

  function effectsOf(
    program: Program,
    own: Random,
    out: string[],
    errors: string[],
    questions: Questions,
  ): Effects {
    const storeChance = own.fork('store')
    const write = (chunk: string) => errors.push(chunk) > 0
    return {
      env,
      now: () => new Date(time.now()),
      sleep: (ms) => program.perform({ work: () => time.sleep(ms) }),
      every: (ms, action) => {
        const stop = time.every(ms, program.whileAlive(action))
        // What a killed run leaves would tick for ever.
        void program.killed.then(stop)
        return stop
      },
      readText: () => undefined,
      newId: () => program.name,
      hostName: 'simulated',
      fetch: lineOf(program, {
        state,
        time,
        random: own.fork('line'),
        troubles: outages.ofLine,
        onStored: (post) => {
          posts.push({ ...post, isIntended: isIntended(post), charging: leaseIn(bucket)?.holder })
        },
        onAttempt: questions.attempted,
        nextOrder,
        onMoment: deps.onMoment,
        onMap: () => {
          lastMapDay = localTime(time.now()).day
          mapDays.add(lastMapDay)
        },
      }),
      openStore: async (url, settings) => {
        if (deps.store === 'port') return openedStore(bucket, program, outages.ofStore, storeChance)
        const line = { bucket, time, random: storeChance, troubles: outages.ofStore }
        return openStore(url, { ...settings, requestHandler: s3LineOf(program, line) })
      },
      random: own.fork('jitter').next,
      printLine: (line) => void out.push(line),
      errors: { write, on: () => {}, once: () => {}, emit: () => {}, end: () => {} } as never,
      untilAskedToEnd: async () => {},
    }
  }

  /** Whether the ledger says, by now, that this run means to post this. */
  function isIntended({ memberId, date, amount, program }: StoredPost): boolean {
    const email = state.members.find(({ id }) => id === memberId)?.email
    return (ledgerIn(bucket, date)?.entries ?? []).some(
      (entry) =>
        runOf(entry) === program &&
        entry.email === email &&
        entry.decision === 'post' &&
        entry.computed === amount,
    )
  }
}
