/**
 * Who is where on a day. People stay near the limits of the rule more often than in life (2, 3, 4, 29, 30, 31
 * slots; half past seven, ten in the evening): one slot lost or won must show.
 */
import type { Random } from '../../random.ts'
import type { Device, Person, World } from './world.ts'

/** For each location, which devices are there in a slot of the local clock. */
export type Plan = ReadonlyMap<string, ReadonlyMap<number, readonly Device[]>>

const STAYS = [1, 2, 3, 3, 4, 8, 15, 28, 29, 30, 30, 31, 33, 45]
const DAY_SLOTS = 144
/** 07:30 and 22:00. */
const EARLY_SLOT = 45
const CLOSING_SLOT = 132

export function planDay(world: World, random: Random): Plan {
  const plan = new Map(world.locations.map((location) => [location, new Map<number, Device[]>()]))
  for (const person of world.people) {
    const chance = random.fork(person.id)
    if (person.leftOn !== undefined || !chance.chance(person.comes)) continue
    stay(person, plan, chance)
  }
  for (const device of world.strangers) {
    if (random.chance(0.5)) occupy([device], 60, random.between(1, 40), plan, random)
  }
  return plan
  function stay(who: Person, into: Map<string, Map<number, Device[]>>, chance: Random): void {
    const brought = who.devices.filter(({ isGone }) => !isGone && chance.chance(0.85))
    const first = chance.chance(0.2)
      ? chance.between(EARLY_SLOT - 2, EARLY_SLOT + 3)
      : chance.between(48, 100)
    const visits = chance.chance(0.3) ? 2 : 1
    const total = chance.pick(STAYS)
    let from = chance.chance(0.1) ? CLOSING_SLOT - chance.between(1, 4) : first
    for (let visit = 0; visit < visits; visit += 1) {
      const slots = Math.ceil(total / visits)
      const [one, ...others] = brought
      if (one && others.length > 0 && chance.chance(0.3)) {
        // The laptop goes when the phone comes: only both together tell how long they stayed.
        const half = Math.floor(slots / 2)
        occupy([one], from, half, into, chance)
        occupy(others, from + half, slots - half, into, chance)
      } else occupy(brought, from, slots, into, chance)
      from += slots + chance.between(0, 3)
    }
    // Forgotten on a desk: it is there all day and all night.
    const [forgotten] = brought
    if (forgotten && chance.chance(0.02)) occupy([forgotten], 0, DAY_SLOTS, into, chance)
  }
}

function occupy(
  devices: readonly Device[],
  from: number,
  count: number,
  plan: Map<string, Map<number, Device[]>>,
  random: Random,
): void {
  const room = plan.get(random.pick([...plan.keys()])) as Map<number, Device[]>
  for (let slot = from; slot < Math.min(from + count, DAY_SLOTS); slot += 1) {
    room.set(slot, [...(room.get(slot) ?? []), ...devices])
  }
}
