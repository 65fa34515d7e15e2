/**
 * How well the locations were looked at on one day. Minutes nobody looked at are not minutes nobody was
 * there: a charge must be able to tell them apart. Which locations should have been looked at is the
 * caller's to know: a location given with nothing in its rollup was not looked at for a minute.
 */
import { type DayWindow, epochMinuteOf } from '@presences/shared'
import type { Coverage } from '../domain/coverage.ts'
import type { DayRollup } from '../rollup/day-rollup.ts'
import {
  addMinute,
  countMinutes,
  emptyMinutes,
  hasMinute,
  type MinuteSet,
  unite,
} from '../rollup/minute-set.ts'
import { intervalsWhere, type MinuteInterval } from './minute-intervals.ts'
import type { SlotTable } from './slots.ts'

/** When one location was not, or not wholly, looked at in the opening hours that are over. */
export interface LookGaps {
  readonly location: string
  /** No probe was looking. `undefined`: old day files say nothing about looking. */
  readonly holes: readonly MinuteInterval[] | undefined
  /** Probes were looking, but a part of each one's scan failed: a device may have been missed. */
  readonly partial: readonly MinuteInterval[]
}

/** A day as far as it is over: `table` is its slot table. */
export interface DaySoFar {
  readonly window: DayWindow
  readonly table: SlotTable
  readonly now: Date
}

/** How many of the opening minutes that are over were looked at, for each location. */
export function coverageOf(rollups: readonly DayRollup[], day: DaySoFar): Coverage[] {
  const open = openMinutes(day)
  const openCount = countMinutes(open)
  return rollups.map((rollup) => {
    const looked = lookedMinutes(rollup)
    return {
      location: rollup.location,
      lookedMinutes: looked && countMinutes(looked.map((bits, byte) => bits & (open[byte] ?? 0))),
      openMinutes: openCount,
    }
  })
}

/** The holes of each location: see `LookGaps`. */
export function lookGaps(rollups: readonly DayRollup[], day: DaySoFar): LookGaps[] {
  const open = openMinutes(day)
  const openWhere = (belongs: (minute: number) => boolean) =>
    intervalsWhere(day.window.minutes, (minute) => hasMinute(open, minute) && belongs(minute))
  return rollups.map((rollup) => {
    const looked = lookedMinutes(rollup)
    const probes = [...rollup.probes.values()]
    return {
      location: rollup.location,
      holes: looked && openWhere((minute) => !hasMinute(looked, minute)),
      partial: openWhere((minute) => {
        const looking = probes.filter((probe) => hasMinute(probe.looked, minute))
        return looking.length > 0 && looking.every((probe) => hasMinute(probe.partial, minute))
      }),
    }
  })
}

/**
 * True when a location was looked at less than `minCoveragePercent` of the opening hours, so that the day
 * is to be looked at again. Not knowing is not incomplete, and neither is a day that has not opened yet.
 */
export function isIncomplete(coverage: Coverage, minCoveragePercent: number): boolean {
  const { lookedMinutes: looked, openMinutes: open } = coverage
  return looked !== undefined && looked * 100 < minCoveragePercent * open
}

/**
 * The share of the opening hours that was looked at, over all locations of which it is known: rounded
 * down, so that 100 means every minute. `undefined` when it is known of none.
 */
export function coveragePercent(coverages: readonly Coverage[]): number | undefined {
  const known = coverages.filter(({ lookedMinutes }) => lookedMinutes !== undefined)
  const looked = known.reduce((sum, coverage) => sum + (coverage.lookedMinutes ?? 0), 0)
  const open = known.reduce((sum, coverage) => sum + coverage.openMinutes, 0)
  return open === 0 ? undefined : Math.floor((looked * 100) / open)
}

/** True for a minute of the opening hours. */
export function isOpen(table: SlotTable, minute: number): boolean {
  // Slots are numbered from 0; a minute outside the opening hours has a negative number.
  return (table[minute] ?? -1) >= 0
}

/** How many minutes of the day are over: 0 before it, all of them after it. */
export function elapsedMinutes({ window, now }: DaySoFar): number {
  return Math.max(0, Math.min(window.minutes, epochMinuteOf(now) - window.start))
}

/** The opening minutes that are over. */
function openMinutes(day: DaySoFar): MinuteSet {
  const { window, table } = day
  const open = emptyMinutes(window.minutes)
  for (let minute = 0; minute < elapsedMinutes(day); minute += 1)
    if (isOpen(table, minute)) addMinute(open, minute)
  return open
}

/** Minutes at least one probe looked at; `undefined` when there is nothing but an old day file. */
function lookedMinutes({ window, probes, devices, dayFile }: DayRollup): MinuteSet | undefined {
  if (dayFile && probes.size === 0) return undefined
  const looked = emptyMinutes(window.minutes)
  for (const probe of probes.values()) unite(looked, probe.looked)
  // The day a box moved from the old program to the probe has both: where the old file shows somebody,
  // something was looking.
  if (dayFile) for (const seen of devices.values()) unite(looked, seen)
  return looked
}
