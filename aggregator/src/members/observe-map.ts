/**
 * Adds what one run sees in the member map to its history. Between two maps the owner of before stays; a
 * change counts from the day it is seen, or from the next one when the day's owner was already seen.
 */
import { addDays, type LocalDay, type Mac } from '@presences/shared'
import {
  type Interval,
  type IntervalOwner,
  isSameOwner,
  type MapHistory,
  type Registration,
  type Rename,
} from './map-history.ts'
import { type MemberMap, MemberMapRefused } from './member-map.ts'
import { applyRenames, findRenames } from './member-renames.ts'
import { memberOwner, unchargedOwner } from './ownership.ts'

export interface ObserveOptions {
  /** `--accept-map`: take a map that lost more than half of its devices. */
  readonly acceptShrunk: boolean
}

export interface MapObserved {
  readonly history: MapHistory
  /** Devices that nobody had the day before; none of the very first map. */
  readonly newlyRegistered: readonly Registration[]
  readonly renamed: readonly Rename[]
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
  { acceptShrunk }: ObserveOptions,
): MapObserved {
  const day = dayOfObservation(history, today)
  const owners = ownersIn(map)
  if (!acceptShrunk) refuseShrunk(history, owners)
  const renamed = findRenames(history, map, day)
  const known = applyRenames(history, renamed)
  const seenToday = history.observedOn === day
  const intervals = new Map(known.intervals)
  const newlyRegistered: Registration[] = []
  let changed = renamed.length > 0
  for (const mac of new Set([...intervals.keys(), ...owners.keys()])) {
    const before = intervals.get(mac) ?? []
    const owner = owners.get(mac)
    const after = observeDevice(before, owner, day, seenToday)
    if (after === before) continue
    changed = true
    intervals.set(mac, after)
    const isNew = isLateRegistration(before, after) && history.observedOn !== undefined
    if (isNew && owner?.kind === 'member') newlyRegistered.push({ mac, owner, registeredOn: day })
  }
  const firstObservedOn = history.firstObservedOn ?? day
  return {
    history: { ...known, intervals, firstObservedOn, observedOn: day },
    newlyRegistered,
    renamed,
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
    `Can't take the member map of ${today}: one of ${observedOn} is known already. Set this machine's clock; if it was wrong that other day, put back members/history.json.gz from before`,
  )
}

function ownersIn(map: MemberMap): Map<Mac, IntervalOwner> {
  const owners = new Map<Mac, IntervalOwner>()
  for (const [mac, member] of map.devices) owners.set(mac, memberOwner(member))
  for (const [mac, device] of map.uncharged) {
    if (device.why === 'excluded') {
      owners.set(mac, { kind: 'excluded', name: unchargedOwner(device).name })
    }
  }
  return owners
}

function refuseShrunk(history: MapHistory, owners: ReadonlyMap<Mac, IntervalOwner>): void {
  const before = [...history.intervals].filter(([, all]) => openOf(all)).map(([mac]) => mac)
  const lost = before.filter((mac) => !owners.has(mac)).length
  if (lost * 2 <= before.length) return
  throw new MemberMapRefused(
    `The member map lost ${lost} of the ${before.length} devices it had on ${history.observedOn}: check the list of devices at the ticket server; if they were removed on purpose, run again with --accept-map`,
  )
}

/** The intervals of one device after an observation; the same array when nothing changed. */
function observeDevice(
  before: readonly Interval[],
  owner: IntervalOwner | undefined,
  day: LocalDay,
  seenToday: boolean,
): readonly Interval[] {
  const open = openOf(before)
  if (!open) return owner ? begin(before, owner, day) : before
  if (!owner) return end(before, open, day, seenToday)
  if (!isSameOwner(open.owner, owner)) return begin(end(before, open, day, seenToday), owner, day)
  return open.owner.name === owner.name ? before : [...before.slice(0, -1), { ...open, owner }]
}

/** Ends the open interval: the day is its owner's when a run saw it so today, else no longer. */
function end(before: readonly Interval[], open: Interval, day: LocalDay, seenToday: boolean) {
  const until = seenToday ? day : addDays(day, -1)
  const past = before.slice(0, -1)
  // One that was to begin tomorrow never did.
  return open.from > until ? past : [...past, { ...open, until }]
}

function begin(past: readonly Interval[], owner: IntervalOwner, day: LocalDay): Interval[] {
  const last = past.at(-1)
  const from = last?.until !== undefined && last.until >= day ? addDays(last.until, 1) : day
  const continues = last?.until === addDays(from, -1) && isSameOwner(last.owner, owner)
  if (last && continues && last.origin === 'map') {
    return [...past.slice(0, -1), { ...last, owner, until: undefined }]
  }
  return [...past, { owner, from, until: undefined, origin: 'map', registeredOn: day }]
}

/** True when `after` ends with a new interval, and nobody had the device the day before it. */
function isLateRegistration(before: readonly Interval[], after: readonly Interval[]): boolean {
  const begun = after.at(-1)
  if (begun?.until !== undefined || after.length <= before.length) return false
  return begun !== undefined && after.at(-2)?.until !== addDays(begun.from, -1)
}

function openOf(intervals: readonly Interval[]): Interval | undefined {
  const last = intervals.at(-1)
  return last?.until === undefined ? last : undefined
}
