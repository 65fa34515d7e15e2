/** `rollup`: brings rollups up to date, so that nothing is lost when raw files expire. */
import { ExitCode } from '@presences/shared'
import { pastDays } from '../arguments/period.ts'
import { rawFaults } from '../charging/raw-faults.ts'
import { DayUnreadable, refreshDay, unreadRooms } from '../charging/read-day.ts'
import { storeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { strangerLines } from '../reports/room-lines.ts'
import { isUnknown } from '../rollup/day-rollup.ts'
import { countMinutes, emptyMinutes, unite } from '../rollup/minute-set.ts'
import type { RollupRefreshed } from '../rollup/refresh-rollup.ts'
import { openStore, wholeDeps } from '../wiring.ts'
import { createProgress } from './progress.ts'
import { setUp } from './setup.ts'

export interface RollupOptions {
  readonly from?: string
  readonly to?: string
}

/** Prints one line a location and day that has anything. Throws when nothing could be done. */
export async function rollupCommand(
  { from, to }: RollupOptions,
  effects: Effects,
): Promise<ExitCode> {
  const { config, log, today } = setUp(storeConfig, effects)
  const days = pastDays(from ?? to ?? today, to ?? today, today)
  const deps = await wholeDeps(await openStore(config, effects), config, effects, log)
  for (const line of strangerLines(deps.strangers)) log.warn(line)
  const progress = createProgress('Rolling up', effects, log)
  const unreadable: DayUnreadable[] = []
  let isWhole = true
  try {
    for (const [index, day] of days.entries()) {
      try {
        const refreshed = await refreshDay(day, deps)
        progress.update(index + 1, days.length, day)
        if (unreadRooms(refreshed).length > 0) isWhole = false
        for (const each of refreshed)
          if (!isUnknown(each.rollup)) effects.printLine(rollupLine(each))
        for (const fault of rawFaults(refreshed)) log.warn(fault)
      } catch (error) {
        if (!(error instanceof DayUnreadable)) throw error
        unreadable.push(error)
        log.error(error.message)
      }
    }
  } finally {
    progress.stop()
  }
  if (unreadable.length === days.length) return ExitCode.unable
  return unreadable.length === 0 && isWhole ? ExitCode.done : ExitCode.partial
}

function rollupLine({ rollup, fetched }: RollupRefreshed): string {
  const looked = emptyMinutes(rollup.window.minutes)
  for (const probe of rollup.probes.values()) unite(looked, probe.looked)
  const minutes =
    rollup.probes.size === 0 ? 'minutes unknown' : `${countMinutes(looked)} minutes looked at`
  return `${rollup.window.day} ${rollup.location}: ${rollup.devices.size} devices, ${minutes}, ${fetched} objects fetched`
}
