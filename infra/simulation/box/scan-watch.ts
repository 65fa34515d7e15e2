/**
 * Whether a box that is on truly looks and ships: which holes a scan may leave, that a probe which has lost sight of
 * the time finds it again, and that shipping fails by its disk only.
 */
import type { MinuteRecord } from '@presences/probe/record/record-minute.ts'
import type { ShipRun } from '@presences/probe/ship/ship-spool.ts'
import { localTime } from '../runtime/civil-time.ts'

export interface ScanWatch {
  /** A scan at a true instant; `isLooking`: the box has its cable, and something vouches for its clock. */
  ended(at: number, made: MinuteRecord | Error, isLooking: boolean): void
  /** A run of shipping; or what it threw. */
  shipped(at: number, run: ShipRun | Error): void
  /** In words what was wrong, at the end. */
  failures(): { readonly day: string; readonly what: string }[]
}

/** A disk that is full, failing or read-only: for what else a scan throws, there is no excuse. */
const OF_THE_DISK = new Set(['ENOSPC', 'EIO', 'EROFS'])
const DISK_CODE = /\b(?:ENOSPC|EIO|EROFS)\b/
/**
 * So many scans on end can't all leave nothing by chance: what vouches for the clock is silent for one in ten, and few
 * come in a minute that is recorded already, also when the clock was set back.
 */
export const BLIND_SCANS = 20
const LAST_DAY_SHARE = 0.75

export function createScanWatch(): ScanWatch {
  const wrong: { readonly day: string; readonly what: string }[] = []
  let unrecorded = 0
  let last = { day: '', scans: 0, written: 0 }
  return { ended, shipped, failures }

  function ended(at: number, made: MinuteRecord | Error, isLooking: boolean): void {
    const { day } = localTime(at)
    if (made instanceof Error) {
      if (!isOfTheDisk(made)) wrong.push({ day, what: `a scan failed: ${made.stack}` })
      return
    }
    if (!isLooking) return
    if (last.day !== day) last = { day, scans: 0, written: 0 }
    last.scans += 1
    if (made.outcome === 'written') last.written += 1
    unrecorded = made.outcome === 'written' ? 0 : unrecorded + 1
    if (unrecorded === BLIND_SCANS)
      wrong.push({ day, what: `${unrecorded} scans on end were not recorded` })
  }

  /** On the last day nothing fails: few scans come in a minute that is recorded already. */
  function failures() {
    const { day, scans, written } = last
    if (written >= LAST_DAY_SHARE * scans) return wrong
    return [...wrong, { day, what: `${written} of the last day's ${scans} scans were recorded` }]
  }

  function shipped(at: number, run: ShipRun | Error): void {
    const { day } = localTime(at)
    const problems = run instanceof Error ? [run.stack ?? run.message] : run.problems
    for (const problem of problems) {
      if (!DISK_CODE.test(problem)) wrong.push({ day, what: `shipping failed: ${problem}` })
    }
    if (run instanceof Error) return
    for (const path of run.strangers) wrong.push({ day, what: `${path} is in the spool` })
  }
}

/** The spool says so in words of its own, and names the cause. */
function isOfTheDisk({ name, cause }: Error): boolean {
  const { code = '' } = (cause ?? {}) as NodeJS.ErrnoException
  return name === 'SpoolError' && OF_THE_DISK.has(code)
}
