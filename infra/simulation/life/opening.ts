/**
 * What a world begins with, drawn from its seed: when it is, who there is, its machines and how they are set, the faults
 * that it will have. Nothing has happened yet.
 */
import { type Random, randomOf } from '../../random.ts'
import { boxesOf } from '../box/boxes.ts'
import { warmUp } from '../bucket/s3-warm-up.ts'
import { calmed, drawFaults, type FaultKind } from '../faults/faults.ts'
import { dayAfter, instantAt } from '../runtime/civil-time.ts'
import { createTrail } from '../runtime/trail.ts'
import { virtualTime } from '../runtime/virtual-time.ts'
import { createSpace, type Space, type StoreKind } from '../space/space.ts'
import type { ActDeps } from '../world/act-deps.ts'
import { addPerson } from '../world/membership.ts'
import { newDevice, type World } from '../world/world.ts'
import { actsInRuns } from './acts-in-runs.ts'
import type { Life } from './life.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly days: number
  readonly people: number
  readonly locations: number
  /** Kinds of fault this world is spared. */
  readonly without: ReadonlySet<FaultKind>
  /** Default: as the seed draws it. */
  readonly store?: StoreKind
  /** The mutant that the programs were loaded as, for the command that lives through it again. */
  readonly broken?: string
}

export interface Opening {
  readonly random: Random
  readonly life: Life
  readonly firstDay: string
  /** Days on which boxes look before the first run. */
  readonly prologueDays: number
  readonly autoReplayDays: number
  readonly store: StoreKind
  /** What people who act today are given. */
  actsWith(random: Random): ActDeps
}

/** Mostly off; shorter than the nightly run looks back, and longer. */
const AUTO_REPLAY_DAYS = [0, 0, 0, 0, 5, 14, 20]
/** The default, which no trouble of a night outlasts but the long ones; and half of it, more often. */
export const CATCH_UP_DAYS = [7, 7, 14]
const LOCATIONS = ['poulailler', 'pti-poulailler', 'fte-rdc', 'grenier']
/** The share of worlds on the real S3 adapter, whose days take five times as long. */
const S3_SHARE = 0.03

export async function openWorld(options: SimulationOptions): Promise<Opening> {
  const random = randomOf(options.seed)
  const firstDay = firstDayOf(options)
  const time = virtualTime(instantAt(firstDay, 0))
  const trail = createTrail(time.now)
  const faults = drawFaults(random.fork('faults'), options)
  const prologueDays = prologueOf(options)
  const store = options.store ?? (random.fork('store').chance(S3_SHARE) ? 's3' : 'port')
  if (store === 's3') await warmUp()
  const autoReplayDays = random.pick(AUTO_REPLAY_DAYS)
  const world = emptyWorld(options, random)
  const space = createSpace({
    time,
    random: random.fork('space'),
    trail,
    faults: calmed(faults),
    autoReplayDays,
    catchUpDays: random.fork('catch up').pick(CATCH_UP_DAYS),
    minCoveragePercent: random.fork('coverage').pick([12, 12, 80]),
    store,
    isRestoring: random.fork('restoring').chance(0.35),
    onMoment: (when, request) => actInRun(when, request),
  })
  const lasts = { firstDay, days: options.days }
  const shared = { world, bucket: space.bucket, faults, random, note: trail.note }
  const life: Life = {
    world,
    space,
    boxes: boxesOf(lasts, shared),
    time,
    trail,
    faults,
    counts: { runs: 0, killed: 0, posts: 0 },
    failures: [],
    lastNightly: undefined,
    hasFailed: false,
    isUntold: false,
    firstRunDay: dayAfter(firstDay, prologueDays),
    isCalm: true,
    byHand: new Set(),
    copies: new Map(),
    ledgers: new Map(),
    missing: new Map(),
    unmade: [],
  }
  const actInRun = actsInRuns(life, firstDay, random.fork('acts in runs'))
  const actsWith = (own: Random): ActDeps => ({
    world,
    state: space.state,
    faults: life.isCalm ? calmed(faults) : faults,
    firstDay,
    lastMapDay: space.lastMapDay(),
    hasFailed: life.hasFailed,
    isPrologue: space.lastMapDay() === '',
    isDark: false,
    order: space.nextOrder(),
    isAuditDown: space.isAuditDown(),
    note: trail.note,
    random: own,
  })
  registerOwnDevice(space, world)
  const beginning = actsWith(random.fork('people'))
  for (let each = 0; each < options.people; each += 1) addPerson(beginning, firstDay)
  return { random, life, firstDay, prologueDays, autoReplayDays, store, actsWith }
}

function emptyWorld({ locations }: SimulationOptions, random: Random): World {
  return {
    locations: LOCATIONS.slice(0, locations),
    people: [],
    strangers: [newDevice(random.fork('stranger')), newDevice(random.fork('printer'))],
    corrections: new Map(),
    closings: new Map(),
    seen: new Map(),
    looked: new Map(),
    partial: new Map(),
    seenMinutes: new Map(),
    damaged: new Set(),
    mended: new Set(),
    forgotten: [],
    unkept: new Set(),
    garbled: new Set(),
    doubts: new Map(),
  }
}

/** The last of the strangers is the space's own, which counts for nobody. */
function registerOwnDevice({ state }: Space, { strangers }: World): void {
  const email = 'space@example.org'
  state.addMember({ id: 'space', wpUserId: 999, email, firstName: 'Coworking', lastName: 'Metz' })
  state.addDevice(email, strangers.at(-1)?.mac ?? '')
}

/** In a third of the worlds the boxes have looked for days before the first run. */
function prologueOf({ seed }: SimulationOptions): number {
  return seed % 3 === 1 ? randomOf(seed).fork('prologue').between(5, 8) : 0
}

/**
 * Half of the worlds live through a change of the clocks, to and from summer in turn. It is long after any version of the
 * programs was made: the probe takes no earlier time for right.
 */
function firstDayOf({ seed, days }: SimulationOptions): string {
  const random = randomOf(seed).fork('calendar')
  const change = seed % 4 === 0 ? '2030-10-27' : random.pick(['2030-03-31', '2031-03-30'])
  if (seed % 2 === 0) return dayAfter(change, -random.between(1, Math.max(1, days - 4)))
  return dayAfter('2030-01-05', random.between(0, 600))
}
