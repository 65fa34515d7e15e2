/**
 * The history of members made again, where it is lost or an old copy: from today's map, the whole audit trail, and what
 * the ledgers say was charged to whom. Days between two owners of which nothing tells are in doubt, not guessed. Pure.
 */
import { addDays, type LocalDay, type Mac } from '@presences/shared'
import type { DeviceEvent, ListedMember } from '../tickets/tickets.ts'
import { importAudit } from './import-audit.ts'
import {
  EMPTY_HISTORY,
  type Interval,
  type IntervalOwner,
  isSameOwner,
  type MapHistory,
} from './map-history.ts'
import type { MemberMap } from './member-map.ts'
import { observeMap } from './observe-map.ts'

/** A device that a ledger charged to a member; `owner` has the e-mail they have now, as far as it is known. */
export interface ChargedOn {
  readonly day: LocalDay
  readonly mac: Mac
  readonly owner: IntervalOwner
}

export interface Sources {
  readonly map: MemberMap
  readonly today: LocalDay
  readonly people?: readonly ListedMember[]
  readonly events: readonly DeviceEvent[]
  readonly timeZone: string
  readonly charges: readonly ChargedOn[]
  /** The first day that was to be charged, as far as anything tells: without it a ledger lost later would go unseen. */
  readonly chargedSince?: LocalDay
}

export interface Rebuilt {
  readonly history: MapHistory
  /** Devices of some days of which nobody can say whose they were. */
  readonly inDoubt: readonly Mac[]
}

/** The history as the sources tell it; where the trail and a ledger differ, the trail's stays and is in doubt. */
export function rebuildHistory(sources: Sources): Rebuilt {
  const { map, today, people, events, timeZone, charges, chargedSince } = sources
  const days = charges.map(({ day }) => day).sort()
  const options = {
    acceptShrunk: true,
    ...(people && { people }),
    ...(days[0] && { gap: { from: days[0], events, timeZone } }),
  }
  const seen = observeMap(EMPTY_HISTORY, map, today, options).history
  const told = importAudit(seen, events, timeZone)
  const intervals = new Map(told.intervals)
  const inDoubt: Mac[] = []
  for (const [mac, own] of byDevice(charges)) {
    const known = sinceToday(intervals.get(mac) ?? [], own, today)
    const filled = withCharges(known, own, today)
    if (filled.length > 0) intervals.set(mac, filled)
    const isUnsure = filled.some(({ owner }) => owner.kind === 'unsure')
    if (isUnsure || own.some((charge) => isContradicted(filled, charge))) inDoubt.push(mac)
  }
  return { history: { ...told, ...(chargedSince && { chargedSince }), intervals }, inDoubt }
}

function byDevice(charges: readonly ChargedOn[]): Map<Mac, ChargedOn[]> {
  const devices = new Map<Mac, ChargedOn[]>()
  for (const charge of [...charges].sort((a, b) => (a.day < b.day ? -1 : 1))) {
    devices.set(charge.mac, [...(devices.get(charge.mac) ?? []), charge])
  }
  return devices
}

/** The map's owner has it from today only, where a ledger knows of another one and no event tells of a change. */
function sinceToday(
  known: readonly Interval[],
  own: readonly ChargedOn[],
  today: LocalDay,
): readonly Interval[] {
  const [only, ...others] = known
  if (only?.origin !== 'map' || others.length > 0) return known
  const isOthers = own.some((charge) => isContradicted(known, charge))
  return isOthers ? [{ ...only, from: today }] : known
}

/** Of those whose days include it, none is the one that was charged. */
function isContradicted(known: readonly Interval[], { day, owner }: ChargedOn): boolean {
  const those = known.filter((each) => covers(each, day))
  return those.length > 0 && !those.some((each) => isSameOwner(each.owner, owner))
}

function covers({ from, until }: Interval, day: LocalDay): boolean {
  return from <= day && (until === undefined || until >= day)
}

/** The days that nobody has are of who was charged for them. */
function withCharges(known: readonly Interval[], own: readonly ChargedOn[], today: LocalDay) {
  const free = own.filter(({ day }) => !known.some((each) => covers(each, day)))
  const charged = free.map(
    ({ day, owner }): Interval => ({
      owner,
      from: day,
      until: day,
      origin: 'map',
      registeredOn: today,
    }),
  )
  const all = [...known, ...charged].sort((a, b) => (a.from < b.from ? -1 : 1))
  return all.reduce<Interval[]>((past, next) => joined(past, next, charged), [])
}

/** One owner's days on both sides of a charge are theirs in between; between two owners they are in doubt. */
function joined(past: Interval[], next: Interval, charged: readonly Interval[]): Interval[] {
  const last = past.at(-1)
  if (last?.until === undefined) return [...past, next]
  const isOfLedger = charged.includes(next) || last.origin === 'map'
  if (!isOfLedger || next.at !== undefined || last.endedAt !== undefined) return [...past, next]
  if (isSameOwner(last.owner, next.owner)) {
    return [...past.slice(0, -1), { ...next, from: last.from }]
  }
  const from = addDays(last.until, 1)
  if (from >= next.from) return [...past, next]
  const name = [last.owner, next.owner]
    .map((each) => (each.kind === 'member' ? each.email : each.name))
    .join(' or ')
  const until = addDays(next.from, -1)
  const { registeredOn } = next
  return [
    ...past,
    { owner: { kind: 'unsure', name }, from, until, origin: 'map', registeredOn },
    next,
  ]
}
