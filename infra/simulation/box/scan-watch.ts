/**
 * Whether a box that is on truly looks: which holes a scan may leave, and that a probe which has lost sight of
 * the time finds it again.
 */
import type { MinuteRecord } from '@presences/probe/record-minute.ts'
import { localTime } from '../civil-time.ts'

export interface ScanWatch {
  /** A scan at a true instant; `isLooking`: the box has its cable, and something vouches for its clock. */
  ended(at: number, made: MinuteRecord | Error, isLooking: boolean): void
  /** In words what was wrong, at the end. */
  failures(): { readonly day: string; readonly what: string }[]
}

/** A disk that is full, failing or read-only: for what else a scan throws, there is no excuse. */
const OF_THE_DISK = new Set(['ENOSPC', 'EIO', 'EROFS'])

export function createScanWatch(): ScanWatch {
  const wrong: { readonly day: string; readonly what: string }[] = []
  let last = { day: '', scans: 0, written: 0 }
  return { ended, failures }

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
  }

  /** On the last day nothing fails: a scan before or after a moment at which the probe can't be sure is enough. */
  function failures() {
    const { day, scans, written } = last
    if (2 * written >= scans) return wrong
    return [...wrong, { day, what: `${written} of the last day's ${scans} scans were recorded` }]
  }
}

/** The spool says so in words of its own, and names the cause. */
function isOfTheDisk({ name, cause }: Error): boolean {
  const { code = '' } = (cause ?? {}) as NodeJS.ErrnoException
  return name === 'SpoolError' && OF_THE_DISK.has(code)
}
