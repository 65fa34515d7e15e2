/**
 * Who there is, whose each device truly is on each day, and what was truly seen. Nothing here knows how the
 * programs work: the judge measures them by this.
 */
import type { Random } from './random.ts'

export interface Device {
  readonly mac: string
  /** The share of scans it answers: a phone sleeps. */
  readonly answers: number
  /** Whose it is, by the first day; `undefined`: nobody's who is a member. */
  readonly owners: { from: string; member: Person | undefined }[]
  /** At the ticket server, now. */
  isRegistered: boolean
  /** Ever: a device that nobody typed in can't be known to be anybody's. */
  wasRegistered: boolean
  /** Registered, sold or changed after the first day: its past is replayed by an administrator. */
  isLate: boolean
  /** Stays at home until a run has seen that it changed hands. */
  isResting: boolean
  isGone: boolean
}

export interface Person {
  /** At the ticket server. */
  readonly id: string
  readonly name: string
  /** All they ever had, the present one last. */
  readonly emails: string[]
  /** The share of days on which they come. */
  readonly comes: number
  readonly devices: Device[]
  readonly trialDays: ReadonlySet<string>
  /** The day they left for good. */
  leftOn: string | undefined
  /** The day of their last act with devices or e-mail: one at a time. */
  lastActOn: string
}

export interface World {
  readonly locations: readonly string[]
  readonly people: Person[]
  readonly strangers: Device[]
  /** By member id and day: what a person set last. */
  readonly corrections: Map<string, { value: number; comment: string }>
  /** By day, device and location: the slots in which a probe recorded it. */
  readonly seen: Map<string, Map<string, Map<string, Set<number>>>>
  /**
   * By day, location and probe: the minutes (since 1970, as the box's clock showed them) of which the box has
   * the file on its disk for good. All others of the day are true holes. An old day file tells no minutes.
   */
  readonly looked: Map<string, Map<string, Map<string, Set<number>>>>
}

export function ownerOf(device: Device, day: string): Person | undefined {
  return device.owners.findLast(({ from }) => from <= day)?.member
}

export function emailOf(person: Person): string {
  return person.emails.at(-1) as string
}

/** A day that a person corrected, as a key of `corrections`. */
export function dayKey(person: Person, day: string): string {
  return `${person.id} ${day}`
}

/** Notes what a probe recorded. */
export function noteSeen(world: World, day: string, mac: string, location: string, slot: number) {
  const devices = world.seen.get(day) ?? new Map<string, Map<string, Set<number>>>()
  world.seen.set(day, devices)
  const places = devices.get(mac) ?? new Map<string, Set<number>>()
  devices.set(mac, places)
  const slots = places.get(location) ?? new Set<number>()
  places.set(location, slots)
  slots.add(slot)
}

/** Notes a minute of which a probe has the file for good. */
export function noteLooked(
  world: World,
  {
    day,
    location,
    probe,
    minute,
  }: { day: string; location: string; probe: string; minute: number },
) {
  const places = world.looked.get(day) ?? new Map<string, Map<string, Set<number>>>()
  world.looked.set(day, places)
  const probes = places.get(location) ?? new Map<string, Set<number>>()
  places.set(location, probes)
  const minutes = probes.get(probe) ?? new Set<number>()
  probes.set(probe, minutes)
  minutes.add(minute)
}

/** A device that nobody has seen yet: 46 bits of chance make its address its own. */
export function newDevice(random: Random, from: string, member: Person | undefined): Device {
  const first = random.between(0, 255) & 0xfe
  const bytes = [first, ...Array.from({ length: 5 }, () => random.between(0, 255))]
  return {
    mac: bytes
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(':')
      .toUpperCase(),
    answers: random.chance(0.5) ? 1 : 0.3 + 0.6 * random.next(),
    owners: [{ from, member }],
    isRegistered: false,
    wasRegistered: false,
    isLate: false,
    isResting: false,
    isGone: false,
  }
}
