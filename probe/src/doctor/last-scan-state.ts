/** Does the probe scan, each minute? From what the last scan left in memory, or in the spool. */
import type { LastScan } from '../record/last-scan.ts'
import type { Check } from './check.ts'

/** One may be under way, and one may have overrun. */
const LATE_MS = 3 * 60_000

const look = 'systemctl status presences-scan.timer presences-scan.service'

/**
 * Checks that the last scan was lately, and that it was recorded. Without systemd's unit there is no memory of it, and
 * when a minute was last `recorded` must do.
 */
export function checkLastScan(
  last: LastScan | undefined,
  recorded: Date | undefined,
  now: Date,
): Check {
  const subject = 'last scan'
  if (!last) return checkRecorded(recorded, now)
  const ageMs = now.getTime() - Date.parse(last.begun)
  const when = `${formatAgo(ageMs)} (${last.begun.slice(0, 19)}Z)`
  if (ageMs > LATE_MS) return { subject, state: 'fails', finding: when, advice: look }
  const [problem] = last.problems
  if (last.outcome === 'written' && problem === undefined) {
    return { subject, state: 'works', finding: `${when}, ${devicesOf(last)}` }
  }
  // A problem of the log says itself what is to be done.
  const isRecorded = last.outcome === 'written' || last.outcome === 'already-there'
  return {
    subject,
    state: isRecorded ? 'degraded' : 'fails',
    finding: `${when}, ${isRecorded ? devicesOf(last) : 'not recorded'}`,
    advice: problem ?? look,
  }
}

function checkRecorded(recorded: Date | undefined, now: Date): Check {
  const subject = 'last scan'
  const advice = `${look}; where presences-probe watch scans instead, see that it runs, and what it printed last`
  if (!recorded) {
    return { subject, state: 'fails', finding: 'none, as far as is known', advice }
  }
  const ageMs = now.getTime() - recorded.getTime()
  const when = `${formatAgo(ageMs)} (${recorded.toISOString().slice(0, 19)}Z)`
  const finding = `a minute was last recorded ${when}`
  return ageMs > LATE_MS
    ? { subject, state: 'fails', finding, advice }
    : { subject, state: 'works', finding }
}

function devicesOf({ devices = 0 }: LastScan): string {
  return devices === 1 ? '1 device' : `${devices} devices`
}

function formatAgo(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1000))
  if (seconds < 120) return `${seconds} s ago`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`
}
