/**
 * Who was there on one day, and what that makes in tickets: pure, from rollups, owners and the rule.
 * A member is seen in a slot when ANY of their devices was seen at ANY location in it (design, section 3).
 */
import {
  type DayWindow,
  type EpochMinute,
  type LocalDay,
  type Mac,
  macToBits,
} from '@presences/shared'
import type { Amount } from '../domain/amount.ts'
import type { OwnedDevice, Owners, Ownership, OwnershipSource } from '../domain/ownership.ts'
import { amountFor, type Rule } from '../domain/rule.ts'
import type { DayRollup } from '../rollup/day-rollup.ts'
import {
  addMinute,
  countMinutes,
  emptyMinutes,
  hasMinute,
  type MinuteSet,
} from '../rollup/minute-set.ts'
import { addSlots, type SlotTable, slotTable } from './slots.ts'

/** Where and how long one device was seen; `slots` are those of the opening hours. */
export interface DeviceSeen {
  readonly mac: Mac
  readonly location: string
  /** The minutes of the whole day, also outside the opening hours. */
  readonly seen: MinuteSet
  /** How many `seen` are. */
  readonly minutes: number
  readonly slots: readonly number[]
  /** Where it is known from that the device was theirs that day. */
  readonly source: OwnershipSource
}

/** One owner's day: what was seen, and the tickets it makes. */
export interface OwnerDay {
  readonly owner: Ownership
  readonly slots: readonly number[]
  readonly amount: Amount
  readonly devices: readonly DeviceSeen[]
}

/** Who was there on a day, by who can be charged and who can't. */
export interface DayPresences {
  readonly day: LocalDay
  /** Members to charge, sorted by e-mail; amount 0 for fewer slots than half a day takes. */
  readonly members: readonly MemberDay[]
  /** Members who were seen, but never in the opening hours. */
  readonly outsideHours: readonly MemberDay[]
  /** Seen long enough to matter, but nobody can be charged: no e-mail, or two members claim the device. */
  readonly unchargeable: readonly OwnerDay[]
  /** Devices in opening hours that nobody registered. */
  readonly unknownDevices: number
}

export interface MemberDay extends OwnerDay {
  readonly email: string
}

export interface PresenceSettings {
  readonly timeZone: string
  readonly rule: Rule
}

/**
 * The presences of one day from all its locations' rollups. All rollups must be of `window`'s day.
 */
export function presencesOf(
  window: DayWindow,
  rollups: readonly DayRollup[],
  owners: Owners,
  { timeZone, rule }: PresenceSettings,
): DayPresences {
  const table = slotTable(window, timeZone, rule.openingHours)
  const byBits = new Map([...owners].map(([mac, owned]) => [macToBits(mac), { mac, ...owned }]))
  const seenByOwner = new Map<Ownership, DeviceSeen[]>()
  const unknown = new Set<number>()
  for (const { location, devices } of rollups) {
    for (const [bits, whole] of devices) {
      const known = byBits.get(bits)
      if (!known && slotsOf(whole, table).length > 0) unknown.add(bits)
      for (const { owner, source, minutes } of sharesOf(known, whole, window)) {
        if (!known || owner.kind === 'excluded') continue
        const seen = seenByOwner.get(owner) ?? []
        seen.push({
          mac: known.mac,
          location,
          seen: minutes,
          minutes: countMinutes(minutes),
          slots: slotsOf(minutes, table),
          source,
        })
        seenByOwner.set(owner, seen)
      }
    }
  }
  const days = [...seenByOwner].map(([owner, devices]) => ownerDay(owner, devices, rule))
  const members = days.flatMap(toMember).sort((a, b) => compare(a.email, b.email))
  return {
    day: window.day,
    members: members.filter(({ slots }) => slots.length > 0),
    outsideHours: members.filter(({ slots }) => slots.length === 0),
    unchargeable: days.filter(isUnchargeable),
    unknownDevices: unknown.size,
  }
}

interface Share extends Pick<OwnedDevice, 'owner' | 'source'> {
  readonly minutes: MinuteSet
}

/** Who each of a device's minutes counts for: one owner, but on a day it changed hands; nobody it was not seen for. */
function sharesOf(owned: OwnedDevice | undefined, minutes: MinuteSet, window: DayWindow): Share[] {
  if (!owned) return []
  const { owner, source, until, passedOn } = owned
  if (until === undefined && !passedOn) return [{ owner, source, minutes }]
  const { start, minutes: length } = window
  const inDay = (minute: EpochMinute = start + length) =>
    Math.max(0, Math.min(length, minute - start))
  const next = inDay(passedOn?.from)
  const own = part(minutes, 0, Math.min(inDay(until), next), length)
  const rest = part(minutes, next, length, length)
  return [
    ...(countMinutes(own) > 0 ? [{ owner, source, minutes: own }] : []),
    ...(countMinutes(rest) > 0 ? sharesOf(passedOn?.owned, rest, window) : []),
  ]
}

function part(minutes: MinuteSet, from: number, to: number, length: number): MinuteSet {
  const found = emptyMinutes(length)
  for (let minute = from; minute < to; minute += 1) {
    if (hasMinute(minutes, minute)) addMinute(found, minute)
  }
  return found
}

/** The slots of the opening hours in which at least one of `minutes` lies, in order. */
export function slotsOf(minutes: MinuteSet, table: SlotTable): number[] {
  const slots = new Set<number>()
  addSlots(slots, minutes, table)
  return [...slots].sort((a, b) => a - b)
}

function ownerDay(owner: Ownership, devices: readonly DeviceSeen[], rule: Rule): OwnerDay {
  const slots = [...new Set(devices.flatMap((device) => device.slots))].sort((a, b) => a - b)
  const inOrder = [...devices].sort(
    (a, b) => compare(a.mac, b.mac) || compare(a.location, b.location),
  )
  return { owner, slots, amount: amountFor(slots.length, rule), devices: inOrder }
}

const CONTESTED: ReadonlySet<Ownership['kind']> = new Set(['ambiguous', 'unsure', 'charged'])

/** A disputed device may lack in either member's day, however short it was seen. */
function isUnchargeable({ owner, amount, slots }: OwnerDay): boolean {
  if (owner.kind === 'member') return false
  return CONTESTED.has(owner.kind) ? slots.length > 0 : amount > 0
}

function toMember(day: OwnerDay): MemberDay[] {
  return day.owner.kind === 'member' ? [{ ...day, email: day.owner.email }] : []
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
