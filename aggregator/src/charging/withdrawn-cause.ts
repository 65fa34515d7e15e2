/** What people withdrew, or gave back, as the cause of less, or more, than was charged. Pure. */
import { dayWindow, type LocalDay } from '@presences/shared'
import type { Owners } from '../domain/ownership.ts'
import type { Evidence, LedgerEntry } from '../ledger/ledger.ts'
import { type OwnerDay, type PresenceSettings, presencesOf } from '../presence/presences.ts'
import { slotTable } from '../presence/slots.ts'
import { hasMinute } from '../rollup/minute-set.ts'
import { minutesOf } from '../withdrawal/mask.ts'
import { asSent, type RoomRead } from '../withdrawal/read-room.ts'

/** A member's day as withdrawals made it. */
export interface WithdrawnCause {
  /** True for a slot that is missing because of them, and not because data is. */
  readonly isWithdrawn: (slot: number) => boolean
  /** Who withdrew what it was charged for, and why, in words. */
  readonly why: string
}

/** For each member of a day, what withdrawals did to what the last post was for; `undefined`: nothing. */
export function withdrawnCauses(
  day: LocalDay,
  rooms: readonly RoomRead[],
  owners: Owners,
  settings: PresenceSettings,
): (email: string, posted: Evidence | undefined) => WithdrawnCause | undefined {
  if (rooms.every(({ withdrawn }) => withdrawn === undefined)) return () => undefined
  const window = dayWindow(day, settings.timeZone)
  const table = slotTable(window, settings.timeZone, settings.rule.openingHours)
  const { members } = presencesOf(window, rooms.map(asSent), owners, settings)
  const whole = new Map<string, OwnerDay>(members.map((member) => [member.email, member]))
  const closed = new Map(rooms.map((room) => [room.rollup.location, slotsOutOf(room)]))
  return (email, posted) => {
    const devices = posted?.devices ?? []
    const there = new Set(devices.map(({ location }) => location))
    const by = rooms
      .filter(({ rollup }) => there.has(rollup.location))
      .flatMap(({ withdrawn }) => withdrawn?.by ?? [])
    if (by.length === 0) return undefined
    const sent = new Set(whole.get(email)?.slots)
    return {
      isWithdrawn: (slot) =>
        sent.has(slot) ||
        devices
          .filter(({ slots }) => slots.includes(slot))
          .every(({ location }) => closed.get(location)?.(slot)),
      why: [...new Set(by.map(({ by: who, because }) => `${who}: ${because}`))].join('; '),
    }
  }

  /** The slots that can't count in a room whatever data there is: all of their minutes are withdrawn of all its probes. */
  function slotsOutOf({ withdrawn }: RoomRead): (slot: number) => boolean {
    const ofAll = (withdrawn?.by ?? []).filter(({ probe }) => probe === undefined)
    const minutes = minutesOf(ofAll, window)
    return (slot) =>
      table.every((each, minute) => each !== slot || hasMinute(minutes, minute)) &&
      table.includes(slot)
  }
}

/** Which evidence of a day was given back since the last post, by whom and why; `undefined`: none of it. */
export function restoredSince(
  posted: LedgerEntry | undefined,
  { devices }: Evidence,
  rooms: readonly RoomRead[],
): string | undefined {
  const there = new Set(devices.map(({ location }) => location))
  const since = rooms
    .filter(({ rollup }) => there.has(rollup.location))
    .flatMap(({ restored = [] }) => restored.map(({ restoration }) => restoration))
    .filter(({ at }) => posted !== undefined && at > posted.at)
  if (since.length === 0) return undefined
  return [...new Set(since.map(({ by, because }) => `${by}: ${because}`))].join('; ')
}
