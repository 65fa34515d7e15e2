/** From minutes to slots: which ten minutes of the opening hours a device was seen in. */
import { clockMinutes, type DayWindow, remember } from '@presences/shared'
import { type OpeningHours, SLOT_MINUTES } from '../domain/rule.ts'
import type { MinuteSet } from '../rollup/minute-set.ts'

/** For each elapsed minute of a day, the number of its slot (0 is 00:00-00:09, 143 is 23:50-23:59), or `CLOSED`. */
export type SlotTable = readonly number[]

/** A minute outside the opening hours. */
const CLOSED = -1
/** A run looks at each of its days several times. */
const TABLES_KEPT = 128
const tables = remember<string, SlotTable>(TABLES_KEPT)

/** The slots of a day, by the local clock: right on days clocks change. */
export function slotTable(window: DayWindow, timeZone: string, hours: OpeningHours): SlotTable {
  const { firstMinute, lastMinute } = hours
  return tables([window.start, window.minutes, timeZone, firstMinute, lastMinute].join(' '), () =>
    Array.from(clockMinutes(window, timeZone), (clock) =>
      clock < firstMinute || clock > lastMinute ? CLOSED : Math.floor(clock / SLOT_MINUTES),
    ),
  )
}

/** Adds to `slots` each slot in which at least one of `minutes` lies. */
export function addSlots(slots: Set<number>, minutes: MinuteSet, table: SlotTable): void {
  for (let byte = 0; byte < minutes.length; byte += 1) {
    // Most bytes are empty: a device is seen in a small part of a day.
    for (let bits = minutes[byte] as number, bit = 0; bits !== 0; bits >>= 1, bit += 1) {
      const slot = (bits & 1) === 1 ? (table[byte * 8 + bit] ?? CLOSED) : CLOSED
      if (slot !== CLOSED) slots.add(slot)
    }
  }
}

/** The local time a slot begins: `08:10`. */
export function formatSlot(slot: number): string {
  const minute = slot * SLOT_MINUTES
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}
