/**
 * What a lost ledger may say again of a member and day: what the ticket server has, and what a person set there. Why it
 * was charged, from which devices, is gone, and not guessed. Pure.
 */
import { AMOUNTS, type Amount } from '../domain/amount.ts'
import type { PersonsValue } from '../domain/persons-value.ts'
import type { Rule } from '../domain/rule.ts'
import { closingIn, type LedgerEntry, lastPostIn, type Run } from './ledger.ts'

/** A member's day, as the ticket server has it. */
export interface StoredDay {
  readonly email: string
  readonly id: string
  /** Any number: a person may have set it. */
  readonly stored: number
  /** What the audit trail says that a person set; `undefined`: nobody did. */
  readonly person: PersonsValue | undefined
}

/**
 * The entry that is missing beside `history`, the member's own so far: of a person's value a hold, of any other amount a
 * post. `known`: the ledger says as much, or there is nothing to say. `unexplained`: no post of ours can have been that.
 */
export function rebuiltEntry(
  { email, id, stored, person }: StoredDay,
  history: readonly LedgerEntry[],
  { run, at, rule }: { readonly run: Run; readonly at: string; readonly rule: Rule },
): LedgerEntry | 'known' | 'unexplained' {
  const evidence = { slots: [], devices: [], rule }
  const about = { run, email, member: id, at, evidence }
  const amount = AMOUNTS.find((each) => each === stored)
  if (person) {
    if (history.some((entry) => entry.person?.value === person.value)) return 'known'
    const reason = `made again from the ticket server: ${person.author ?? 'a person'} set ${person.value} (${person.comment || 'no comment'})`
    return { ...about, computed: amount ?? 0, decision: 'hold', reason, person }
  }
  const isPersons = history.at(-1)?.person !== undefined
  if (stored === 0 || isPersons || closingIn(history)) return 'known'
  if (amount === undefined) return 'unexplained'
  // What is there and as much is right: it was lowered by a person since, or it is their trial day.
  const posted = lastPostIn(history)
  if (posted && posted.entry.computed >= amount) return 'known'
  return {
    ...about,
    computed: amount,
    decision: 'post',
    outcome: 'posted',
    reason: reasonOf(amount),
  }
}

/** True for what was not decided by a run, but is what the ticket server had when a lost ledger was made again. */
export function isRebuilt({ run }: LedgerEntry): boolean {
  return run.kind === 'rebuild'
}

function reasonOf(amount: Amount): string {
  return `made again from the ticket server, which had ${amount}; from which evidence is not known any more`
}
