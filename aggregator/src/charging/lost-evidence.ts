/** What a day's ledger knows was seen, and the rollups do not any more: they are lost, or an old copy. Pure. */
import { macToBits } from '@presences/shared'
import type { DayLedger } from '../ledger/ledger.ts'
import { countMinutes } from '../rollup/minute-set.ts'
import { asSent, type RoomRead } from '../withdrawal/read-room.ts'
import { unreadRooms } from './read-day.ts'

/** The rooms of which the store knows less than a ledger's entries were made of, sorted. */
export function lostRooms(
  { entries }: DayLedger,
  refreshed: readonly RoomRead[],
): readonly string[] {
  // What people withdrew is there.
  const rollups = new Map(refreshed.map((room) => [room.rollup.location, asSent(room)]))
  // What could not be read may be there.
  const unread = new Set(unreadRooms(refreshed))
  const lost = entries
    .flatMap(({ evidence }) => evidence.devices)
    .filter(({ location }) => !unread.has(location))
    .filter(({ mac, location, minutes }) => {
      // A rollup only ever grows.
      const there = rollups.get(location)?.devices.get(macToBits(mac))
      return (there ? countMinutes(there) : 0) < minutes
    })
  return [...new Set(lost.map(({ location }) => location))].sort()
}
