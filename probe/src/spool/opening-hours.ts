/**
 * The hours in which minutes count for somebody (the rule in force: 08:00 to 21:59, local time). The probe
 * records all of them; it asks only when something is short: room in the spool, or bandwidth.
 */
import { type EpochMinute, formatClock } from '@presences/shared'

/** True when the room may be open in that minute. */
export function isOpeningMinute(minute: EpochMinute, timeZone: string): boolean {
  const hour = Number(formatClock(minute, timeZone).slice(0, 2))
  return hour >= 8 && hour < 22
}
