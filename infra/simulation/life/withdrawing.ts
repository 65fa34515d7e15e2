/**
 * After all is judged an administrator takes a room's day out of account, and gives it back: by the commands alone. In
 * between members are charged what the other rooms make; in the end what they were before.
 */
import type { Random } from '../../random.ts'
import { ledgerIn } from '../bucket/stored-objects.ts'
import { dayAfter, daysThrough } from '../runtime/civil-time.ts'
import { amountOf, presenceOf } from '../world/truth.ts'
import { dayKey, type Person, type World } from '../world/world.ts'
import { failIn, mustWork } from './administrator.ts'
import { type Life, runIn } from './life.ts'

/** So far back a day is looked for. */
const DAYS_BACK = 20

/** Withdraws a room's day on which somebody was charged, lowers what it made, and restores it. */
export async function withdrawAndRestore(today: string, life: Life, random: Random): Promise<void> {
  const { world, time, firstRunDay } = life
  const days = daysThrough(dayAfter(today, -DAYS_BACK), dayAfter(today, -1))
  const people = world.people.filter(({ leftOn }) => leftOn === undefined)
  const fitting = days
    .filter((day) => day >= firstRunDay && !world.damaged.has(day) && isWholeIn(day, life))
    .flatMap((day) => world.locations.map((location) => ({ day, location })))
    .filter((each) => people.some((person) => isFelt(person, each, life)))
  if (fitting.length === 0) return
  const { day, location } = random.pick(fitting)
  const extent = ['--location', location, '--from', day, '--to', dayAfter(day)]
  const charged = () => new Map(people.map((person) => [person, postedOn(person, day, life)]))
  const run = async (...args: string[]) =>
    mustWork(await time.until(runIn(life, args)), life, [day])
  const fail = (person: Person, what: string) => failIn(life)(day, person.id, what)

  // What a late registration makes is charged where somebody asks for a day.
  await run('upload', day)
  const before = charged()
  await run('withdraw', ...extent, '--because', 'noise')
  await run('upload', day)
  for (const [person, value] of charged()) {
    if (value < (before.get(person) ?? 0)) fail(person, 'lowered, and nobody had allowed it')
  }
  await run('upload', day, '--allow-lower')
  for (const [person, value] of charged()) {
    const most = mostWithout({ day, location }, person, world)
    if (value > most && !isHeld(person, day, life))
      fail(person, `without ${location} that is ${most}; the server has ${value}`)
    if (value < (before.get(person) ?? 0) && most >= (before.get(person) ?? 0))
      fail(person, `lowered to ${value}, and other rooms make ${most}`)
  }
  await run('withdraw', ...extent, '--because', 'it was no noise', '--restore')
  await run('upload', day)
  for (const [person, value] of charged()) {
    const was = before.get(person)
    if (value !== was) fail(person, `restored, and ${value} is charged, not ${was} as before`)
  }
}

interface RoomDay {
  readonly day: string
  readonly location: string
}

/** Without the room they are charged less. */
function isFelt(person: Person, room: RoomDay, life: Life): boolean {
  const { world } = life
  if (world.corrections.has(dayKey(person.id, room.day))) return false
  return postedOn(person, room.day, life) > mostWithout(room, person, world)
}

function mostWithout({ day, location }: RoomDay, person: Person, world: World): number {
  return amountOf(presenceOf(person, day, without(location, day, world)).possible.size)
}

/** What was posted is all known, by whom and for what: nothing of the day was ever lost. */
function isWholeIn(day: string, { space, world }: Life): boolean {
  return world.forgotten.length === 0 && !space.mayForget(day) && !space.lostLedgers.has(day)
}

function postedOn({ id }: Person, day: string, { space }: Life): number {
  return space.state.daysOf(id).get(day)?.value ?? 0
}

/** A person decided, or what must be known first could not be read: nothing is lowered then. */
function isHeld(person: Person, day: string, { space, world }: Life): boolean {
  if (world.corrections.has(dayKey(person.id, day))) return true
  const own = ledgerIn(space.bucket, day)?.entries.filter(({ member, email }) =>
    member === undefined ? person.emails.includes(email) : member === person.id,
  )
  const last = own?.at(-1)
  return last?.decision === 'hold' && !last.reason.includes('withdrawn')
}

/** The world as if nobody had been seen in that room on that day. */
function without(location: string, day: string, world: World): World {
  const seen = new Map(world.seen)
  const devices = [...(world.seen.get(day) ?? [])].map(([mac, rooms]) => {
    const others = [...rooms].filter(([room]) => room !== location)
    return [mac, new Map(others)] as const
  })
  return { ...world, seen: seen.set(day, new Map(devices)) }
}
