/**
 * The story of one world: people come and go, boxes look and ship, nights charge, things break; then a few
 * nights on which nothing breaks, and the judge. The same options give the same trail, to the byte.
 */

import { boxesOf } from './box/boxes.ts'
import { damageRollup, mendRollups, mustBeMended } from './bucket/bucket-care.ts'
import { warmUp } from './bucket/s3-warm-up.ts'
import { dayAfter, instantAt, MORNING_ACTS } from './civil-time.ts'
import { calmed, drawFaults, type FaultKind, type Faults, isOrderly } from './faults.ts'
import { judge } from './judge/judge.ts'
import type { Failure } from './judge/judged.ts'
import type { Life } from './life.ts'
import { drawLongTroubles } from './long-troubles.ts'
import { earlyMorning, evening, firstNight, lastNight, night, SHIPPING, shipAt } from './nights.ts'
import { randomOf } from './random.ts'
import { createSpace, type Space, type StoreKind } from './space.ts'
import { createTrail, type Trail } from './trail.ts'
import { virtualTime } from './virtual-time.ts'
import { actsOf } from './world/acts.ts'
import { planDay } from './world/habits.ts'
import { addPerson } from './world/membership.ts'
import { newDevice, type World } from './world/world.ts'

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

export interface Simulated {
  readonly failures: readonly Failure[]
  readonly trail: Trail
  readonly faults: Faults
  readonly firstDay: string
  readonly store: StoreKind
  /** What was simulated, for the table. */
  readonly counts: { readonly runs: number; readonly killed: number; readonly posts: number }
}

/** Mostly off; shorter than the nightly run looks back, and longer. */
const AUTO_REPLAY_DAYS = [0, 0, 0, 0, 5, 14, 20]
/** The default, which no trouble of a night outlasts but the long ones; and half of it. */
export const CATCH_UP_DAYS = [7, 14]
const LOCATIONS = ['poulailler', 'pti-poulailler', 'fte-rdc', 'grenier']
/** The share of worlds on the real S3 adapter, whose days take five times as long. */
const S3_SHARE = 0.03
/** Eight days before the first run at most, nights that nothing disturbs at both ends, and two in between. */
export const LEAST_DAYS = 14
/** Nights without faults at the end: one to catch up, one to see that nothing is left. */
const HEALING_DAYS = 3
/** So many days before the end an object is damaged, and stays so: others must not suffer. */
const DAMAGE_DAYS = 9

export async function simulate(options: SimulationOptions): Promise<Simulated> {
  const random = randomOf(options.seed)
  const firstDay = firstDayOf(options)
  const time = virtualTime(instantAt(firstDay, 0))
  const trail = createTrail(time.now)
  const faults = drawFaults(random.fork('faults'), options)
  const prologueDays = prologueOf(options)
  const store = options.store ?? (random.fork('store').chance(S3_SHARE) ? 's3' : 'port')
  if (store === 's3') await warmUp()
  const autoReplayDays = random.pick(AUTO_REPLAY_DAYS)
  const world: World = {
    locations: LOCATIONS.slice(0, options.locations),
    people: [],
    strangers: [newDevice(random.fork('stranger')), newDevice(random.fork('printer'))],
    corrections: new Map(),
    seen: new Map(),
    looked: new Map(),
    partial: new Map(),
    seenMinutes: new Map(),
    damaged: new Set(),
  }
  const space = createSpace({
    time,
    random: random.fork('space'),
    trail,
    faults: calmed(faults),
    autoReplayDays,
    catchUpDays: random.fork('catch up').pick(CATCH_UP_DAYS),
    minCoveragePercent: random.fork('coverage').pick([12, 12, 80]),
    store,
  })
  const boxes = boxesOf(
    { firstDay, days: options.days },
    {
      world,
      bucket: space.bucket,
      faults,
      random,
      note: trail.note,
    },
  )
  const acts = () => ({
    world,
    state: space.state,
    faults: life.isCalm ? calmed(faults) : faults,
    firstDay,
    lastMapDay: space.lastMapDay(),
    hasFailed: life.hasFailed,
    isPrologue: space.lastMapDay() === '',
    isAuditDown: space.isAuditDown(),
    note: trail.note,
  })
  const counts = { runs: 0, killed: 0, posts: 0 }
  const life: Life = {
    world,
    space,
    boxes,
    time,
    trail,
    faults,
    counts,
    failures: [],
    lastNightly: undefined,
    hasFailed: false,
    firstRunDay: dayAfter(firstDay, prologueDays),
    isCalm: true,
    byHand: new Set(),
  }
  registerOwnDevice(space, world)
  const beginning = { ...acts(), random: random.fork('people') }
  for (let each = 0; each < options.people; each += 1) addPerson(beginning, firstDay)

  const fitting = { from: prologueDays + 2, to: options.days - HEALING_DAYS }
  const long = drawLongTroubles(faults, fitting, random.fork('long troubles'))
  const mended: string[] = []

  for (let number = 0; number < options.days; number += 1) {
    const day = dayAfter(firstDay, number)
    const isHealing = number >= options.days - HEALING_DAYS
    // The night with which the ledger begins is watched by somebody.
    if (number === prologueDays + 1) setFaults(life, faults)
    if (number === options.days - HEALING_DAYS) setFaults(life, calmed(faults))
    if (number === options.days - DAMAGE_DAYS) damageRollup(day, life, random.fork('damage'))
    if (number === long.damagedOn) damageRollup(day, life, random.fork('long damage'))
    if (number === long.mendedOn) mended.push(...mendRollups(life))
    const isMinded = number > prologueDays && long.hasNight(number)
    if (isMinded) await earlyMorning(day, life, random.fork(`early ${day}`))
    time.advanceTo(instantAt(day, MORNING_ACTS))
    space.beginDay()
    if (!isHealing && number > 0) actsOf(day, { ...acts(), random: random.fork(`acts ${day}`) })
    const plan = planDay(world, random.fork(`plan ${day}`))
    for (const box of boxes) await box.scan(plan, instantAt(day, SHIPPING))
    if (number < prologueDays) await shipAt(day, life)
    else if (long.hasNight(number)) await night(day, life, random.fork(`night ${day}`))
    else await evening(day, life, random.fork(`evening ${day}`))
    if (number === prologueDays && number > 0) await firstNight(day, firstDay, life)
    if (number === options.days - 1) break
    for (const box of boxes) await box.scan(plan, instantAt(dayAfter(day), 0))
  }
  mustBeMended(mended, life)
  await lastNight(dayAfter(firstDay, options.days - 1), life, random.fork('last'))
  counts.posts = space.posts.length
  const judged = {
    world,
    space,
    firstDay,
    days: options.days,
    autoReplayDays,
    isOrderly: isOrderly(faults),
  }
  const failures = [...life.failures, ...boxes.flatMap((box) => box.failures()), ...judge(judged)]
  return { failures, trail, faults, firstDay, store, counts }
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

function setFaults(life: Life, faults: Faults): void {
  const { space, boxes, trail } = life
  life.isCalm = faults !== life.faults
  const left = Object.entries(faults).filter(([, amount]) => amount > 0)
  trail.note(`faults from here on: ${left.map(([kind]) => kind).join(', ') || 'none'}`)
  space.setFaults(faults)
  for (const box of boxes) box.setFaults(faults)
}
