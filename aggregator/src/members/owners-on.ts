/**
 * Who owned which device on one day: the history, and for devices nobody ever had, why today's map
 * charges nobody for them.
 */
import { type EpochMinute, epochMinuteOf, type LocalDay, type Mac } from '@presences/shared'
import type { MemberOwner, OwnedDevice, Owners, Ownership } from '../domain/ownership.ts'
import {
  emailOfMember,
  handoversOn,
  type Interval,
  type IntervalOwner,
  type MapHistory,
  type OwnedOn,
  ownerOn,
  wasNeverListed,
} from './map-history.ts'
import type { MemberMap } from './member-map.ts'
import { memberOwner, oneObjectPerOwner, unchargedOwner } from './ownership.ts'
import { suresOf } from './who-is-who.ts'

export interface OwnersOnOptions {
  /**
   * Late registrations count only for days from this one on, so that a run by itself does not replay the past.
   * Absent: for all days.
   */
  readonly lateFrom?: LocalDay
}

/** The owners on `day`. `history` must have seen `map`: a device that only the map has is nobody's. */
export function ownersOn(
  history: MapHistory,
  map: MemberMap,
  day: LocalDay,
  { lateFrom }: OwnersOnOptions = {},
): Owners {
  const once = oneObjectPerOwner()
  const owners = new Map<Mac, OwnedDevice>()
  const someoneElses = new Set<Mac>()
  const isSureOf = suresOf(history)
  // Of one member's names, over the years, the present one stands for all.
  for (const member of map.devices.values()) once(memberOwner(member))
  const isTooEarly = lateFrom !== undefined && day < lateFrom
  for (const [mac, intervals] of history.intervals) {
    const owned = ownerOn(history, mac, day)
    if (!owned) continue
    someoneElses.add(mac)
    if (owned.source === 'registered-late' && isTooEarly) continue
    const late = isTooEarly ? undefined : intervals.find(({ from }) => from > day)
    owners.set(mac, withHandovers(owned, handoversOn(history, mac, day), late))
  }
  for (const [mac, device] of map.uncharged) {
    if (someoneElses.has(mac)) continue
    owners.set(mac, { owner: once(unchargedOwner(device)), source: 'map' })
  }
  return owners

  function withHandovers(
    { owner, source, interval }: OwnedOn,
    later: readonly Interval[],
    late: Interval | undefined,
  ): OwnedDevice {
    const { until, endedAt } = interval
    const isTaken = until === day && endedAt !== undefined
    const owned = {
      owner: once(ownershipOf(owner, history, isSureOf)),
      source,
      ...(isTaken && { until: minuteOf(endedAt) }),
    }
    const [next, ...others] = later
    if (next?.at === undefined) {
      // Taken from them, and given to nobody that day: the rest of it is the first later owner's, as any such day.
      if (!isTaken || !late) return owned
      const owner = once(ownershipOf(late.owner, history, isSureOf))
      return {
        ...owned,
        passedOn: { from: minuteOf(endedAt), owned: { owner, source: 'registered-late' } },
      }
    }
    const whose = { owner: next.owner, source: next.origin, interval: next }
    return {
      ...owned,
      passedOn: { from: minuteOf(next.at), owned: withHandovers(whose, others, late) },
    }
  }
}

function minuteOf(instant: string): EpochMinute {
  return epochMinuteOf(new Date(instant))
}

/** The owner as they are now: under their present e-mail, or nobody to charge, at all or as long as that is not known. */
function ownershipOf(
  owner: IntervalOwner,
  history: MapHistory,
  isSureOf: (owner: MemberOwner) => boolean,
): Ownership {
  if (owner.kind !== 'member' || wasNeverListed(history)) return owner
  const name = owner.name === owner.email ? owner.email : `${owner.name} (${owner.email})`
  if (!isSureOf(owner)) return { kind: 'unsure', name }
  if (owner.id === undefined) return owner
  const email = emailOfMember(history, owner.id)
  if (email) return { ...owner, email }
  return { kind: 'gone', name, was: { id: owner.id, email: owner.email } }
}
