/** What people do with their devices and e-mail at the ticket server. */
import { dayAfter } from '../runtime/civil-time.ts'
import type { ActDeps } from './act-deps.ts'
import { allDevices, type Device, emailOf, isRegistered, newDevice, type Person } from './world.ts'

export function register(person: Person, device: Device, day: string, deps: ActDeps): void {
  deps.state.addDevice(emailOf(person), device.mac)
  handOver(device, person, day, deps)
  if (day > deps.firstDay) device.isLate = true
  deps.note(`registers ${person.id} ${device.mac}`)
}

export function sell(seller: Person, day: string, deps: ActDeps): void {
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
export function remove(person: Person, day: string, deps: ActDeps): void {
  const device = unregister(person, day, deps)
  if (!device) return
  person.devices.splice(person.devices.indexOf(device), 1)
  deps.world.strangers.push(device)
}

/** Taken off the list by mistake: they go on carrying it, and may notice. */
export function mislay(person: Person, day: string, deps: ActDeps): void {
  unregister(person, day, deps)
}

/** By a device that the last map had too a run knows both e-mails for one person's. */
export function rename(person: Person, _day: string, deps: ActDeps): void {
  const tells = deps.isPrologue ? isRegistered : isOnSeenMap
  if (person.unseen.size > 0 || !person.devices.some(tells)) return
  changeEmail(person, deps)
  person.unseen.add('email')
}

/** They take another e-mail, and somebody else takes the one they had: on one day. */
export function passOn(person: Person, day: string, deps: ActDeps): void {
  const { world, random } = deps
  const others = world.people.filter((each) => each !== person && mayRename(each))
  if (others.length === 0 || !mayRename(person)) return
  const email = emailOf(person)
  rename(person, day, deps)
  const heir = random.pick(others)
  changeEmail(heir, deps, email)
  heir.unseen.add('email')
}

function mayRename({ leftOn, unseen, devices }: Person): boolean {
  return leftOn === undefined && unseen.size === 0 && devices.some(isOnSeenMap)
}

/** Another e-mail and another name, or all devices gone with the e-mail: the map can't tell who that was. */
export function beSomebodyElse(person: Person, day: string, deps: ActDeps): void {
  if (person.unseen.size > 0) return
  if (deps.random.chance(0.5)) deps.state.member(emailOf(person)).lastName += ' Durand'
  else while (unregister(person, day, deps)) {}
  changeEmail(person, deps)
  person.unseen.add('identity')
  person.strangeSince = '9999-12-31'
  deps.note(`${person.id} is somebody else`)
}

/** A phone takes another private address: a stranger, until it is registered. */
export function rotate(person: Person, _day: string, { random, note }: ActDeps): void {
  const device = person.devices.find(({ isGone }) => !isGone)
  if (!device) return
  device.isGone = true
  const fresh = newDevice(random)
  person.devices.push(fresh)
  note(`rotates ${device.mac} of ${person.id} to ${fresh.mac}`)
}

export function buy(person: Person, _day: string, { random }: ActDeps): void {
  person.devices.push(newDevice(random))
}

/** A day whose map a run has seen already stays the one's who had the device then. */
export function handOver(
  device: Device,
  member: Person | undefined,
  day: string,
  deps: ActDeps,
): void {
  const isSeen = deps.lastMapDay >= day
  // Before a first map the trail is read to the day, and this may be anybody's.
  const isUntimed = deps.isPrologue && day > deps.firstDay
  const countsFrom = isSeen || isUntimed ? dayAfter(day) : day
  device.owners.push({ from: day, member, countsFrom, knownOn: undefined })
}

/** While a change of e-mail is unseen, a device that goes makes it look like another person's. */
function mayGive({ unseen }: Person): boolean {
  return !unseen.has('email') && !unseen.has('identity')
}

function isOnSeenMap(device: Device): boolean {
  return isRegistered(device) && device.owners.at(-1)?.knownOn !== undefined
}

/** Of a few devices two that go look like a broken map, and no night charges until somebody looks. */
const FEW_DEVICES = 6

function unregister(person: Person, day: string, deps: ActDeps): Device | undefined {
  const device = person.devices.find((each) => isRegistered(each) && !each.isGone)
  const areFew = allDevices(deps.world).filter(isRegistered).length <= FEW_DEVICES
  if (!device || areFew || !mayGive(person)) return undefined
  deps.state.removeDevice(emailOf(person), device.mac)
  handOver(device, undefined, day, deps)
  person.unseen.add('devices')
  deps.note(`removes ${device.mac} of ${person.id}`)
  return device
}

function changeEmail(
  person: Person,
  { state, note }: ActDeps,
  email = `new${person.emails.length}.${person.id}.${emailOf(person)}`,
): void {
  state.member(emailOf(person)).email = email
  person.emails.push(email)
  note(`renames ${person.id} to ${email}`)
}
