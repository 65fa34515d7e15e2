/**
 * What people do at the ticket server, early in the morning: they register devices late, sell and remove them,
 * change their e-mail, join, leave; administrators correct days with a comment.
 */
import type { TicketState } from '../stand-ins/ticket-server-state.ts'
import { dayAfter } from './civil-time.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'
import { type Device, dayKey, emailOf, newDevice, type Person, type World } from './world.ts'

export interface ActDeps {
  readonly world: World
  readonly state: TicketState
  readonly random: Random
  readonly faults: Faults
  readonly firstDay: string
  readonly note: (line: string) => void
}

const COMMENTS = ['left at noon', 'forgot the phone', 'was ill', 'paid in cash', '']
const AUTHOR = { _id: 'admin', name: 'Admin', email: 'admin@example.org' }
/** Between two acts of one person with devices or e-mail: what can't be told apart in the map is not tried. */
const REST_DAYS = 20

/** A member, known to the ticket server, with their devices. */
export function addPerson(deps: ActDeps, day: string): Person {
  const { world, state, random } = deps
  const number = world.people.length + 1
  const email = random.pick([`m${number}@example.org`, `M.${number}+desk@Example.org`])
  const trial = random.chance(0.2) ? [dayAfter(day, random.between(0, 10))] : []
  const made = state.addMember({
    // Its own numbers begin again where a member has left.
    id: `member${number}`,
    wpUserId: 1000 + number,
    email,
    firstName: `First${number}`,
    lastName: `Last${number}`,
  })
  made.trialDays.push(...trial)
  const person: Person = {
    id: made.id,
    name: `First${number}`,
    emails: [email],
    comes: 0.3 + 0.65 * random.next(),
    devices: [],
    trialDays: new Set(trial),
    leftOn: undefined,
    lastActOn: dayAfter(day, -REST_DAYS),
  }
  world.people.push(person)
  const count = random.pick([1, 2, 2, 3])
  for (let each = 0; each < count; each += 1) {
    const device = newDevice(random, day, person)
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
      const isHidden = !device.isRegistered && !device.isGone
      if (isHidden && random.chance(0.08)) register(person, device, day, deps)
    }
    if (random.chance(0.03)) correct(person, day, deps)
    if (dayAfter(person.lastActOn, REST_DAYS) > day) continue
    if (!random.chance(0.06)) continue
    person.lastActOn = day
    random.pick([sell, remove, rename, rotate, buy])(person, day, deps)
  }
  if (random.chance(0.01)) addPerson(deps, day)
  if (random.chance(faults['member-gone'] * 0.02) && present.length > 3) {
    leave(random.pick(present), day, deps)
  }
}

function register(person: Person, device: Device, day: string, deps: ActDeps): void {
  deps.state.addDevice(emailOf(person), device.mac)
  device.isRegistered = true
  device.wasRegistered = true
  device.isLate = day > deps.firstDay
  deps.note(`registers ${person.id} ${device.mac}`)
}

function sell(seller: Person, day: string, { world, state, random, note }: ActDeps): void {
  const device = seller.devices.find(({ isRegistered, isGone }) => isRegistered && !isGone)
  const others = world.people.filter(
    (each) => each !== seller && !each.leftOn && dayAfter(each.lastActOn, REST_DAYS) <= day,
  )
  if (!device || others.length === 0 || seller.devices.length < 2) return
  const buyer = random.pick(others)
  buyer.lastActOn = day
  state.moveDevice(device.mac, emailOf(seller), emailOf(buyer))
  seller.devices.splice(seller.devices.indexOf(device), 1)
  buyer.devices.push(device)
  device.owners.push({ from: day, member: buyer })
  device.isResting = true
  note(`sells ${device.mac} from ${seller.id} to ${buyer.id}`)
}

function remove(person: Person, day: string, { world, state, note }: ActDeps): void {
  const device = person.devices.find(({ isRegistered, isGone }) => isRegistered && !isGone)
  if (!device || person.devices.length < 2) return
  state.removeDevice(emailOf(person), device.mac)
  device.owners.push({ from: day, member: undefined })
  // It may come back, as a stranger.
  device.isResting = true
  device.isRegistered = false
  person.devices.splice(person.devices.indexOf(device), 1)
  world.strangers.push(device)
  note(`removes ${device.mac} of ${person.id}`)
}

function rename(person: Person, _day: string, { state, note }: ActDeps): void {
  if (!person.devices.some(({ isRegistered, isGone }) => isRegistered && !isGone)) return
  const email = `new${person.emails.length}.${emailOf(person)}`
  state.member(emailOf(person)).email = email
  person.emails.push(email)
  note(`renames ${person.id} to ${email}`)
}

/** A phone takes another private address: a stranger, until it is registered. */
function rotate(person: Person, day: string, { random, note }: ActDeps): void {
  const device = person.devices.find(({ isGone }) => !isGone)
  if (!device) return
  device.isGone = true
  const fresh = newDevice(random, day, person)
  person.devices.push(fresh)
  note(`rotates ${device.mac} of ${person.id} to ${fresh.mac}`)
}

function buy(person: Person, day: string, { random }: ActDeps): void {
  person.devices.push(newDevice(random, day, person))
}

/** A person looks at a day that is over for good, and sets it. */
function correct(person: Person, today: string, { world, state, random, firstDay, note }: ActDeps) {
  const day = dayAfter(today, -random.between(2, 12))
  if (day < firstDay) return
  const value = random.pick([0, 0.5, 1, 0.25, 2])
  const comment = random.pick(COMMENTS)
  const author = random.chance(0.7) ? AUTHOR : null
  state.correctDay({ email: emailOf(person), date: day, value, comment, author })
  world.corrections.set(dayKey(person, day), { value, comment })
  note(`corrects ${person.id} ${day} to ${value}`)
}

/** Their audit events stay, and make the whole audit fail. */
function leave(person: Person, day: string, { state, note }: ActDeps): void {
  person.leftOn = day
  state.removeMember(emailOf(person))
  note(`leaves ${person.id}`)
}

/** After a run that saw the map: what changed hands is carried about again. */
export function endRests({ people, strangers }: World): void {
  const all = [...people.flatMap(({ devices }) => devices), ...strangers]
  for (const device of all) device.isResting = false
}
