/**
 * Who owned which device on one day: the history, and for devices nobody ever had, why today's map
 * charges nobody for them.
 */
import type { LocalDay, Mac } from '@presences/shared'
import type { OwnedDevice, Owners, Ownership } from '../domain/ownership.ts'
import { type MapHistory, ownerOn } from './map-history.ts'
import type { MemberMap } from './member-map.ts'
import { memberOwner, oneObjectPerOwner, unchargedOwner } from './ownership.ts'

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
  // Of one member's names, over the years, the present one stands for all.
  for (const member of map.devices.values()) once(memberOwner(member))
  for (const mac of history.intervals.keys()) {
    const owned = ownerOn(history, mac, day)
    if (!owned) continue
    someoneElses.add(mac)
    const tooEarly = lateFrom !== undefined && day < lateFrom
    if (owned.source === 'registered-late' && tooEarly) continue
    owners.set(mac, { owner: once(owned.owner satisfies Ownership), source: owned.source })
  }
  for (const [mac, device] of map.uncharged) {
    if (someoneElses.has(mac)) continue
    owners.set(mac, { owner: once(unchargedOwner(device)), source: 'map' })
  }
  return owners
}
