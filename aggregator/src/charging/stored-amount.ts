/** What the ticket server was given for a member and day: from the ledger, or asked of the server itself. */
import type { LocalDay } from '@presences/shared'
import type { Amount } from '../domain/amount.ts'
import type { LastPosted, Situation } from '../ledger/decide.ts'
import { type LedgerEntry, lastPostIn } from '../ledger/ledger.ts'
import type { PlanDeps } from './plan-deps.ts'

/** A member's day as it is asked about. */
interface MemberDay {
  readonly day: LocalDay
  readonly email: string
  readonly seen: { readonly amount: Amount } | undefined
}

/**
 * The last amount the server was given. It is asked itself where the ledger can't tell: a past day of which the ledger
 * knows nothing, which something else may have charged; any such day while the audit trail can't be read, since a
 * person may have set it; and a post without an answer, when less is due now.
 */
export async function lastOf(
  { day, email, seen }: MemberDay,
  history: readonly LedgerEntry[],
  isAuditRead: boolean,
  deps: PlanDeps,
): Promise<Situation['last']> {
  const posted = lastPostIn(history)
  if (posted) {
    const { entry, isCertain } = posted
    const last = { amount: entry.computed, from: 'ledger' as const, isCertain }
    if (isCertain || (seen?.amount ?? 0) >= entry.computed) return last
    const stored = await storedOn(day, email, deps)
    return typeof stored === 'object' && wasPosted(stored.amount, history)
      ? { ...stored, from: 'ledger' }
      : stored
  }
  // A past day without a post of ours may have been charged by something else.
  const isOthers = day <= deps.ledgerFirstDay || day < deps.today || !isAuditRead
  return isOthers ? storedOn(day, email, deps) : 'none'
}

/** What the ticket server holds for a member and day, as a number. */
export async function heldOn(
  day: LocalDay,
  email: string,
  deps: PlanDeps,
): Promise<number | 'unreadable'> {
  const stored = await storedOn(day, email, deps)
  if (stored === 'none') return 0
  return stored === 'unreadable' ? stored : stored.amount
}

/** It is ours: a later post, whose answer was lost, did not arrive, or had the same amount. */
function wasPosted(amount: number, history: readonly LedgerEntry[]): boolean {
  return history.some(
    ({ decision, outcome, computed }) =>
      decision === 'post' && outcome !== 'refused' && computed === amount,
  )
}

async function storedOn(
  day: LocalDay,
  email: string,
  { storedAmounts }: PlanDeps,
): Promise<LastPosted | 'none' | 'unreadable'> {
  const stored = await storedAmounts(email)
  if (!stored) return 'unreadable'
  const amount = stored.get(day)
  return amount === undefined ? 'none' : { amount, from: 'server', isCertain: true }
}
