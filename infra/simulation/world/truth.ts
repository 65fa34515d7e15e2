/**
 * What each member's day is truly worth, by the platform's Intl and the association's rule, from nothing of the
 * programs: whose each device was, and where probes recorded it.
 */
import { allDevices, type Device, type Handover, NEVER, type Person, type World } from './world.ts'

const HALF_DAY_SLOTS = 3
const FULL_DAY_SLOTS = 30
/** 08:00 and 21:50: the first and the last slot that counts. */
const FIRST_SLOT = 48
const LAST_SLOT = 131

/** Slots in which a person was surely there, and all in which they may have been. */
export interface Presence {
  readonly sure: ReadonlySet<number>
  readonly possible: ReadonlySet<number>
}

export function isOpenSlot(slot: number): boolean {
  return slot >= FIRST_SLOT && slot <= LAST_SLOT
}

export function amountOf(slots: number): number {
  return slots >= FULL_DAY_SLOTS ? 1 : slots >= HALF_DAY_SLOTS ? 0.5 : 0
}

export function presenceOf(person: Person, day: string, world: World): Presence {
  const sure = new Set<number>()
  const possible = new Set<number>()
  for (const device of allDevices(world)) {
    const seen = world.seen.get(day)?.get(device.mac)
    if (!seen) continue
    const owners = possibleOwners(device, day)
    if (![...owners].some((owner) => owner?.human === person.human)) continue
    for (const slots of seen.values()) {
      for (const slot of slots) {
        if (!isOpenSlot(slot)) continue
        possible.add(slot)
        if (owners.size === 1) sure.add(slot)
      }
    }
  }
  return { sure, possible }
}

/** Where a device was recorded on a day. */
export function slotsSeen(world: World, day: string, mac: string, location: string) {
  return world.seen.get(day)?.get(mac)?.get(location) ?? new Set<number>()
}

/**
 * Who may have had a device on a day, by what could be known: the one the ticket server had then, and those before
 * as long as no run had seen the change; on a day nobody had it, the first later one. One, when it is sure.
 */
export function possibleOwners({ owners }: Device, day: string): ReadonlySet<Person | undefined> {
  const found = new Set<Person | undefined>()
  let at = owners.findLastIndex(({ from }) => from <= day)
  for (; at >= 0; at -= 1) {
    addOwner(owners, at, found)
    const { knownOn } = owners[at] as Handover
    if (knownOn !== undefined && knownOn <= day) return found
  }
  addOwner(owners, -1, found)
  return found
}

/** True when a run had seen by that day that the device is the person's. */
export function wasKnownTheirs({ owners }: Device, day: string, person: Person): boolean {
  const last = owners.findLast(({ from }) => from <= day)
  const isKnown = last?.knownOn !== undefined && last.knownOn <= day
  return isKnown && last.member?.human === person.human
}

/** Adds the owner of the handover at `at`; where there is none, those that may be the first later one. */
function addOwner(owners: readonly Handover[], at: number, found: Set<Person | undefined>): void {
  const own = owners[at]?.member
  if (own) {
    found.add(own)
    return
  }
  for (const { member, knownOn } of owners.slice(at + 1)) {
    if (!member) continue
    found.add(member)
    if (knownOn !== undefined && knownOn !== NEVER) return
  }
  found.add(undefined)
}
