/**
 * What people do at the ticket server, early in the morning: they register devices late, sell and remove them,
 * change their e-mail, join, leave and come back; administrators correct days with a comment.
 */
import { dayAfter, instantAt, MORNING_ACTS } from '../runtime/civil-time.ts'
import type { ActDeps } from './act-deps.ts'
import {
  beSomebodyElse,
  buy,
  mislay,
  passOn,
  register,
  remove,
  rename,
  rotate,
  sell,
} from './device-acts.ts'
import { addPerson, comeBack, inherit, leave } from './membership.ts'
import {
  allDevices,
  dayKey,
  emailOf,
  isRegistered,
  NEVER,
  type Person,
  type World,
} from './world.ts'

type Act = (person: Person, day: string, deps: ActDeps) => void

const COMMENTS = ['left at noon', 'forgot the phone', 'was ill', 'paid in cash', '']
const AUTHOR = { _id: 'admin', name: 'Admin', email: 'admin@example.org' }
/** Days before today that are corrected; below 0 they are to come. */
const CORRECTED = [-2, -1, 0, 0, 1, 1, 2, 3, 5, 8, 12]
const ACTS: readonly Act[] = [
  sell,
  sell,
  remove,
  mislay,
  rename,
  rename,
  rename,
  rename,
  rotate,
  buy,
  beSomebodyElse,
]
/** While no run looks: most of all what only the audit trail can tell later. */
const DARK_ACTS: readonly Act[] = [sell, sell, sell, mislay, rename]
/** Those that the audit trail tells to the day. */
const EARLY_ACTS: readonly Act[] = [sell, mislay, rename]

/** One morning. */
export function actsOf(day: string, deps: ActDeps): void {
  const { world, random, faults } = deps
  const present = world.people.filter(({ leftOn }) => leftOn === undefined)
  for (const person of present) {
    for (const device of person.devices) {
      const isHidden = !isRegistered(device) && !device.isGone
      if (isHidden && random.chance(deps.isDark ? 0.3 : 0.08)) register(person, device, day, deps)
    }
    // Most of all when nobody can tell; and now and then somebody thinks again of the same day.
    if (random.chance(deps.isAuditDown ? 0.5 : 0.05)) correct(person, day, deps)
    else if (random.chance(0.08)) correctAgain(person, day, deps)
    if (deps.isPrologue && random.chance(0.3)) random.pick(EARLY_ACTS)(person, day, deps)
    else if (deps.isDark && random.chance(0.2)) random.pick(DARK_ACTS)(person, day, deps)
    else if (random.chance(0.05)) random.pick(ACTS)(person, day, deps)
  }
  if (random.chance(0.01)) addPerson(deps, day)
  const reused = random.fork('reused')
  if (reused.chance(faults['reused-emails'] * 0.15)) passOn(reused.pick(present), day, deps)
  if (deps.hasFailed && random.chance(0.15)) beSomebodyElse(random.pick(present), day, deps)
  // Most of all while what they owe is undone.
  const going = faults['member-gone'] * (deps.hasFailed ? 0.5 : 0.06)
  if (random.chance(going) && present.length > 3) leave(random.pick(present), day, deps)
  for (const person of world.people) {
    const isAway = person.leftOn !== undefined && dayAfter(person.leftOn, 3) < day
    const isGone = person.leftOn !== undefined && person.leftOn < day
    if (isGone && reused.chance(faults['reused-emails'] * 0.4)) inherit(person, day, deps)
    if (isAway && random.chance(0.05)) comeBack(person, day, deps)
  }
}

export interface Noticed {
  /** It could ask what was done while no run looked. */
  readonly isTold: boolean
  /** Between two maps of days in a row nobody asks: what came and went there was in none. */
  readonly wasAskedFor: (from: string, countsFrom: string) => boolean
  readonly doubtful: ReadonlySet<string>
}

/**
 * A run that ended well has seen the map of `today`: what was done by then is known. Where it could ask what was done
 * while no run looked, it knows since when, but for what came of members who are gone: their trail is, too. Of
 * `doubtful` devices it knows that they changed hands, and a later one will know when.
 */
export function noticeActs(
  world: World,
  today: string,
  { isTold, wasAskedFor, doubtful }: Noticed,
): void {
  for (const { mac, owners } of allDevices(world)) {
    // Whose it was is still to be told.
    if (!isTold && doubtful.has(mac)) continue
    const isTraced = isTold && owners.every(({ member }) => member?.leftOn === undefined)
    for (const handover of owners) {
      if (handover.knownOn !== undefined) continue
      const { countsFrom } = handover
      if (isTraced && wasAskedFor(handover.from, countsFrom)) handover.knownOn = countsFrom
      else handover.knownOn = handover === owners.at(-1) ? laterOf(today, countsFrom) : NEVER
    }
  }
  for (const person of world.people) {
    if (person.unseen.has('identity') && !isTold) continue
    if (person.unseen.has('identity')) person.strangeSince = dayAfter(today)
    person.unseen.clear()
  }
}

/** All that was known since the map of `since` is known no more: the history is one of before, or gone (`''`). */
export function forgetActs(world: World, since: string): void {
  for (const device of allDevices(world)) {
    // Without a history, days of before its first map wait for a replay where nobody can be asked.
    if (since === '') device.isLate = true
    for (const handover of device.owners) {
      if (handover.from <= since) continue
      handover.knownOn = undefined
      // Before a first map the trail is read to the day: one on which it was sold may be either's.
      if (since === '') handover.countsFrom = dayAfter(handover.from)
    }
  }
}

/** The audit trail has told what was done before the first run: to the day, but for the day of the act itself. */
export function noticeAudit(world: World, firstRunDay: string): void {
  for (const { owners } of allDevices(world)) {
    for (const handover of owners) {
      if (handover.from < firstRunDay) handover.knownOn = dayAfter(handover.from)
    }
  }
  for (const person of world.people) person.strangeSince = undefined
}

function laterOf(a: string, b: string): string {
  return a > b ? a : b
}

/** A person sets a day, over or to come. */
function correct(person: Person, today: string, deps: ActDeps) {
  const { random, firstDay, isAuditDown } = deps
  const day = dayAfter(today, -random.pick(isAuditDown ? [0, 1] : CORRECTED))
  if (day >= firstDay && day >= person.joinedOn) set(person, day, today, deps)
}

function correctAgain(person: Person, today: string, deps: ActDeps) {
  const days = CORRECTED.map((ago) => dayAfter(today, -ago))
  const again = days.find((day) => deps.world.corrections.has(dayKey(person.id, day)))
  if (again !== undefined) set(person, again, today, deps)
}

function set(person: Person, day: string, today: string, deps: ActDeps) {
  setAt(person, day, instantAt(today, MORNING_ACTS), deps)
}

/** A person sets a member's day at some instant. */
export function setAt(
  person: Person,
  day: string,
  at: number,
  {
    world,
    state,
    random,
    note,
    order,
  }: Pick<ActDeps, 'world' | 'state' | 'random' | 'note' | 'order'>,
) {
  const value = random.pick([0, 0.5, 1, 0.25, 2])
  const comment = random.pick(COMMENTS)
  const author = random.chance(0.7) ? AUTHOR : null
  state.correctDay({ email: emailOf(person), date: day, value, comment, author })
  const key = dayKey(person.id, day)
  const made = { at, order, value, comment, author: author?.name }
  world.corrections.set(key, [...(world.corrections.get(key) ?? []), made])
  note(`corrects ${person.id} ${day} to ${value}`)
}
