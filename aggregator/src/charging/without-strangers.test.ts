import { dayWindow, type LocalDay, macFromBits } from '@presences/shared'
import { expect, test } from 'vitest'
import type { Owners } from '../domain/ownership.ts'
import { deviceMinutes, emptyRollup, probeMinutes } from '../rollup/day-rollup.ts'
import type { RoomRead } from '../withdrawal/read-room.ts'
import type { DayRead } from './read-day.ts'
import { withoutStrangers } from './without-strangers.ts'

const window = dayWindow('2026-11-20' as LocalDay, 'Europe/Paris')
const owners = new Map([[macFromBits(7), {}]]) as unknown as Owners

/** A room in which these devices were seen. */
function rollupOf(...macs: number[]) {
  const rollup = emptyRollup('a', window)
  probeMinutes(rollup, 'box')
  for (const mac of macs) deviceMinutes(rollup, mac)
  return rollup
}

test("members' devices stay, and one of nobody's, so that the day is one with data", () => {
  const rooms: RoomRead[] = [
    {
      rollup: rollupOf(1, 2, 7, 3),
      fetched: 1,
      refused: [],
      unread: [],
      withdrawn: { whole: rollupOf(4, 7, 5, 6), by: [], isFelt: true },
    },
    { rollup: rollupOf(), fetched: 0, refused: [{ key: 'k', reason: 'r' }], unread: [] },
  ]
  const day = { presences: 'who was there', refreshed: rooms } as unknown as DayRead
  const kept = withoutStrangers(day, owners)
  expect(kept.presences).toBe(day.presences)
  const [first, second] = kept.refreshed
  expect([...(first?.rollup.devices.keys() ?? [])]).toEqual([1, 7])
  expect([...(first?.withdrawn?.whole.devices.keys() ?? [])]).toEqual([4, 7])
  expect(first?.rollup.probes.size).toBe(1)
  expect(second).toEqual(rooms[1])
})
