/** What is said of a ledger that is lost, and what to do. */
import type { LocalDay } from '@presences/shared'
import { formatLedgerKey, LedgerError } from './ledger-codec.ts'

const REBUILD = 'presences-aggregator ledger rebuild'

/** All of it, or more than a day: nothing is charged. */
export function lostLedger(why: string): LedgerError {
  return new LedgerError(
    `The ledger is lost, or a part of it: ${why}. Nothing was charged. Put ledger/ back from the bucket's versions; only where there are none: ${REBUILD}`,
  )
}

/** A single day: nobody is charged on it. */
export function lostDay(day: LocalDay): LedgerError {
  return new LedgerError(
    `its ledger is lost: what was charged is not known any more. Put ${formatLedgerKey(day)} back from the bucket's versions; only where there are none: ${REBUILD} --from ${day} --to ${day}`,
  )
}
