/** What of a scanner's output can't be read: a device may hide in each line of it. */
import type { LineFault } from '@presences/shared'

export interface Unreadable {
  /** The first of the lines, by their numbers. */
  readonly unreadable: readonly LineFault[]
  /** How many others there are; absent when there are none. */
  readonly moreUnreadable?: number
}

/** Far more than anybody reads, and nothing for a small box to remember: a scanner gone mad prints millions. */
export const FAULTS_KEPT = 1_000

/** Collects faults, and counts those that are too many to keep. */
export function collectFaults() {
  const unreadable: LineFault[] = []
  let more = 0
  return {
    add(line: number, reason: string): void {
      if (unreadable.length < FAULTS_KEPT) unreadable.push({ line, reason })
      else more += 1
    },
    collected: (): Unreadable => ({ unreadable, ...(more > 0 && { moreUnreadable: more }) }),
  }
}

/** How many lines can't be read. */
export function countUnreadable({ unreadable, moreUnreadable = 0 }: Unreadable): number {
  return unreadable.length + moreUnreadable
}
