/**
 * What people do at the ticket server, early in the morning: they register devices late, sell and remove them,
 * change their e-mail, join, leave and come back; administrators correct days with a comment.
 */
import type { TicketState } from '../stand-ins/ticket-server-state.ts'
import { dayAfter, instantAt, MORNING_ACTS } from './civil-time.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'
import {
  allDevices,
  type Device,
  dayKey,
  emailOf,
  isRegistered,
  newDevice,
  type Person,
  type World,
} from './world.ts'

export interface ActDeps {
  readonly world: World
  readonly state: TicketState
  readonly random: Random
  readonly faults: Faults
  readonly firstDay: string
  /** The last day on which a run was given the member map. */
  readonly lastMapDay: string
  /** No run has been yet: much happens that only the audit trail can tell. */
  readonly isPrologue: boolean
  /** The audit trail can't be read today. */
  readonly isAuditDown: boolean
  readonly note: (line: string) => void
}

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
  rotate,
  buy,
  beSomebodyElse,
]
/** Those that the audit trail tells to the day. */
const EARLY_ACTS: readonly Act[] = [sell, mislay, rename]

/** A member, known to the ticket server, with their devices. */
export function addPerson(deps: ActDeps, day: string): Person {
  const { world, random } = deps
  const number = world.people.length + 1
  const email = random.pick([`m${number}@example.org`, `M.${number}+desk@Example.org`])
  const trial = random.chance(0.2) ? [dayAfter(day, random.between(0, 10))] : []
  const name = `First${number}`
  const comes = 0.3 + 0.65 * random.next()
  const person = join({ human: number, name, email, comes, trial }, day, deps)
  const count = random.pick([1, 2, 2, 3])
  for (let each = 0; each < count; each += 1) {
    const device = newDevice(random)
    person.devices.push(device)
    if (each === 0 || random.chance(0.7)) register(person, device, day, deps)
  }
  return person
}

/** One morning. */
export function actsOf(day: string, deps: ActDeps): void {
  const { world, random, faults } = deps
  const present = world.people.filter(({ leftOn }) => leftOn === undefined)
  for (const person of present) {
    for (const device of person.devices) {
      const isHidden = !isRegistered(device) && !device.isGone
      if (isHidden && random.chance(0.08)) register(person, device, day, deps)
    }
    // Most of all when nobody can tell.
    if (random.chance(deps.isAuditDown ? 0.3 : 0.05)) correct(person, day, deps)
    if (deps.isPrologue && random.chance(0.3)) random.pick(EARLY_ACTS)(person, day, deps)
    else if (random.chance(0.04)) random.pick(ACTS)(person, day, deps)
  }
  if (random.chance(0.01)) addPerson(deps, day)
  const isGoing = random.chance(faults['member-gone'] * 0.03) && present.length > 3
  if (isGoing) leave(random.pick(present), day, deps)
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

function join(
  who: Pick<Person, 'human' | 'name' | 'comes'> & { email: string; trial: readonly string[] },
  day: string,
  { world, state }: ActDeps,
): Person {
  const { human, name, email, comes, trial } = who
  const made = state.addMember({ email, firstName: name, lastName: `Last${human}` })
  made.trialDays.push(...trial)
  const person: Person = {
    id: made.id,
    human,
    name,
    emails: [email],
    comes,
    devices: [],
    trialDays: new Set(trial),
    joinedOn: day,
    leftOn: undefined,
    unseen: new Set(),
    strangeSince: undefined,
  }
  world.people.push(person)
  return person
}

function register(person: Person, device: Device, day: string, deps: ActDeps): void {
  deps.state.addDevice(emailOf(person), device.mac)
  handOver(device, person, day, deps)
  if (day > deps.firstDay) device.isLate = true
  deps.note(`registers ${person.id} ${device.mac}`)
}

/** A day whose map a run has seen already stays the one's who had the device then. */
function handOver(device: Device, member: Person | undefined, day: string, deps: ActDeps): void {
  const countsFrom = deps.lastMapDay >= day ? dayAfter(day) : day
  device.owners.push({ from: day, member, countsFrom, knownOn: undefined })
}

/** While a change of e-mail is unseen, a device that goes makes it look like another person's. */
function mayGive({ unseen }: Person): boolean {
  return !unseen.has('email') && !unseen.has('identity')
}

function sell(seller: Person, day: string, deps: ActDeps): void {
  const { world, state, random, note } = deps
  const device = seller.devices.find((each) => isRegistered(each) && !each.isGone)
  const others = world.people.filter((each) => each !== seller && !each.leftOn && mayGive(each))
  if (!device || others.length === 0 || !mayGive(seller)) return
  const buyer = random.pick(others)
  state.moveDevice(device.mac, emailOf(seller), emailOf(buyer))
  seller.devices.splice(seller.devices.indexOf(device), 1)
  buyer.devices.push(device)
  handOver(device, buyer, day, deps)
  for (const person of [seller, buyer]) person.unseen.add('devices')
  note(`sells ${device.mac} from ${seller.id} to ${buyer.id}`)
}

/** Given away: it may come back, as a stranger. */
function remove(person: Person, day: string, deps: ActDeps): void {
  const device = unregister(person, day, deps)
  if (!device) return
  person.devices.splice(person.devices.indexOf(device), 1)
  deps.world.strangers.push(device)
}

/** Taken off the list by mistake: they go on carrying it, and may notice. */
function mislay(person: Person, day: string, deps: ActDeps): void {
  unregister(person, day, deps)
}

function unregister(person: Person, day: string, deps: ActDeps): Device | undefined {
  const device = person.devices.find((each) => isRegistered(each) && !each.isGone)
  if (!device || !mayGive(person)) return undefined
  deps.state.removeDevice(emailOf(person), device.mac)
  handOver(device, undefined, day, deps)
  person.unseen.add('devices')
  deps.note(`removes ${device.mac} of ${person.id}`)
  return device
}

function rename(person: Person, _day: string, deps: ActDeps): void {
  if (person.unseen.size > 0 || !person.devices.some(isRegistered)) return
  changeEmail(person, deps)
  person.unseen.add('email')
}

/** Another e-mail and another name, or all devices gone with the e-mail: the map can't tell who that was. */
function beSomebodyElse(person: Person, day: string, deps: ActDeps): void {
  if (person.unseen.size > 0) return
  if (deps.random.chance(0.5)) deps.state.member(emailOf(person)).lastName += ' Durand'
  else while (unregister(person, day, deps)) {}
  changeEmail(person, deps)
  person.unseen.add('identity')
  person.strangeSince = '9999-12-31'
  deps.note(`${person.id} is somebody else`)
}

function changeEmail(person: Person, { state, note }: ActDeps): void {
  const email = `new${person.emails.length}.${emailOf(person)}`
  state.member(emailOf(person)).email = email
  person.emails.push(email)
  note(`renames ${person.id} to ${email}`)
}

/** A phone takes another private address: a stranger, until it is registered. */
function rotate(person: Person, _day: string, { random, note }: ActDeps): void {
  const device = person.devices.find(({ isGone }) => !isGone)
  if (!device) return
  device.isGone = true
  const fresh = newDevice(random)
  person.devices.push(fresh)
  note(`rotates ${device.mac} of ${person.id} to ${fresh.mac}`)
}

function buy(person: Person, _day: string, { random }: ActDeps): void {
  person.devices.push(newDevice(random))
}

/** A person sets a day, over or to come. */
function correct(person: Person, today: string, deps: ActDeps) {
  const { world, state, random, firstDay, isAuditDown, note } = deps
  const day = dayAfter(today, -random.pick(isAuditDown ? [0, 1] : CORRECTED))
  if (day < firstDay || day < person.joinedOn) return
  const value = random.pick([0, 0.5, 1, 0.25, 2])
  const comment = random.pick(COMMENTS)
  const author = random.chance(0.7) ? AUTHOR : null
  state.correctDay({ email: emailOf(person), date: day, value, comment, author })
  const key = dayKey(person.id, day)
  const made = { at: instantAt(today, MORNING_ACTS), value, comment, author: author?.name }
  world.corrections.set(key, [...(world.corrections.get(key) ?? []), made])
  note(`corrects ${person.id} ${day} to ${value}`)
}

/** Their days go with them; their audit events stay, and make the whole audit fail. */
function leave(person: Person, day: string, deps: ActDeps): void {
  if (person.unseen.size > 0) return
  person.leftOn = day
  for (const device of person.devices) {
    if (isRegistered(device)) handOver(device, undefined, day, deps)
  }
  deps.state.removeMember(emailOf(person))
  deps.note(`leaves ${person.id}`)
}

/** As a new member, with the old e-mail and devices. */
function comeBack(person: Person, day: string, deps: ActDeps): void {
  const { human, name, comes, devices } = person
  if (deps.world.people.some((each) => each.human === human && each.leftOn === undefined)) return
  const back = join({ human, name, comes, email: emailOf(person), trial: [] }, day, deps)
  back.devices.push(...devices.splice(0))
  for (const device of back.devices) if (!device.isGone) register(back, device, day, deps)
  deps.note(`${person.id} comes back as ${back.id}`)
}
