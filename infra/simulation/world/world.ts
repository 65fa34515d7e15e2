/**
 * Who there is, whose each device truly is on each day, and what was truly seen. Nothing here knows how the
 * programs work: the judge measures them by this.
 */
import type { Random } from '../../random.ts'

export interface Device {
  readonly mac: string
  /** The share of scans it answers: a phone sleeps. */
  readonly answers: number
  /** What happened to it at the ticket server's list of devices, in order. */
  readonly owners: Handover[]
  /** Registered after the first day: its past is replayed by an administrator. */
  isLate: boolean
  isGone: boolean
}

export const NEVER = '9999-12-31'

/** From a morning on a device is a member's, or, `undefined`, nobody's. */
export interface Handover {
  readonly from: string
  readonly member: Person | undefined
  /** `from`, or the day after where a run had seen the map of that day already. */
  countsFrom: string
  /**
   * The first day it can be known for sure: a run that night saw it. `undefined`: none has, or it is over unseen; `NEVER`:
   * it was over when a run looked that could not ask.
   */
  knownOn: string | undefined
}

export interface Person {
  /** At the ticket server. */
  readonly id: string
  /** The same for one who left and came back. */
  readonly human: number
  readonly name: string
  /** All they ever had, the present one last. */
  readonly emails: string[]
  /** The share of days on which they come. */
  readonly comes: number
  /** Those they carry; not all of them are registered. */
  readonly devices: Device[]
  readonly trialDays: ReadonlySet<string>
  readonly joinedOn: string
  /** The day they left for good, or until they come back as a new member. */
  leftOn: string | undefined
  /** What they did that no run has seen yet. */
  readonly unseen: Set<'devices' | 'email' | 'identity'>
  /** Up to this day they were somebody that nothing in the ticket server's map links them to. */
  strangeSince: string | undefined
}

/** What a person set for a member's day, by hand. */
export interface Correction {
  readonly at: number
  /** Its place among all that was asked and done at the ticket server. */
  readonly order: number
  readonly value: number
  readonly comment: string
  readonly author: string | undefined
}

/** What an administrator said of a member's day. */
export interface Closing {
  /** Its place among all that was asked and done at the ticket server. */
  readonly order: number
  readonly statement: 'close' | 'reopen'
  /** False: nobody can tell whether it was written down. */
  readonly isSure: boolean
}

/** By day, location and name of a probe, or MAC: minutes since 1970. */
export type Looked = Map<string, Map<string, Map<string, Set<number>>>>

export interface World {
  readonly locations: readonly string[]
  readonly people: Person[]
  /** Devices that no member carries, as far as the ticket server knows. */
  readonly strangers: Device[]
  /** By member id and day, the last one last. */
  readonly corrections: Map<string, Correction[]>
  /** Days that were closed, or reopened, by member id and day, the last one last. */
  readonly closings: Map<string, Closing[]>
  /** By day, device and location: the slots in which a probe recorded it. */
  readonly seen: Map<string, Map<string, Map<string, Set<number>>>>
  /** By day, location and device, the minutes (since 1970) in which a probe recorded it. */
  readonly seenMinutes: Looked
  /**
   * By day, location and probe: the minutes (since 1970, as the box's clock showed them) of which the box has
   * the file on its disk for good. All others of the day are true holes. An old day file tells no minutes.
   */
  readonly looked: Looked
  /** Those of them in which a network could not be looked at, or not to the end. */
  readonly partial: Looked
  /** Days of which something in the bucket was damaged, and stays so. */
  readonly damaged: Set<string>
  /** Days on which the history of members was lost, or put back from an earlier one. */
  readonly forgotten: string[]
  /** Days whose ledger was lost, or put back from an earlier one: what had been decided is not known any more. */
  readonly unkept: Set<string>
  /** Days of which a line can't be read. */
  readonly garbled: Set<string>
  /** By run: devices that changed hands on days of which it could not ask. */
  readonly doubts: Map<
    string,
    { readonly macs: ReadonlySet<string>; readonly days: readonly string[] }
  >
  /** Days whose damaged rollups somebody has deleted. */
  readonly mended: Set<string>
}

export interface Sighting {
  readonly day: string
  readonly location: string
  readonly mac: string
  readonly slot: number
  readonly minute: number
}

export function emailOf(person: Person): string {
  return person.emails.at(-1) as string
}

/** A room that the space has not: what lies there, no probe has written. */
export const INVENTED_ROOM = 'invented'

export function isRegistered({ owners }: Device): boolean {
  return owners.at(-1)?.member !== undefined
}

export function allDevices({ people, strangers }: World): Device[] {
  return [...new Set([...people.flatMap(({ devices }) => devices), ...strangers])]
}

/** `undefined`: no probe has ever recorded it. */
export function firstDaySeen(mac: string, { seen }: World): string | undefined {
  return [...seen].flatMap(([day, devices]) => (devices.has(mac) ? [day] : [])).sort()[0]
}

/** A day that a person corrected, as a key of `corrections`. */
export function dayKey(personId: string, day: string): string {
  return `${personId} ${day}`
}

/** True where nothing more may be done, as far as that is sure. */
export function isClosed(said: readonly Closing[] = []): boolean {
  const last = said.at(-1)
  return last?.statement === 'close' && said.every(({ isSure }) => isSure)
}

/** True where nothing more has to be done, or perhaps not. */
export function mayBeClosed(said: readonly Closing[] = []): boolean {
  return said.at(-1)?.statement === 'close' || said.some(({ isSure }) => !isSure)
}

/** Notes what a probe recorded: a device, in a minute since 1970 that the local clock has in `slot`. */
export function noteSeen(world: World, { day, location, mac, slot, minute }: Sighting) {
  const devices = world.seen.get(day) ?? new Map<string, Map<string, Set<number>>>()
  world.seen.set(day, devices)
  const places = devices.get(mac) ?? new Map<string, Set<number>>()
  devices.set(mac, places)
  const slots = places.get(location) ?? new Set<number>()
  places.set(location, slots)
  slots.add(slot)
  noteMinute(world.seenMinutes, { day, location, name: mac, minute })
}

/** Notes a minute of a probe, or of a device. */
export function noteMinute(
  looked: Looked,
  { day, location, name, minute }: { day: string; location: string; name: string; minute: number },
) {
  const places = looked.get(day) ?? new Map<string, Map<string, Set<number>>>()
  looked.set(day, places)
  const probes = places.get(location) ?? new Map<string, Set<number>>()
  places.set(location, probes)
  const minutes = probes.get(name) ?? new Set<number>()
  probes.set(name, minutes)
  minutes.add(minute)
}

/** A device that nobody has seen or registered yet: 46 bits of chance make its address its own. */
export function newDevice(random: Random): Device {
  const first = random.between(0, 255) & 0xfe
  const bytes = [first, ...Array.from({ length: 5 }, () => random.between(0, 255))]
  // The old scripts never charged an address with 0, any character, 0 in it.
  if (random.chance(0.15)) bytes.splice(2, 2, 0xa0, 0x0b)
  return {
    mac: bytes
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(':')
      .toUpperCase(),
    answers: random.chance(0.5) ? 1 : 0.3 + 0.6 * random.next(),
    owners: [],
    isLate: false,
    isGone: false,
  }
}
