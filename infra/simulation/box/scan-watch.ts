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
/**
 * So many scans on end leave nothing by chance no more: what vouches for the clock is silent for one in ten, and few
 * come in a minute that is recorded already, also when the clock was set back.
 */
export const BLIND_SCANS = 20

export function createScanWatch(): ScanWatch {
  const wrong: { readonly day: string; readonly what: string }[] = []
  let unrecorded = 0
  return { ended, failures: () => wrong }

  function ended(at: number, made: MinuteRecord | Error, isLooking: boolean): void {
    const { day } = localTime(at)
    if (made instanceof Error) {
      if (!isOfTheDisk(made)) wrong.push({ day, what: `a scan failed: ${made.stack}` })
      return
    }
    if (!isLooking) return
    unrecorded = made.outcome === 'written' ? 0 : unrecorded + 1
    if (unrecorded === BLIND_SCANS)
      wrong.push({ day, what: `${unrecorded} scans on end were not recorded` })
  }
}

/** The spool says so in words of its own, and names the cause. */
function isOfTheDisk({ name, cause }: Error): boolean {
  const { code = '' } = (cause ?? {}) as NodeJS.ErrnoException
  return name === 'SpoolError' && OF_THE_DISK.has(code)
}
