/**
 * The member map's history: who had each device, from which day to which. The ticket server only knows
 * today's map, so each run adds what it sees (`observe-map.ts`), and the audit trail can tell what was
 * before (`import-audit.ts`). A day that had an owner never moves to another.
 */
import { addDays, type LocalDay, type Mac } from '@presences/shared'
import type { MemberOwner, OwnershipSource } from '../domain/ownership.ts'

/** Who can have a device: a member who is charged, or the space itself. `name` is for messages. */
export type IntervalOwner =
  | MemberOwner
  | { readonly kind: 'excluded'; readonly name: string }
  /** Somebody of `name`: it changed hands while no run looked, and nobody can tell when. */
  | { readonly kind: 'unsure'; readonly name: string }

/** Days on end on which one owner had a device. */
export interface Interval {
  /** A member under their present e-mail, also when it was another one then. */
  readonly owner: IntervalOwner
  readonly from: LocalDay
  /** On the first day, theirs from this instant on: until then it was that of the interval before. ISO 8601. */
  readonly at?: string
  /** The last day; `undefined`: the last map still has it so. */
  readonly until: LocalDay | undefined
  /** On the last day, theirs until this instant: then it was taken from them. ISO 8601. */
  readonly endedAt?: string
  readonly origin: 'map' | 'audit'
  /** The day this was first known: a run saw it in the map, or a person typed it (audit trail). */
  readonly registeredOn: LocalDay
}

/** A person's e-mail was changed; a run first saw it `on` that day. */
export interface Rename {
  readonly from: string
  readonly to: string
  readonly on: LocalDay
}

export interface MapHistory {
  /** The day of the first map; `undefined`, as `observedOn`, when none was seen yet. */
  readonly firstObservedOn: LocalDay | undefined
  /** The day of the last map. */
  readonly observedOn: LocalDay | undefined
  /** The first day that was to be charged, as the ledger had it: one that begins later is not whole. */
  readonly chargedSince?: LocalDay
  /** Of each device, in order of days, without overlap; at most the last one is open. */
  readonly intervals: ReadonlyMap<Mac, readonly Interval[]>
  /** Oldest first. */
  readonly renames: readonly Rename[]
  /** The ticket server's members when it was last asked, by id. Empty: it was never asked. */
  readonly people: ReadonlyMap<string, string>
  /** Of a run that could not list them: those of whom it can't tell who they are now. Not stored. */
  readonly unsurePeople?: ReadonlyMap<string, string>
}

/** Whose a device was on a day. For a late registration, `interval` is the later one that it rests on. */
export interface OwnedOn {
  readonly owner: IntervalOwner
  readonly source: OwnershipSource
  readonly interval: Interval
}

/** A device that somebody registered, with days before on which nobody had it. */
export interface Registration {
  readonly mac: Mac
  readonly owner: MemberOwner
  /** The day a run first saw it in the map. */
  readonly registeredOn: LocalDay
}

export const EMPTY_HISTORY: MapHistory = {
  firstObservedOn: undefined,
  observedOn: undefined,
  intervals: new Map(),
  renames: [],
  people: new Map(),
}

/**
 * Who had `mac` on `day`: the interval that covers it; else, for a device that nobody had, its first later
 * owner (`registered-late`; `interval.registeredOn` tells when that was known). `undefined`: nobody.
 */
export function ownerOn(history: MapHistory, mac: Mac, day: LocalDay): OwnedOn | undefined {
  // In order of days: the first one not over by then covers the day, or is the first later one.
  const interval = history.intervals
    .get(mac)
    ?.find(({ until }) => until === undefined || until >= day)
  if (!interval) return undefined
  const source = interval.from <= day ? interval.origin : 'registered-late'
  return { owner: interval.owner, source, interval }
}

/** Those to whom the device passed in the middle of `day`, in order of time. */
export function handoversOn(history: MapHistory, mac: Mac, day: LocalDay): readonly Interval[] {
  const all = history.intervals.get(mac) ?? []
  return all.filter(({ from, at }) => at !== undefined && from === day)
}

/**
 * Devices that were registered on `since` or later, and that nobody had the day before. Not those of the very first map,
 * nor those that the audit trail tells of, unless charging began before: since when they were registered, and what was
 * charged then, is not known. Sorted by day, then MAC.
 */
export function registeredSince(
  history: MapHistory,
  since: LocalDay,
  beginning: LocalDay,
): Registration[] {
  const { firstObservedOn = beginning } = history
  const found: Registration[] = []
  for (const [mac, intervals] of history.intervals) {
    for (const [at, interval] of intervals.entries()) {
      const { owner, origin, registeredOn } = interval
      const isFirst = registeredOn === firstObservedOn && firstObservedOn <= beginning
      const isCharged = origin === 'map' || registeredOn >= beginning
      const isRecent = registeredOn >= since && isCharged && !isFirst
      if (!isRecent || owner.kind !== 'member' || follows(intervals[at - 1], interval)) continue
      found.push({ mac, owner, registeredOn })
    }
  }
  return found.sort((a, b) => order(a.registeredOn, b.registeredOn) || order(a.mac, b.mac))
}

/** True when there is no day between `previous` and `next`, nor the rest of one on which it was taken away. */
export function follows(previous: Interval | undefined, { from, at }: Interval): boolean {
  if (previous?.until === undefined || previous.until < addDays(from, -1)) return false
  return at !== undefined || previous.endedAt === undefined
}

/** The e-mail that a person has now, from any they had. An e-mail in use is its user's. */
export function currentEmail(history: MapHistory, email: string): string {
  if (!history.renames.some(({ from }) => from === email) || isInUse(history, email)) return email
  // In order of time, so back and forth between two e-mails ends at the last.
  return history.renames.reduce((now, { from, to }) => (from === now ? to : now), email)
}

/** The e-mail that whoever had `email` on a day has now: later on it may have become somebody else's. */
export function presentEmail(history: MapHistory, email: string, on: LocalDay): string {
  const later = history.renames.filter((rename) => rename.on >= on)
  // Two persons may change theirs on one day, one to what was the other's: each changes once a day.
  const days = [...new Set(later.map((rename) => rename.on))].sort()
  return days.reduce(
    (now, day) => later.find(({ from, on: changed }) => from === now && changed === day)?.to ?? now,
    email,
  )
}

/** True where the server was never asked who its members are: there are e-mails only. */
export function wasNeverListed({ people, unsurePeople }: MapHistory): boolean {
  return people.size === 0 && unsurePeople === undefined
}

/** The e-mail that the member with this id has now; `undefined`: they are no member any more. */
export function emailOfMember(history: MapHistory, id: string): string | undefined {
  return history.people.get(id)
}

/**
 * The same owner: a member by id where both are known, else by e-mail; the space whatever it calls its devices. Of those
 * who nobody can tell who they are, the ones with one name.
 */
export function isSameOwner(a: IntervalOwner, b: IntervalOwner): boolean {
  if (a.kind === 'member' && b.kind === 'member') {
    return a.id !== undefined && b.id !== undefined ? a.id === b.id : a.email === b.email
  }
  return a.kind === b.kind && (a.kind !== 'unsure' || a.name === b.name)
}

function isInUse(history: MapHistory, email: string): boolean {
  return [...history.intervals.values()].some((intervals) =>
    intervals.some(({ owner }) => owner.kind === 'member' && owner.email === email),
  )
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** True when the days of one device don't overlap, but for one on which it passed from one to the next. */
export function isInOrder(
  intervals: readonly {
    readonly from: LocalDay
    readonly at?: string | undefined
    readonly until?: LocalDay | undefined
  }[],
): boolean {
  return intervals.every(({ from, until }, at) => {
    const next = intervals[at + 1]
    if (until === undefined) return next === undefined
    if (from > until) return false
    const isHandedOver = next?.at !== undefined && next.from === until
    return next === undefined || next.from > until || isHandedOver
  })
}

/** The last interval, where the last map still has it so. */
export function openOf(intervals: readonly Interval[]): Interval | undefined {
  const last = intervals.at(-1)
  return last?.until === undefined ? last : undefined
}

/** The ticket server's ids by e-mail, of those who are members now. */
export function idsByEmail(people: MapHistory['people']): ReadonlyMap<string, string> {
  return new Map([...people].map(([id, email]) => [email, id]))
}
