/** A day's ledger by who it is about now. */
import type { DayLedger, LedgerEntry } from '../ledger/ledger.ts'
import type { PlanDeps } from './plan-deps.ts'

/** Each member's entries, earliest first, by the e-mail that they have now. */
export type Histories = ReadonlyMap<string, readonly LedgerEntry[]>

export function historiesOf({ entries }: DayLedger, deps: Pick<PlanDeps, 'emailNow'>): Histories {
  return grouped(entries, deps.emailNow)
}

/** The same of those who are no member any more, by the server's id. */
export function historiesOfGone(
  { entries }: DayLedger,
  deps: Pick<PlanDeps, 'emailNow'>,
): Histories {
  return grouped(entries, (entry) => (deps.emailNow(entry) ? undefined : entry.member))
}

function grouped(
  entries: readonly LedgerEntry[],
  nameOf: (entry: LedgerEntry) => string | undefined,
): Histories {
  const histories = new Map<string, LedgerEntry[]>()
  for (const entry of entries) {
    const email = nameOf(entry)
    if (email === undefined) continue
    const history = histories.get(email)
    if (history) history.push(entry)
    else histories.set(email, [entry])
  }
  return histories
}
