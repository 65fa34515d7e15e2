/**
 * What must be true when the dust has settled, told from the world alone: what each member's day is worth, who
 * was truly where. Of the programs' own work it reads only what they stored: ledgers, rollups, raw files, posts.
 */
import { dayAfter } from './civil-time.ts'
import { judgeStored } from './judge-amounts.ts'
import { judgeEntries } from './judge-entries.ts'
import { judgeCoverage, judgeRawFiles, judgeRollups } from './judge-looked.ts'
import { judgePosts } from './judge-posts.ts'
import type { Space } from './space.ts'
import { ledgerIn, rollupIn, type StoredLedger } from './stored-objects.ts'
import type { World } from './world.ts'

export interface Failure {
  readonly day: string
  readonly member: string
  readonly what: string
}

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

const NO_LEDGER: StoredLedger = { entries: [], coverage: [], incomplete: [] }

/** Every failure; none when all is right. */
export function judge(judged: Judged): Failure[] {
  const failures: Failure[] = []
  const fail: Fail = (day, member, what) => failures.push({ day, member, what })
  for (let number = 0; number < judged.days; number += 1) {
    const day = dayAfter(judged.firstDay, number)
    const ledger = ledgerIn(judged.space.bucket, day) ?? NO_LEDGER
    const isDamaged = isDamagedOn(day, judged)
    const judgedDay = { ...judged, day, ledger, isDamaged }
    for (const person of judged.world.people) judgeStored(person, judgedDay, fail)
    judgeEntries(judgedDay, fail)
    if (isDamaged) continue
    judgeRollups(judgedDay, fail)
    judgeCoverage(judgedDay, fail)
  }
  if (judged.isOrderly) {
    for (const day of judged.space.lostLedgers) fail(day, 'ledger', 'a write lost entries')
  }
  judgePosts(judged, fail)
  judgeRawFiles(judged, fail)
  return failures
}

function isDamagedOn(day: string, { world, space }: Judged): boolean {
  try {
    for (const location of world.locations) rollupIn(space.bucket, location, day)
    return false
  } catch {
    return true
  }
}
