/** Who joins, leaves for good, and comes back as a new member. */
import { dayAfter } from '../runtime/civil-time.ts'
import type { ActDeps } from './act-deps.ts'
import { handOver, register } from './device-acts.ts'
import { allDevices, emailOf, isRegistered, newDevice, type Person } from './world.ts'

/** A member, known to the ticket server, with their devices. */
export function addPerson(deps: ActDeps, day: string, given?: string): Person {
  const { world, random } = deps
  const number = world.people.length + 1
  const own = random.pick([`m${number}@example.org`, `M.${number}+desk@Example.org`])
  const email = given ?? own
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

/** Their days go with them; their audit events stay, and make the whole audit fail. */
export function leave(person: Person, day: string, deps: ActDeps): void {
  if (person.unseen.size > 0 || (deps.faults.expiry > 0 && areMost(person, deps))) return
  person.leftOn = day
  for (const device of person.devices) {
    if (isRegistered(device)) handOver(device, undefined, day, deps)
  }
  deps.state.removeMember(emailOf(person))
  deps.note(`leaves ${person.id}`)
}

/** With them the map would lose half of what the last night knew: no night charges until somebody looks, in the end. */
function areMost({ devices }: Person, { world }: ActDeps): boolean {
  const all = allDevices(world)
  const registered = all.filter(isRegistered).length
  const gone = all.filter((each) => {
    const last = each.owners.at(-1)
    return last !== undefined && !last.member && last.knownOn === undefined
  }).length
  return 2 * (gone + devices.filter(isRegistered).length) >= registered + gone
}

/** Somebody new is given the e-mail of one who is gone. */
export function inherit(gone: Person, day: string, deps: ActDeps): void {
  const email = emailOf(gone)
  if (isTaken(email, deps)) return
  const person = addPerson(deps, day, email)
  deps.note(`${person.id} is given the e-mail of ${gone.id}, ${email}`)
}

function isTaken(email: string, { state }: ActDeps): boolean {
  return state.members.some((member) => member.email === email)
}

/** As a new member, with the last e-mail and the devices. */
export function comeBack(person: Person, day: string, deps: ActDeps): void {
  const { human, name, comes, devices } = person
  // Not as the one they were before they came back the last time.
  if (deps.world.people.findLast((each) => each.human === human) !== person) return
  const email = isTaken(emailOf(person), deps) ? `back.${person.id}@example.org` : emailOf(person)
  const back = join({ human, name, comes, email, trial: [] }, day, deps)
  back.devices.push(...devices.splice(0))
  for (const device of back.devices) if (!device.isGone) register(back, device, day, deps)
  deps.note(`${person.id} comes back as ${back.id}`)
}
