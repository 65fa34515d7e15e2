/**
 * The ticket server's audit trail as history: who had a device before the first map was seen. Only fills days
 * that nobody has yet, so what a map told stays, and importing twice is importing once.
 */
import { addDays, type LocalDay, localDayOf, type Mac } from '@presences/shared'
import type { DeviceEvent } from '../tickets/tickets.ts'
import { withoutDoubt } from './gap.ts'
import { handOver, soleOwner } from './handover.ts'
import {
  currentEmail,
  type Interval,
  type IntervalOwner,
  idsByEmail,
  type MapHistory,
} from './map-history.ts'

/** Before any day that can be asked for: since when a device was somebody's is not always told. */
const LONG_AGO = '1970-01-01' as LocalDay

/**
 * The history with what `events` tell of the days before `firstObservedOn`, and of later ones on which nobody could say
 * whose a device was: a device is a member's from the day it was added to the minute it was removed; a day on which it
 * passes from one to the other is shared, as `handover.ts` says. One that is removed and was never added was theirs
 * always. While two members have it, it is nobody's, as in the map. Give the whole trail at once: a day that has an
 * owner keeps it. Throws when no map was recorded yet: its end is not known then, nor which members are the space
 * itself.
 */
export function importAudit(
  history: MapHistory,
  events: readonly DeviceEvent[],
  timeZone: string,
): MapHistory {
  const { firstObservedOn } = history
  if (firstObservedOn === undefined) {
    throw new Error("Can't import the audit trail: no member map was recorded yet; record it first")
  }
  const lastDay = addDays(firstObservedOn, -1)
  const ownerOf = ownersByEmail(history)
  const intervals = new Map(history.intervals)
  let isNews = false
  for (const [mac, own] of byDevice(history, events)) {
    const told = intervalsFrom(own, ownerOf, timeZone)
      .filter(({ from }) => from <= lastDay)
      .map((each) => cut(each, each.from, earlier(each.until, lastDay)))
    const known = intervals.get(mac) ?? []
    const filled = fillGaps(known, told)
    const merged = withoutDoubt(mac, filled, own, timeZone, ownerOf)
    if (merged === filled && filled.length === known.length) continue
    intervals.set(mac, merged)
    isNews = true
  }
  return isNews ? { ...history, intervals } : history
}

/** The history without the days in doubt that `events` tell of: those since the first such day, at least. */
export function endDoubts(
  history: MapHistory,
  events: readonly DeviceEvent[],
  timeZone: string,
): MapHistory {
  const ownerOf = ownersByEmail(history)
  const intervals = new Map(history.intervals)
  let isNews = false
  for (const [mac, own] of byDevice(history, events)) {
    const known = intervals.get(mac) ?? []
    const sure = withoutDoubt(mac, known, own, timeZone, ownerOf)
    if (sure === known) continue
    intervals.set(mac, sure)
    isNews = true
  }
  return isNews ? { ...history, intervals } : history
}

/** An interval of the past, which has an end. */
type Past = Interval & { readonly until: LocalDay }

/** Each device's events, oldest first, under the members' present e-mails. */
function byDevice(history: MapHistory, events: readonly DeviceEvent[]): Map<Mac, DeviceEvent[]> {
  const devices = new Map<Mac, DeviceEvent[]>()
  const inOrder = [...events].sort((a, b) => a.occurred.getTime() - b.occurred.getTime())
  for (const event of inOrder) {
    const own = devices.get(event.mac) ?? []
    own.push({ ...event, email: currentEmail(history, event.email) })
    devices.set(event.mac, own)
  }
  return devices
}

/** The intervals that one device's events tell, oldest event first. */
function intervalsFrom(
  events: readonly DeviceEvent[],
  ownerOf: (email: string) => IntervalOwner,
  timeZone: string,
): readonly Interval[] {
  const claims = claimsBefore(events)
  const first = soleOwner(claims, ownerOf)
  const origin = 'audit' as const
  let intervals: readonly Interval[] = first
    ? [{ owner: first, from: LONG_AGO, until: undefined, origin, registeredOn: LONG_AGO }]
    : []
  for (const { email, change, occurred } of events) {
    if (change === 'added') claims.add(email)
    else claims.delete(email)
    const act = { occurred, timeZone, origin, registeredOn: localDayOf(occurred, timeZone) }
    intervals = handOver(intervals, soleOwner(claims, ownerOf), act)
  }
  return intervals
}

/** Members whose first event is that the device was taken from them: they had it before. */
function claimsBefore(events: readonly DeviceEvent[]): Set<string> {
  const known = new Set<string>()
  const claims = new Set<string>()
  for (const { email, change } of events) {
    if (!known.has(email) && change === 'removed') claims.add(email)
    known.add(email)
  }
  return claims
}

/** `known`, and of `told` the days that nobody in `known` has. In order of days. */
function fillGaps(known: readonly Interval[], told: readonly Past[]): readonly Interval[] {
  let rest: readonly Past[] = told
  for (const taken of known) rest = rest.flatMap((each) => without(each, taken))
  if (rest.length === 0) return known
  const inOrder = [...known, ...rest].sort((a, b) => (beginningOf(a) < beginningOf(b) ? -1 : 1))
  // Who has a day that nobody shares with them has it whole.
  return inOrder.map((each, at) =>
    inOrder[at - 1]?.until === each.from ? each : withoutKey(each, 'at'),
  )
}

function beginningOf({ from, at = '' }: Interval): string {
  return `${from} ${at}`
}

function without(interval: Past, { from, until }: Interval): Past[] {
  if (from > interval.until || (until !== undefined && until < interval.from)) return [interval]
  const parts: Past[] = [cut(interval, interval.from, addDays(from, -1))]
  if (until !== undefined) parts.push(cut(interval, addDays(until, 1), interval.until))
  return parts.filter((part) => part.from <= part.until)
}

/** The same interval on some of its days; the hours of a day that it lost are none of its. */
function cut(interval: Interval, from: LocalDay, until: LocalDay): Past {
  const begun = from === interval.from ? interval : withoutKey(interval, 'at')
  const ended = until === interval.until ? begun : withoutKey(begun, 'endedAt')
  return { ...ended, from, until }
}

function withoutKey(interval: Interval, key: 'at' | 'endedAt'): Interval {
  const { [key]: _, ...rest } = interval
  return rest
}

function earlier(a: LocalDay | undefined, b: LocalDay): LocalDay {
  return a !== undefined && a < b ? a : b
}

/** Owners as the history, and then the present map, know them: the space by its e-mail, members by name. */
export function ownersByEmail(
  { intervals, people }: MapHistory,
  present: ReadonlyMap<Mac, IntervalOwner> = new Map(),
): (email: string) => IntervalOwner {
  const known = new Map<string, IntervalOwner>()
  const past = [...intervals.values()].flat().map(({ owner }) => owner)
  for (const owner of [...past, ...present.values()]) {
    if (owner.kind === 'unsure') continue
    known.set(owner.kind === 'member' ? owner.email : owner.name, owner)
  }
  const ids = idsByEmail(people)
  return (email) => {
    const id = ids.get(email)
    const owner = known.get(email)
    // Somebody else had this e-mail before, and is no member any more.
    const isPast =
      owner?.kind === 'member' && owner.id !== undefined && id !== undefined && owner.id !== id
    if (owner && !isPast) return owner
    return { kind: 'member', email, name: email, ...(id !== undefined && { id }) }
  }
}
