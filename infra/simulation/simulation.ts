/**
 * The story of one world: people come and go, boxes look and ship, nights charge, things break; then a few
 * nights on which nothing breaks, and the judge. The same options give the same trail, to the byte.
 */
import { actsOf, addPerson, endRests } from './acts.ts'
import { type Box, createBox } from './box.ts'
import { dayAfter, instantAt } from './civil-time.ts'
import { calmed, drawFaults, type FaultKind, type Faults } from './faults.ts'
import { planDay } from './habits.ts'
import { type Failure, judge } from './judge.ts'
import { randomOf } from './random.ts'
import { createSpace, type Ran, type Space } from './space.ts'
import { createTrail, type Trail } from './trail.ts'
import { type VirtualTime, virtualTime } from './virtual-time.ts'
import { newDevice, type World } from './world.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly days: number
  readonly people: number
  readonly locations: number
  /** Kinds of fault this world is spared. */
  readonly without: ReadonlySet<FaultKind>
}

export interface Simulated {
  readonly failures: readonly Failure[]
  readonly trail: Trail
  readonly faults: Faults
  readonly firstDay: string
  /** What was simulated, for the table. */
  readonly counts: { readonly runs: number; readonly killed: number; readonly posts: number }
}

const LOCATIONS = ['poulailler', 'pti-poulailler', 'fte-rdc', 'grenier']
const MORNING = 3 * 60
const SHIPPING = 22 * 60 + 5
const NIGHTLY = 22 * 60 + 15
const MS_PER_DAY = 86_400_000
/** Nights without faults at the end: one to catch up, one to see that nothing is left. */
const HEALING_DAYS = 3
const CATCH_UP_DAYS = 14

interface Life {
  readonly world: World
  readonly space: Space
  readonly boxes: readonly Box[]
  readonly time: VirtualTime
  readonly trail: Trail
  readonly faults: Faults
  readonly counts: { runs: number; killed: number; posts: number }
  /** Days whose files came too late for the nightly run: an administrator uploads them by hand. */
  readonly byHand: Set<string>
  /** Days that no nightly run has been through without fault yet. */
  readonly unsettled: Set<string>
}

export async function simulate(options: SimulationOptions): Promise<Simulated> {
  const random = randomOf(options.seed)
  const firstDay = firstDayOf(options)
  const time = virtualTime(instantAt(firstDay, 0))
  const trail = createTrail(time.now)
  const faults = drawFaults(random.fork('faults'), options.without)
  const autoReplayDays = random.chance(0.3) ? CATCH_UP_DAYS : 0
  const world: World = {
    locations: LOCATIONS.slice(0, options.locations),
    people: [],
    strangers: [newDevice(random.fork('stranger'), firstDay, undefined)],
    corrections: new Map(),
    seen: new Map(),
    looked: new Map(),
  }
  const space = createSpace({
    time,
    random: random.fork('space'),
    trail,
    faults: calmed(faults),
    autoReplayDays,
  })
  const boxes = world.locations.flatMap((location) => {
    const probes = random.fork(`probes ${location}`).chance(0.2) ? ['box', 'spare'] : ['box']
    return probes.map((probe) => {
      const own = random.fork(`box ${location} ${probe}`)
      const { bucket } = space
      return createBox({
        location,
        probe,
        world,
        bucket,
        faults: calmed(faults),
        random: own,
        note: trail.note,
      })
    })
  })
  const acts = { world, state: space.state, faults, firstDay, note: trail.note }
  const beginning = { ...acts, random: random.fork('people') }
  for (let each = 0; each < options.people; each += 1) addPerson(beginning, firstDay)
  const counts = { runs: 0, killed: 0, posts: 0 }
  const life: Life = {
    world,
    space,
    boxes,
    time,
    trail,
    faults,
    counts,
    byHand: new Set(),
    unsettled: new Set(),
  }

  for (let number = 0; number < options.days; number += 1) {
    const day = dayAfter(firstDay, number)
    const isHealing = number >= options.days - HEALING_DAYS
    // On the first day somebody watches: the ledger begins with its night.
    if (number === 1) setFaults(life, faults)
    if (number === options.days - HEALING_DAYS) setFaults(life, calmed(faults))
    time.advanceTo(instantAt(day, MORNING))
    space.beginDay()
    if (!isHealing && number > 0) actsOf(day, { ...acts, random: random.fork(`acts ${day}`) })
    const plan = planDay(world, random.fork(`plan ${day}`))
    for (const box of boxes) await box.scanDay(day, plan)
    await night(day, life, random.fork(`night ${day}`))
  }
  await lastNight(dayAfter(firstDay, options.days - 1), firstDay, life)
  counts.posts = space.posts.length
  const failures = judge({ world, space, firstDay, days: options.days })
  return { failures, trail, faults, firstDay, counts }
}

/** Half of the worlds live through a change of the clocks. */
function firstDayOf({ seed, days }: SimulationOptions): string {
  const random = randomOf(seed).fork('calendar')
  const change = random.pick(['2026-03-29', '2026-10-25', '2027-03-28'])
  if (random.chance(0.5)) return dayAfter(change, -random.between(1, Math.max(1, days - 4)))
  return dayAfter('2026-01-05', random.between(0, 600))
}

function setFaults({ space, boxes, trail }: Life, faults: Faults): void {
  const left = Object.entries(faults).filter(([, amount]) => amount > 0)
  trail.note(`faults from here on: ${left.map(([kind]) => kind).join(', ') || 'none'}`)
  space.setFaults(faults)
  for (const box of boxes) box.setFaults(faults)
}

async function night(day: string, life: Life, random: ReturnType<typeof randomOf>): Promise<void> {
  const { world, time, faults } = life
  time.advanceTo(instantAt(day, SHIPPING))
  ship(day, life)
  expire(life)
  loseRollup(day, life, random)
  time.advanceTo(instantAt(day, NIGHTLY))
  life.unsettled.add(day)
  const nightly = (): Promise<Ran> => runIn(life, ['upload'], isTogether)
  const isTogether = random.chance(faults.overlap * 0.4)
  const others = isTogether ? [otherRun(day, life, random)] : []
  const [ran] = await time.until(Promise.all([nightly(), ...others]))
  let last = ran
  if (ran.code === 'killed' && random.chance(0.5)) {
    time.advanceTo(time.now() + random.between(1, 40) * 60_000)
    last = await time.until(runIn(life, ['upload']))
  }
  if (last.code === 0 || last.code === 1) endRests(world)
  if (last.code === 0) settle(day, life)
  if (random.chance(0.3)) ship(day, life)
  await byHand(life, random)
}

/** Something an administrator does while the nightly run is under way. */
function otherRun(day: string, life: Life, random: ReturnType<typeof randomOf>): Promise<Ran> {
  const devices = life.world.people.flatMap(({ devices }) => devices)
  const from = dayAfter(day, -random.between(1, 20))
  if (random.chance(0.5)) {
    const { mac } = random.pick(devices)
    return runIn(life, ['reupload', mac, '--period', `${from}..${day}`], true)
  }
  return runIn(life, ['upload', '--from', from, '--to', day], true)
}

async function runIn(life: Life, args: readonly string[], hasCompany = false): Promise<Ran> {
  const ran = await life.space.run(args, hasCompany)
  life.counts.runs += 1
  if (ran.code === 'killed') life.counts.killed += 1
  return ran
}

function ship(today: string, { boxes, time, byHand, unsettled }: Life): void {
  const oldest = dayAfter(today, -CATCH_UP_DAYS)
  for (const box of boxes) {
    for (const day of box.ship(time.now())) (day < oldest ? byHand : unsettled).add(day)
  }
}

/** A run without fault has seen the days it catches up with. */
function settle(today: string, { unsettled, byHand }: Life): void {
  const oldest = dayAfter(today, -CATCH_UP_DAYS)
  for (const day of unsettled) if (day < oldest) byHand.add(day)
  unsettled.clear()
}

async function byHand(life: Life, random: ReturnType<typeof randomOf>): Promise<void> {
  const days = [...life.byHand].sort()
  const [from] = days
  if (from === undefined || !random.chance(0.5)) return
  const args = ['upload', '--from', from, '--to', days.at(-1) ?? from]
  const { code } = await life.time.until(runIn(life, args))
  if (code === 0) life.byHand.clear()
}

/** The bucket's life cycle rule: raw files go after 25 days. */
function expire({ space: { bucket }, time, faults }: Life): void {
  if (faults.expiry === 0) return
  for (const key of bucket.keys('presences/')) {
    const modified = bucket.get(key)?.modified ?? 0
    if (time.now() - modified > 25 * MS_PER_DAY) bucket.remove(key)
  }
}

/** Somebody deletes what can be made again from raw files. */
function loseRollup(today: string, life: Life, random: ReturnType<typeof randomOf>): void {
  const { world, space, faults, trail } = life
  if (!random.chance(faults['lost-rollups'] * 0.6)) return
  const ofDay = `/${dayAfter(today, -random.between(0, 2))}`
  const location = random.pick(world.locations)
  for (const key of space.bucket.keys(`rollups/${location}`)) {
    if (!key.includes(ofDay)) continue
    space.bucket.remove(key)
    trail.note(`lost ${key}`)
  }
}

/** What administrators do in the end: the days that came too late, and every device that was registered late. */
async function lastNight(today: string, firstDay: string, life: Life): Promise<void> {
  const { world, time } = life
  settle(today, life)
  const days = [...life.byHand].sort()
  if (days.length > 0) {
    await time.until(runIn(life, ['upload', '--from', days[0] ?? '', '--to', days.at(-1) ?? '']))
  }
  for (const person of world.people) {
    for (const { mac, isLate } of person.devices) {
      if (!isLate || person.leftOn !== undefined) continue
      await time.until(runIn(life, ['reupload', mac, '--period', `${firstDay}..${today}`]))
    }
  }
}
