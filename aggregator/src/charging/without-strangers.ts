/**
 * A day as it is kept until its run ends: without the devices that nobody has. A box that breaks or lies may send
 * thousands of them for each of many days, and none of them counts for anything once the day is settled. Pure.
 */
import { macFromBits } from '@presences/shared'
import type { Owners } from '../domain/ownership.ts'
import type { DayRollup } from '../rollup/day-rollup.ts'
import type { RoomRead } from '../withdrawal/read-room.ts'
import type { DayRead } from './read-day.ts'

/** The day with the devices of `owners`, and one at least of each room that has any: it is not without data. */
export function withoutStrangers<Day extends DayRead>(day: Day, owners: Owners): Day {
  return { ...day, refreshed: day.refreshed.map((room) => roomOf(room, owners)) }
}

function roomOf(room: RoomRead, owners: Owners): RoomRead {
  const { rollup, withdrawn } = room
  return {
    ...room,
    rollup: rollupOf(rollup, owners),
    ...(withdrawn && { withdrawn: { ...withdrawn, whole: rollupOf(withdrawn.whole, owners) } }),
  }
}

function rollupOf(rollup: DayRollup, owners: Owners): DayRollup {
  const devices = [...rollup.devices].filter(
    ([bits], at) => at === 0 || owners.has(macFromBits(bits)),
  )
  return { ...rollup, devices: new Map(devices) }
}
