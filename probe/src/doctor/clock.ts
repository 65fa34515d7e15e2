/** Can the clock be right? A Raspberry Pi has none of its own: after a power cut it wakes in the past. */
import { formatLocalTime } from '@presences/shared'
import type { Check } from './check.ts'

/** No right clock shows a time before this program was made. */
const MADE = new Date('2026-11-01T00:00:00Z')

/** Checks that `now` is possible, and shows it as the room's clocks should. */
export function checkClock(now: Date, timeZone: string): Check {
  const finding = `it is ${formatLocalTime(now, timeZone)} in ${timeZone}`
  if (now >= MADE) return { subject: 'clock', state: 'works', finding }
  return {
    subject: 'clock',
    state: 'fails',
    finding: `${finding}, before this program was made`,
    advice: 'let the clock be set from the network: sudo timedatectl set-ntp true',
  }
}
