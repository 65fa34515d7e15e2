/**
 * The story of settling one day: write down what is meant to be posted, post it, write down what came of it. A
 * run that is killed anywhere in between leaves a ledger from which the next one goes on: an intention without
 * an outcome is posted again, which changes nothing if it had been stored.
 */
import pMap from 'p-map'
import type { Lease } from '../ledger/lease.ts'
import type { LedgerEntry } from '../ledger/ledger.ts'
import { type DayLedger, hasSameCoverage, mergeLedgers } from '../ledger/ledger.ts'
import { LedgerError } from '../ledger/ledger-codec.ts'
import { writeIntentions, writeLedger } from '../ledger/ledger-store.ts'
import { StoreError } from '../store/store.ts'
import type { Versioned } from '../store/write-merged.ts'
import { type Presence, type Tickets, TicketsError } from '../tickets/tickets.ts'
import type { DayPlan, MemberPlan, PlanDeps } from './plan-day.ts'
import { DayUnreadable } from './read-day.ts'

export interface SettleDeps extends PlanDeps {
  readonly tickets: Tickets
  readonly lease: Lease
  /** Told of each post that failed for good, at once: whatever happens next, it is on record. */
  readonly onFailedPost: (presence: Presence, error: TicketsError) => Promise<void>
}

/** What became of a member's plan; `outcome` only where something was to be posted. */
export interface MemberSettled extends MemberPlan {
  readonly outcome?: 'posted' | 'refused' | 'unknown'
  readonly answer?: string
}

export interface DaySettled extends DayPlan {
  readonly members: readonly MemberSettled[]
}

/** Posts under way at once: the server recomputes a member's balance at each. */
const POSTS_AT_ONCE = 4
/** After so many posts without an answer, each tried for minutes, the server is taken to be down. */
const UNANSWERED_POSTS = 4

interface Patience {
  /** Posts that may go without an answer. */
  left: number
  /** What failed that is not one post: from the first on nothing more is sent. */
  readonly failures: unknown[]
}

/** Carries a plan out. Throws DayUnreadable when the ledger can't be written, LeaseError when another run took over. */
export async function settleDay(plan: DayPlan, deps: SettleDeps): Promise<DaySettled> {
  const at = deps.now().toISOString()
  const entries = plan.members.filter(isWorthWriting).map((member) => entryOf(member, at, deps))
  const looked = { coverage: plan.coverage, incomplete: plan.incomplete, lookedAt: at }
  if (entries.length === 0 && hasSameCoverage(plan, plan.ledger.value)) return plan

  const intended = mergeLedgers(plan.ledger.value, { day: plan.day, entries, ...looked })
  const stored = await write({ ...plan.ledger, value: intended }, deps, writeIntentions)
  const failures: unknown[] = []
  const patience: Patience = { left: UNANSWERED_POSTS, failures }
  const members = await pMap(
    plan.members,
    (member) =>
      settleMember(member, plan, patience, deps).catch((error: unknown): MemberSettled => {
        // What is under way ends, and is written down, before this is thrown on.
        failures.push(error)
        return member
      }),
    { concurrency: POSTS_AT_ONCE },
  )
  const settled = members.filter(({ outcome }) => outcome !== undefined)
  if (settled.length === 0 && failures.length === 0) return { ...plan, members, ledger: stored }
  const outcomes = settled.map((member) => ({ ...entryOf(member, at, deps), ...outcomeOf(member) }))
  const value = mergeLedgers(stored.value, { day: plan.day, entries: outcomes, ...looked })
  const ledger = await write(
    { ...stored, value },
    deps,
    writeLedger,
    `What was posted for ${plan.day} could not be written down, and will be posted again`,
  )
  if (failures.length > 0) throw failures[0]
  return { ...plan, members, ledger }
}

async function settleMember(
  member: MemberPlan,
  { day }: DayPlan,
  patience: Patience,
  deps: SettleDeps,
): Promise<MemberSettled> {
  if (member.decided.decision !== 'post') return member
  const presence = { email: member.email, day, amount: member.computed }
  try {
    // A post without the lease is not sent: its intention must not look like one whose answer was lost.
    await deps.lease.renew().catch((error: unknown) => patience.failures.push(error))
    if (patience.failures.length > 0) throw new TicketsError('refused', STOPPED)
    if (patience.left <= 0) throw new TicketsError('refused', NOT_TRIED)
    await deps.tickets.postPresence(presence)
    patience.left = UNANSWERED_POSTS
    return { ...member, outcome: 'posted', answer: 'OK' }
  } catch (error) {
    if (!(error instanceof TicketsError)) throw error
    if (error.kind === 'unreachable') patience.left -= 1
    await deps.onFailedPost(presence, error)
    return {
      ...member,
      outcome: error.kind === 'refused' ? 'refused' : 'unknown',
      answer: error.message,
    }
  }
}

/** True when a post was tried and failed. */
export function hasFailed({ outcome }: MemberSettled): boolean {
  return outcome === 'refused' || outcome === 'unknown'
}

/** True when a post failed, or waits for what could not be asked. */
export function isUndone(member: MemberSettled): boolean {
  return hasFailed(member) || member.decided.holdFor === 'unreadable'
}

const STOPPED = 'not tried: this run had to stop; the next run tries again'
const NOT_TRIED =
  'not tried: the ticket server left several posts without an answer; the next run tries again'

/** Writes a ledger. Throws DayUnreadable: another day's may be written all the same. */
async function write(
  ledger: Versioned<DayLedger>,
  { store }: SettleDeps,
  into: typeof writeLedger,
  what?: string,
): Promise<Versioned<DayLedger>> {
  try {
    return await into(store, ledger)
  } catch (error) {
    const isOfTheDay = error instanceof StoreError || error instanceof LedgerError
    throw isOfTheDay ? new DayUnreadable(ledger.value.day, error, what) : error
  }
}

/** What the ledger does not say yet: every post, and whatever is not as the member's last entry has it. */
function isWorthWriting({ decided, computed, history }: MemberPlan): boolean {
  if (decided.decision === 'post') return true
  const last = history.at(-1)
  if (!last) return true
  if (decided.decision === 'skip' && last.decision === 'post') return last.outcome !== 'posted'
  return (
    last.decision !== decided.decision ||
    last.computed !== computed ||
    last.reason !== decided.reason
  )
}

function entryOf(
  { email, computed, decided, evidence, person }: MemberPlan,
  at: string,
  { run }: PlanDeps,
): LedgerEntry {
  return {
    run,
    email,
    at,
    computed,
    decision: decided.decision,
    reason: decided.reason,
    ...(decided.decision === 'post' && { outcome: 'intended' as const }),
    ...(person && { person }),
    evidence,
  }
}

function outcomeOf({ outcome, answer }: MemberSettled) {
  return { ...(outcome && { outcome }), ...(answer !== undefined && { answer }) }
}
