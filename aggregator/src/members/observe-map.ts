/**
 * Adds what one run sees in the member map to its history. Between two maps the owner of before stays; a
 * change counts from the day it is seen, or from the next one when the day's owner was already seen.
 */
import { addDays, type LocalDay, type Mac } from '@presences/shared'
import type { ListedMember } from '../tickets/tickets.ts'
import { type Gap, throughGap } from './gap.ts'
import { ownersByEmail } from './import-audit.ts'
import {
  follows,
  type Interval,
  type IntervalOwner,
  isSameOwner,
  type MapHistory,
  openOf,
  type Registration,
  type Rename,
} from './map-history.ts'
import { type MemberMap, MemberMapRefused } from './member-map.ts'
import { applyRenames, findRenames, renamesById } from './member-renames.ts'
import {
  namesById,
  ownersIn,
  withIds,
  withoutTheirDoubts,
  withoutUnsureNames,
} from './who-is-who.ts'

export interface ObserveOptions {
  /** `--accept-map`: take a map that lost more than half of its devices. */
  readonly acceptShrunk: boolean
  /** The ticket server's members now; left out when they can't be listed: those of before are. */
  readonly people?: readonly ListedMember[]
  /** Present where days went by without a map, or before the first one. */
  readonly gap?: Gap
  /** A device that comes back to who had it after so many days at most was never away. */
  readonly graceDays?: number
}

export interface MapObserved {
  readonly history: MapHistory
  /** Devices that nobody had the day before; none of the very first map. */
  readonly newlyRegistered: readonly Registration[]
  readonly renamed: readonly Rename[]
  /** How many devices the map before had and this one has not, when they are more than a tenth; else 0. */
  readonly lost: number
  /** Whether an interval or an e-mail changed; `observedOn` may have moved without it. */
  readonly changed: boolean
}

/**
 * The history with today's `map`. A device without a chargeable owner (no e-mail, unreadable, claimed by two)
 * has no interval: once that is resolved, its first later owner gets those days. Throws MemberMapRefused when
 * more than half of the devices lost their owner, and when the clock went back by days.
 */
export function observeMap(
  history: MapHistory,
  map: MemberMap,
  today: LocalDay,
  { acceptShrunk, people: listed, gap, graceDays = 0 }: ObserveOptions,
): MapObserved {
  const day = dayOfObservation(history, today)
  const people = listed ? new Map(listed.map(({ id, email }) => [id, email])) : history.people
  const owners = ownersIn(map, people, listed ? undefined : namesById(history))
  const lost = lostIn(history, owners)
  if (!acceptShrunk) refuseShrunk(history, lost)
  const byId = renamesById(history, people, day)
  const renamed = [...byId, ...findRenames(history, map, day)]
  const named = withIds(applyRenames(history, renamed, people), owners)
  const known = listed ? withoutUnsureNames(named, owners) : named
  const seenToday = history.observedOn === day
  const intervals = new Map(known.intervals)
  const newlyRegistered: Registration[] = []
  let changed = known !== history || !isSamePeople(people, history.people)
  // Events tell of members by the e-mail that they have now.
  const ownerOf = ownersByEmail({ ...known, people }, owners)
  const isSure = listed || people.size === 0 ? () => true : emailsOf(owners)
  // Where who has an e-mail is not known, nor is what they did.
  const eventsOf = (mac: Mac, before: readonly Interval[]) => {
    const own = (gap?.events ?? []).filter((event) => event.mac === mac)
    const open = openOf(before)?.owner
    const emails = [
      ...own.map(({ email }) => email),
      ...(open?.kind === 'member' ? [open.email] : []),
    ]
    return emails.every(isSure) ? gap?.events && own : undefined
  }
  // One that came and went between two maps is told of by events alone.
  const told = (gap?.events ?? []).map(({ mac }) => mac)
  for (const mac of new Set([...intervals.keys(), ...owners.keys(), ...told])) {
    const before = intervals.get(mac) ?? []
    const owner = owners.get(mac)
    const through =
      gap && known.observedOn !== undefined
        ? throughGap(
            mac,
            before,
            owner,
            day,
            { ...gap, people, events: eventsOf(mac, before) },
            ownerOf,
          )
        : before
    const from = history.observedOn === undefined ? firstDayOf(mac, day, gap) : day
    const after = observeDevice(through, owner, from, seenToday, graceDays)
    if (after === before) continue
    changed = true
    intervals.set(mac, after)
    const isNew = isLateRegistration(before, after) && history.observedOn !== undefined
    if (isNew && owner?.kind === 'member') newlyRegistered.push({ mac, owner, registeredOn: day })
  }
  const firstObservedOn = history.firstObservedOn ?? day
  return {
    history: { ...known, intervals, firstObservedOn, observedOn: day, people },
    newlyRegistered,
    renamed,
    lost: lost * 10 > openDevices(history).length ? lost : 0,
    changed,
  }
}

/**
 * Today; or the last map's day for a run that began before midnight and comes to this after another, which
 * began after it. Any further back, one of two clocks was wrong, and days can't be told apart.
 */
function dayOfObservation({ observedOn }: MapHistory, today: LocalDay): LocalDay {
  if (observedOn === undefined || today >= observedOn) return today
  if (today === addDays(observedOn, -1)) return observedOn
  throw new MemberMapRefused(
    `Can't take the member map of ${today}: one of ${observedOn} is known already. Set this machine's clock; if it was wrong that other day: presences-aggregator members rewind`,
  )
}

/** Before the first map, a device that nobody did anything with was its owner's since the gap began. */
function firstDayOf(mac: Mac, day: LocalDay, gap: Gap | undefined): LocalDay {
  if (!gap?.events || gap.isPartial) return day
  return gap.events.some((event) => event.mac === mac) ? day : gap.from
}

/** True of an e-mail of which it is sure whose it is. */
function emailsOf(owners: ReadonlyMap<Mac, IntervalOwner>): (email: string) => boolean {
  const emails = new Set(
    [...owners.values()].flatMap((owner) => (owner.kind === 'member' ? [owner.email] : [])),
  )
  return (email) => emails.has(email)
}

function isSamePeople(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([id, email]) => b.get(id) === email)
}

function openDevices(history: MapHistory): Mac[] {
  return [...history.intervals].filter(([, all]) => openOf(all)).map(([mac]) => mac)
}

function lostIn(history: MapHistory, owners: ReadonlyMap<Mac, IntervalOwner>): number {
  return openDevices(history).filter((mac) => !owners.has(mac)).length
}

function refuseShrunk(history: MapHistory, lost: number): void {
  const before = openDevices(history).length
  if (lost * 2 <= before) return
  throw new MemberMapRefused(
    `The member map lost ${lost} of the ${before} devices it had on ${history.observedOn}: check the list of devices at the ticket server; if they were removed on purpose, run again with --accept-map`,
  )
}

/** The intervals of one device after an observation; the same array when nothing changed. */
function observeDevice(
  before: readonly Interval[],
  owner: IntervalOwner | undefined,
  day: LocalDay,
  seenToday: boolean,
  graceDays: number,
): readonly Interval[] {
  const open = openOf(before)
  if (!open) return owner ? begin(before, owner, day, graceDays) : before
  if (!owner) return end(before, open, day, seenToday)
  if (!isSameOwner(open.owner, owner)) {
    return begin(end(before, open, day, seenToday), owner, day, graceDays)
  }
  return open.owner.name === owner.name ? before : [...before.slice(0, -1), { ...open, owner }]
}

/** Ends the open interval: the day is its owner's when a run saw it so today, else no longer. */
function end(before: readonly Interval[], open: Interval, day: LocalDay, seenToday: boolean) {
  const until = seenToday ? day : addDays(day, -1)
  const past = before.slice(0, -1)
  // One that was to begin tomorrow never did.
  return open.from > until ? past : [...past, { ...open, until }]
}

function begin(
  past: readonly Interval[],
  owner: IntervalOwner,
  day: LocalDay,
  graceDays: number,
): Interval[] {
  const sure = withoutTheirDoubts(past, owner)
  const last = sure.at(-1)
  if (last && isBack(last, owner, day, graceDays)) {
    const { endedAt: _, ...lasting } = last
    return [...sure.slice(0, -1), { ...lasting, owner, until: undefined }]
  }
  const until = past.at(-1)?.until
  const from = until !== undefined && until >= day ? addDays(until, 1) : day
  return [...past, { owner, from, until: undefined, origin: 'map', registeredOn: day }]
}

/** A device that vanished from the map and comes back to who had it, soon enough, never left. */
function isBack(
  last: Interval | undefined,
  owner: IntervalOwner,
  day: LocalDay,
  graceDays: number,
): boolean {
  if (last?.until === undefined || last.origin !== 'map') return false
  return isSameOwner(last.owner, owner) && last.until >= addDays(day, -1 - graceDays)
}

/** True when `after` ends with a new interval, and nobody had the device the day before it. */
function isLateRegistration(before: readonly Interval[], after: readonly Interval[]): boolean {
  const begun = after.at(-1)
  if (begun?.until !== undefined || after.length <= before.length) return false
  return begun !== undefined && !follows(after.at(-2), begun)
}
