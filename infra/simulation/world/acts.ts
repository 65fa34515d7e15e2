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
  register,
  remove,
  rename,
  rotate,
  sell,
} from './device-acts.ts'
import { addPerson, comeBack, leave } from './membership.ts'
import { allDevices, dayKey, emailOf, isRegistered, type Person, type World } from './world.ts'

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
/** Those that the audit trail tells to the day. */
const EARLY_ACTS: readonly Act[] = [sell, mislay, rename]

/** One morning. */
export function actsOf(day: string, deps: ActDeps): void {
  const { world, random, faults } = deps
  const present = world.people.filter(({ leftOn }) => leftOn === undefined)
  for (const person of present) {
    for (const device of person.devices) {
      const isHidden = !isRegistered(device) && !device.isGone
      if (isHidden && random.chance(0.08)) register(person, device, day, deps)
    }
    // Most of all when nobody can tell; and now and then somebody thinks again of the same day.
    if (random.chance(deps.isAuditDown ? 0.5 : 0.05)) correct(person, day, deps)
    else if (random.chance(0.08)) correctAgain(person, day, deps)
    if (deps.isPrologue && random.chance(0.3)) random.pick(EARLY_ACTS)(person, day, deps)
    else if (random.chance(0.05)) random.pick(ACTS)(person, day, deps)
  }
  if (random.chance(0.01)) addPerson(deps, day)
  if (deps.hasFailed && random.chance(0.15)) beSomebodyElse(random.pick(present), day, deps)
  // Most of all while what they owe is undone.
  const going = faults['member-gone'] * (deps.hasFailed ? 0.5 : 0.06)
  if (random.chance(going) && present.length > 3) leave(random.pick(present), day, deps)
  for (const person of world.people) {
    const isAway = person.leftOn !== undefined && dayAfter(person.leftOn, 3) < day
    if (isAway && random.chance(0.05)) comeBack(person, day, deps)
  }
}

/** A run that ended well has seen the map of `today`: what was done by then is known. */
export function noticeActs(world: World, today: string): void {
  for (const { owners } of allDevices(world)) {
    const last = owners.at(-1)
    if (last && last.knownOn === undefined) last.knownOn = laterOf(today, last.countsFrom)
  }
  for (const person of world.people) {
    if (person.unseen.has('identity')) person.strangeSince = dayAfter(today)
    person.unseen.clear()
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
  const { world, state, random, note } = deps
  const value = random.pick([0, 0.5, 1, 0.25, 2])
  const comment = random.pick(COMMENTS)
  const author = random.chance(0.7) ? AUTHOR : null
  state.correctDay({ email: emailOf(person), date: day, value, comment, author })
  const key = dayKey(person.id, day)
  const made = { at: instantAt(today, MORNING_ACTS), value, comment, author: author?.name }
  world.corrections.set(key, [...(world.corrections.get(key) ?? []), made])
  note(`corrects ${person.id} ${day} to ${value}`)
}
