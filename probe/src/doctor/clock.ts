/** Is the clock known to be right? A Raspberry Pi has none of its own: after a power cut it wakes in the past. */
import { formatLocalTime } from '@presences/shared'
import type { Clock } from '../clock/clock.ts'
import type { Check } from './check.ts'

/** Checks the clock as a scan at `now` would, and shows it as the room's clocks should. */
export async function checkClock(now: Date, timeZone: string, clock: Clock): Promise<Check> {
  const subject = 'clock'
  const shown = `it is ${formatLocalTime(now, timeZone)} in ${timeZone}`
  const verdict = await clock.check(now)
  if (verdict.isRight) return { subject, state: 'works', finding: `${shown}, ${verdict.finding}` }
  const { reason, advice } = verdict
  return { subject, state: 'fails', finding: `${shown}; ${reason}: nothing is recorded`, advice }
}
