/**
 * What must be true when the dust has settled, told from the world alone: what each member's day is worth, who
 * was truly where. Of the programs' own work it reads only what they stored: ledgers, rollups, raw files, posts.
 */

import { ledgerIn, rollupIn, type StoredLedger } from '../bucket/stored-objects.ts'
import { dayAfter } from '../runtime/civil-time.ts'
import type { Failure } from '../runtime/failure.ts'
import { judgeStored } from './amounts.ts'
import { judgeEntries } from './entries.ts'
import type { Fail, Judged } from './judged.ts'
import { judgeCoverage, judgeRawFiles, judgeRollups } from './looked.ts'
import { judgePosts } from './posts.ts'
import { judgeTwiceCharged } from './twice-charged.ts'

const NO_LEDGER: StoredLedger = { entries: [], coverage: [], incomplete: [] }

/** Every failure; none when all is right. */
export function judge(judged: Judged): Failure[] {
  const failures: Failure[] = []
  const fail: Fail = (day, member, what) => failures.push({ day, member, what })
  for (let number = 0; number < judged.days; number += 1) {
    const day = dayAfter(judged.firstDay, number)
    const ledger = ledgerIn(judged.space.bucket, day) ?? NO_LEDGER
    const isDamaged = judged.world.damaged.has(day)
    if (!isDamaged && !isReadable(day, judged)) {
      fail(day, 'rollup', 'it is not what its format says')
      continue
    }
    const judgedDay = { ...judged, day, ledger, isDamaged }
    for (const person of judged.world.people) judgeStored(person, judgedDay, fail)
    judgeEntries(judgedDay, fail)
    judgeTwiceCharged(judgedDay, fail)
    if (isDamaged) continue
    judgeRollups(judgedDay, fail)
    if (!judged.world.unkept.has(day)) judgeCoverage(judgedDay, fail)
  }
  if (judged.isOrderly) {
    for (const day of judged.space.lostLedgers) fail(day, 'ledger', 'a write lost entries')
  }
  judgePosts(judged, fail)
  judgeRawFiles(judged, fail)
  return failures
}

function isReadable(day: string, { world, space }: Judged): boolean {
  try {
    for (const location of world.locations) rollupIn(space.bucket, location, day)
    return true
  } catch {
    return false
  }
}
