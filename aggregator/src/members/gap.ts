/**
 * Days on which no run saw the member map: who had a device then, the ticket server's audit trail tells, to the
 * minute. A day in whose middle a device changed hands is shared: what was seen before counts for who had it then. Where
 * the trail can't be read, or is silent on a change, nobody is charged for the device on those days: nothing is guessed.
 */
import { addDays, type LocalDay, localDayOf, type Mac } from '@presences/shared'
import type { DeviceEvent } from '../tickets/tickets.ts'
import { endOn, handOver, soleOwner } from './handover.ts'
import { type Interval, type IntervalOwner, isInOrder, isSameOwner, openOf } from './map-history.ts'

/** What is known of such days. */
export interface Gap {
  /** The first of them; the last one is the day before the map that ends the gap. */
  readonly from: LocalDay
  /** What people did since, oldest first, by the members' present e-mails; `undefined`: it can't be read. */
  readonly events: readonly DeviceEvent[] | undefined
  /** Some of it can't be read: that nothing is told of a device says nothing. */
  readonly isPartial?: boolean
  readonly timeZone: string
  /** The ticket server's members at the end of it, by id; absent, or empty: not known. */
  readonly people?: ReadonlyMap<string, string>
}

/**
 * The intervals of `mac` through the gap, up to the map of `day`, on which it is `owner`'s, or nobody's. Its open
 * interval is its owner's at the beginning; `ownerOf` gives owners by their present e-mail.
 */
export function throughGap(
  mac: Mac,
  before: readonly Interval[],
  owner: IntervalOwner | undefined,
  day: LocalDay,
  { from, events, timeZone, people }: Gap,
  ownerOf: (email: string) => IntervalOwner,
): readonly Interval[] {
  const open = openOf(before)
  const told = (events ?? []).filter((event) => {
    const on = localDayOf(event.occurred, timeZone)
    return event.mac === mac && on >= addDays(from, -1) && on <= day
  })
  let intervals = before
  // The e-mail of who is no member any more may be somebody else's by now.
  const hasClaim = open?.owner.kind === 'member' && !isGone(open.owner, people)
  const claims = new Set(hasClaim ? [open.owner.email] : [])
  for (const { email, change, occurred } of told) {
    if (change === 'added') claims.add(email)
    else claims.delete(email)
    const act = { occurred, timeZone, origin: 'map' as const, registeredOn: day }
    intervals = handOver(intervals, soleOwner(claims, ownerOf), act)
  }
  const last = openOf(intervals)
  // Who registered a device that nobody had, has it from the day this was seen, as on any other day.
  if (!last || (owner && isSameOwner(last.owner, owner))) return intervals
  // Who is no member any more had it as long as anybody: no event tells that they left.
  if (!owner && isGone(last.owner, people)) return intervals
  // An owner whose days were to begin with the gap is known no later than the last map.
  const known = last === open ? addDays(from, -1) : last.from
  return withDoubt(intervals, last, owner, known, day)
}

/**
 * The same intervals without the days in doubt that `events`, read in the end, tell of; the same array when they still
 * don't.
 */
export function withoutDoubt(
  mac: Mac,
  intervals: readonly Interval[],
  events: readonly DeviceEvent[],
  timeZone: string,
  ownerOf: (email: string) => IntervalOwner,
): readonly Interval[] {
  const at = intervals.findIndex(({ owner }) => owner.kind === 'unsure')
  const doubt = intervals[at]
  if (doubt?.until === undefined) return intervals
  const day = addDays(doubt.until, 1)
  const next = intervals[at + 1]?.from === day ? intervals[at + 1] : undefined
  const past = reopened(intervals.slice(0, at), addDays(doubt.from, -1))
  // What happened on the day of the map may have been before it, or after.
  const upTo = [day, doubt.until].map((last) => until(last, events, timeZone))
  for (const some of upTo) {
    const gap = { from: doubt.from, events: some, timeZone }
    const told = throughGap(mac, past, next?.owner, day, gap, ownerOf)
    if (told.slice(at).some(({ owner }) => owner.kind === 'unsure')) continue
    const last = openOf(told)
    const known =
      last && next
        ? [...told.slice(0, -1), { ...last, until: next.until }, ...intervals.slice(at + 2)]
        : [...told, ...intervals.slice(at + 1)]
    if (isInOrder(known)) return withoutDoubt(mac, known, events, timeZone, ownerOf)
  }
  return intervals
}

function until(last: LocalDay, events: readonly DeviceEvent[], timeZone: string): DeviceEvent[] {
  return events.filter(({ occurred }) => localDayOf(occurred, timeZone) <= last)
}

/** Whose last interval ended on `day` had it at the end of that day. */
function reopened(intervals: readonly Interval[], day: LocalDay): readonly Interval[] {
  const last = intervals.at(-1)
  if (last?.until !== day) return intervals
  return [...intervals.slice(0, -1), { ...last, until: undefined }]
}

/** The change that the map shows was told by nobody: after `known`, the last day that is, nobody can say whose it was. */
function withDoubt(
  intervals: readonly Interval[],
  open: Interval,
  owner: IntervalOwner | undefined,
  known: LocalDay,
  day: LocalDay,
): readonly Interval[] {
  const names = [open.owner, ...(owner ? [owner] : [])].map(nameOf)
  const doubt: Interval = {
    owner: { kind: 'unsure', name: names.join(' or ') },
    from: addDays(known, 1),
    until: addDays(day, -1),
    origin: 'map',
    registeredOn: day,
  }
  const past = endOn(intervals, open, known)
  return doubt.from < day ? [...past, doubt] : past
}

function isGone(owner: IntervalOwner, people: Gap['people'] = new Map()): boolean {
  if (owner.kind !== 'member' || owner.id === undefined) return false
  return people.size > 0 && !people.has(owner.id)
}

function nameOf(owner: IntervalOwner): string {
  return owner.kind === 'member' ? owner.email : owner.name
}
