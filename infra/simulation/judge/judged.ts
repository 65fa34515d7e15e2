/** What the judge is given, and what it says. */
import type { StoredLedger } from '../bucket/stored-objects.ts'
import type { Space } from '../space/space.ts'
import type { World } from '../world/world.ts'

export interface Judged {
  readonly world: World
  readonly space: Space
  readonly firstDay: string
  readonly days: number
  readonly autoReplayDays: number
  /** False: the bucket can't tell writers apart, and shows old versions (lease.ts, `unordered.ts`). */
  readonly isOrderly: boolean
}

/** One day, with what its ledger says. */
export interface JudgedDay extends Judged {
  readonly day: string
  readonly ledger: StoredLedger
  /** What was looked at that day can't be read: nothing more is charged for it. */
  readonly isDamaged: boolean
}

export type Fail = (day: string, member: string, what: string) => void
