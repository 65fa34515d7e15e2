/**
 * From time to place: the hours a picture shows, and where each minute lies. It goes by elapsed minutes,
 * so that an hour that clocks skip or repeat has the width it had.
 */
import {
  clockMinutes,
  type DayWindow,
  dayWindow,
  epochMinuteOf,
  type LocalDay,
} from '@presences/shared'
import type { Explanation } from '../explain/explanation.ts'
import { isOpen } from '../presence/coverage.ts'
import { intervalsWhere, type MinuteInterval } from '../presence/minute-intervals.ts'
import { formatSlot, type SlotTable, slotTable } from '../presence/slots.ts'

export interface Scale {
  /** The minutes shown: whole hours. */
  readonly shown: MinuteInterval
  /** The full hours shown, with the local clock: `08`. */
  readonly hours: readonly { readonly minute: number; readonly label: string }[]
  /** The slots of the opening hours, each with the time it begins by the local clock. */
  readonly slots: readonly (MinuteInterval & { readonly name: string })[]
  /** The times shown in which nothing counts. */
  readonly closed: readonly MinuteInterval[]
  /** The elapsed minute of a local time. */
  minuteOf(localTime: string): number
}

/** The opening hours of the explained day, extended to all that was seen. */
export function scaleOf(explanation: Explanation): Scale {
  const { day, timeZone, rule, devices } = explanation
  const window = dayWindow(day as LocalDay, timeZone)
  const table = slotTable(window, timeZone, rule.openingHours)
  const clock = clockMinutes(window, timeZone)
  const minuteOf = (localTime: string) => epochMinuteOf(new Date(localTime)) - window.start
  const slots = intervalsOfSlots(window, table)
  const seen = devices.flatMap(({ inside, outside }) => [...inside, ...outside])
  const shown = wholeHours(
    Math.min(slots[0]?.from ?? 0, ...seen.map(({ from }) => minuteOf(from))),
    Math.max(slots.at(-1)?.to ?? window.minutes, ...seen.map(({ to }) => minuteOf(to))),
    clock,
  )
  return {
    shown,
    hours: hoursOf(shown, clock),
    slots,
    closed: intervalsWhere(
      window.minutes,
      (minute) => minute >= shown.from && minute < shown.to && !isOpen(table, minute),
    ),
    minuteOf,
  }
}

function intervalsOfSlots({ minutes }: DayWindow, table: SlotTable): Scale['slots'] {
  const numbers = [...new Set(table)].filter((slot) => slot >= 0)
  return numbers
    .flatMap((slot) =>
      intervalsWhere(minutes, (minute) => table[minute] === slot).map((interval) => ({
        ...interval,
        name: formatSlot(slot),
      })),
    )
    .sort((a, b) => a.from - b.from)
}

function wholeHours(from: number, to: number, clock: Uint16Array): MinuteInterval {
  let first = from
  let end = to
  while (first > 0 && (clock[first] ?? 0) % 60 !== 0) first -= 1
  while (end < clock.length && (clock[end] ?? 0) % 60 !== 0) end += 1
  return { from: first, to: end }
}

function hoursOf({ from, to }: MinuteInterval, clock: Uint16Array): Scale['hours'] {
  const hours: { minute: number; label: string }[] = []
  for (let minute = from; minute <= to; minute += 1) {
    const atHour = minute === clock.length ? 24 * 60 : (clock[minute] ?? 1)
    if (atHour % 60 === 0) hours.push({ minute, label: String(atHour / 60).padStart(2, '0') })
  }
  return hours
}
