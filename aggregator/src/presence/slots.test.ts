import { dayWindow, type LocalDay } from '@presences/shared'
import { expect, test } from 'vitest'
import { DEFAULT_RULE } from '../domain/rule.ts'
import { formatSlot, slotTable } from './slots.ts'

const hours = DEFAULT_RULE.openingHours
const window = (day: string, timeZone: string) => dayWindow(day as LocalDay, timeZone)
const openOf = (day: string, timeZone: string, zoneOfClock = timeZone, opening = hours) => {
  const table = slotTable(window(day, timeZone), zoneOfClock, opening)
  const first = table.findIndex((slot) => slot >= 0)
  const last = table.findLastIndex((slot) => slot >= 0)
  return [table.length, first, table[first], last, table[last]]
}

// In this order and twice: no day, zone or hours may answer for another.
test.each([1, 2])('the slots of each day are its own, also when asked again: %i', () => {
  expect(openOf('2026-11-22', 'Europe/Paris')).toEqual([1440, 480, 48, 1319, 131])
  expect(openOf('2026-11-23', 'Europe/Paris')).toEqual([1440, 480, 48, 1319, 131])
  expect(openOf('2026-10-25', 'Europe/Paris')).toEqual([1500, 540, 48, 1379, 131])
  expect(openOf('2026-03-29', 'Europe/Paris')).toEqual([1380, 420, 48, 1259, 131])
  expect(openOf('2026-11-22', 'UTC')).toEqual([1440, 480, 48, 1319, 131])
  expect(openOf('2026-11-22', 'Europe/Paris', 'UTC')).toEqual([1440, 540, 48, 1379, 131])
  const early = { ...hours, firstMinute: 420 }
  expect(openOf('2026-11-22', 'Europe/Paris', 'Europe/Paris', early)).toEqual([
    1440, 420, 42, 1319, 131,
  ])
  const late = { ...hours, lastMinute: 1379 }
  expect(openOf('2026-11-22', 'Europe/Paris', 'Europe/Paris', late)).toEqual([
    1440, 480, 48, 1379, 137,
  ])
})

test.each([
  [0, '00:00'],
  [48, '08:00'],
  [57, '09:30'],
  [60, '10:00'],
  [131, '21:50'],
])('slot %i begins at %s', (slot, clock) => {
  expect(formatSlot(slot)).toBe(clock)
})
