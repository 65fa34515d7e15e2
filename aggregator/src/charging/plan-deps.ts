/** What deciding a day takes. */
import type { LocalDay } from '@presences/shared'
import type { LedgerEntry, Run } from '../ledger/ledger.ts'
import type { LedgerMarks } from '../ledger/ledger-marks.ts'
import type { Questions } from './questions.ts'
import type { ReadDeps } from './read-day.ts'

export interface PlanDeps extends ReadDeps, Questions {
  readonly run: Run
  readonly now: () => Date
  readonly today: LocalDay
  /** The day of the first run that kept a ledger. */
  readonly ledgerFirstDay: LocalDay
  /** Which days have had a ledger. */
  readonly marks: LedgerMarks
  /** The e-mail now of whom a ledger's entry is about; `undefined`: they are no member any more. */
  readonly emailNow: (entry: LedgerEntry) => string | undefined
  /** The ticket server's id of who has an e-mail now, as far as it is known. */
  readonly memberId: (email: string) => string | undefined
  readonly allowLower: boolean
  readonly minCoveragePercent: number
}
