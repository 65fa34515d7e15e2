/**
 * How one act at the ticket server changes whose a device is: the one rule, for days without a map and for those before
 * the first. The day of the act is shared: what was seen before it counts for who had the device then.
 */
import { type LocalDay, localDayOf } from '@presences/shared'
import { type Interval, type IntervalOwner, isSameOwner, openOf } from './map-history.ts'

/** An act, and what is to be said of the interval that begins with it. */
export interface Act extends Pick<Interval, 'origin' | 'registeredOn'> {
  readonly occurred: Date
  readonly timeZone: string
}

/** From the act on the device is `owner`'s, or nobody's; who had it before keeps the hours until then. */
export function handOver(
  before: readonly Interval[],
  owner: IntervalOwner | undefined,
  { occurred, timeZone, origin, registeredOn }: Act,
): readonly Interval[] {
  const day = localDayOf(occurred, timeZone)
  const at = occurred.toISOString()
  const open = openOf(before)
  if (open && owner && isSameOwner(open.owner, owner)) return before
  // That it was taken away is known: a day that ended so stays as it was.
  if (!open && !owner) return before
  const past = open ? endAt(before, open, day, at) : before
  if (!owner) return endedAt(past, day, at)
  const last = past.at(-1)
  // Taken and given back in one act, as when an address is edited: it never left.
  if (last?.endedAt === at && isSameOwner(last.owner, owner)) return reopened(past, last)
  const isShared = last?.until === day
  const begun = { owner, from: day, until: undefined, origin, registeredOn }
  return [...past, isShared ? { ...begun, at } : begun]
}

/** One that was to begin later never did. */
export function endOn(
  before: readonly Interval[],
  open: Interval,
  day: LocalDay,
): readonly Interval[] {
  const past = before.slice(0, -1)
  return open.from > day ? past : [...past, { ...open, until: day }]
}

/** `''` is a member without an e-mail, or several: as with the map, nobody can be charged for what they have. */
export function soleOwner(claims: ReadonlySet<string>, ownerOf: (email: string) => IntervalOwner) {
  const [email, another] = claims
  return !email || another !== undefined ? undefined : ownerOf(email)
}

/** One that began with the same act never was. */
function endAt(before: readonly Interval[], open: Interval, day: LocalDay, at: string) {
  return open.at === at ? before.slice(0, -1) : endOn(before, open, day)
}

/** Whose last day this is had it until then; who had it until an earlier hour, until that one. */
function endedAt(past: readonly Interval[], day: LocalDay, at: string): readonly Interval[] {
  const last = past.at(-1)
  if (last?.until !== day) return past
  return [...past.slice(0, -1), { ...last, endedAt: last.endedAt ?? at }]
}

function reopened(past: readonly Interval[], last: Interval): readonly Interval[] {
  const { endedAt: _, ...lasting } = last
  return [...past.slice(0, -1), { ...lasting, until: undefined }]
}
