/**
 * The story of settling one day: write down what is meant to be posted, post it, write down what came of it. A
 * run that is killed anywhere in between leaves a ledger from which the next one goes on: an intention without
 * an outcome is posted again, which changes nothing if it had been stored.
 */
import type { LocalDay } from '@presences/shared'
import pMap from 'p-map'
import type { PersonsValue } from '../domain/persons-value.ts'
import type { Decided } from '../ledger/decide.ts'
import type { Lease } from '../ledger/lease.ts'
import type { LedgerEntry } from '../ledger/ledger.ts'
import { type DayLedger, hasSameCoverage, mergeLedgers } from '../ledger/ledger.ts'
import { LedgerError } from '../ledger/ledger-codec.ts'
import { writeIntentions, writeLedger } from '../ledger/ledger-store.ts'
import type { Noted } from '../store/notes.ts'
import { StoreError } from '../store/store.ts'
import type { Versioned } from '../store/write-merged.ts'
import { type Presence, type Tickets, TicketsError } from '../tickets/tickets.ts'
import type { GonePlan } from './nobody-to-charge.ts'
import { type DayPlan, planFor } from './plan-day.ts'
import type { PlanDeps } from './plan-deps.ts'
import type { MemberPlan } from './plan-member.ts'
import { DayUnreadable } from './read-day.ts'

export interface SettleDeps extends PlanDeps {
  readonly tickets: Tickets
  readonly lease: Lease
  readonly aside: Noted
  /** `RESTORE_CORRECTIONS`: what a post of ours covered is put back. */
  readonly restoreCorrections: boolean
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
/** Posts between two questions of what people did meanwhile: a few seconds' worth. */
const HANDFUL = 20
/** After so many posts without an answer, each tried for minutes, the server is taken to be down. */
const UNANSWERED_POSTS = 4

interface Patience {
  /** Posts that may go without an answer. */
  left: number
  /** What failed that is not one post: from the first on nothing more is sent. */
  readonly failures: unknown[]
}

/**
 * Carries a plan out, a handful of posts at a time: what people did meanwhile is asked right before each, and the
 * ledger has the intentions before the first of them is sent. Throws DayUnreadable when the ledger can't be written,
 * LeaseError when another run took over; nothing more is sent then.
 */
export async function settleDay(plan: DayPlan, deps: SettleDeps): Promise<DaySettled> {
  const at = deps.now().toISOString()
  const looked = { coverage: plan.coverage, incomplete: plan.incomplete, lookedAt: at }
  const written = plan.members.filter(isWorthWriting)
  const covered = deps.restoreCorrections ? plan.members.filter(isCoveredByUs) : []
  const isKnown = written.length === 0 && plan.gone.length === 0 && covered.length === 0
  if (isKnown && hasSameCoverage(plan, plan.ledger.value)) return plan

  const failures: unknown[] = []
  const patience: Patience = { left: UNANSWERED_POSTS, failures }
  const settled = new Map<string, MemberSettled>()
  const toPost = plan.members.filter(isPost)
  for (const member of await putBack(covered, plan.day, deps)) settled.set(member.email, member)
  let entries = [
    ...plan.members
      .filter((member) => !isPost(member))
      .map((member): MemberSettled => settled.get(member.email) ?? member)
      .filter((member) => isWorthWriting(member) || member.answer !== undefined)
      .map((member) => entryOf(member, at, deps)),
    ...plan.gone.map((each) => goneEntry(each, at, deps)),
  ]
  let { ledger } = plan
  for (const planned of handfulsOf(toPost)) {
    const handful = await askedAgain(planned, plan, deps)
    const intentions = handful.map((member) => entryOf(member, at, deps))
    ledger = await keep([...entries, ...intentions], writeIntentions)
    entries = []
    const done = await pMap(
      handful,
      (member) =>
        settleMember(member, plan, patience, deps).catch((error: unknown): MemberSettled => {
          // What is under way ends, and is written down, before this is thrown on.
          failures.push(error)
          return member
        }),
      { concurrency: POSTS_AT_ONCE },
    )
    for (const member of done) settled.set(member.email, member)
    entries = done
      .filter(({ outcome }) => outcome !== undefined)
      .map((member) => ({ ...entryOf(member, at, deps), ...outcomeOf(member) }))
    if (failures.length > 0) break
  }
  if (entries.length > 0 || toPost.length === 0) {
    ledger = await keep(entries, toPost.length === 0 ? writeIntentions : writeLedger)
  }
  if (failures.length > 0) throw failures[0]
  const members = plan.members.map((member) => settled.get(member.email) ?? member)
  return { ...plan, members, ledger }

  function keep(
    more: readonly LedgerEntry[],
    into: typeof writeLedger,
  ): Promise<Versioned<DayLedger>> {
    const value = mergeLedgers(ledger.value, { day: plan.day, entries: more, ...looked })
    const isPosted = [...settled.values()].some(({ outcome }) => outcome !== undefined)
    const what = `What was posted for ${plan.day} could not be written down, and will be posted again`
    return write({ ...ledger, value }, deps, into, isPosted ? what : undefined)
  }
}

/** The handful as it is to be settled, after people were asked about once more. */
async function askedAgain(
  handful: readonly MemberPlan[],
  plan: DayPlan,
  deps: SettleDeps,
): Promise<readonly MemberPlan[]> {
  const emails = handful.map(({ email }) => email)
  if ((await deps.auditAgain(emails)) === 'no news') return handful
  const again = await planFor(plan.owners, plan, deps, new Set(emails))
  return handful.map((member) => {
    const now = again.members.find(({ email }) => email === member.email)
    // The same decision keeps the reason it was given, with its cause.
    return now === undefined || isPost(now) ? member : now
  })
}

/** Puts back what people had set and a post of ours covered; once, whatever comes of it. */
function putBack(
  covered: readonly CoveredByUs[],
  day: LocalDay,
  deps: SettleDeps,
): Promise<MemberSettled[]> {
  return pMap(covered, (member) => putBackOne(member, day, deps), { concurrency: POSTS_AT_ONCE })
}

async function putBackOne(
  member: CoveredByUs,
  day: LocalDay,
  deps: SettleDeps,
): Promise<MemberSettled> {
  const { email, person } = member
  const comment = `Put back after a post that had covered it: ${person.comment || 'no comment'}`
  try {
    await deps.tickets.setDay({ email, day, value: person.value, comment }, deps.lease.renew)
    const reason = `put back what ${person.author ?? 'a person'} set: ${person.value} (${person.comment})`
    return { ...member, decided: { decision: 'skip', reason }, answer: PUT_BACK }
  } catch (error) {
    if (!(error instanceof TicketsError)) throw error
    return { ...member, answer: error.message }
  }
}

type CoveredByUs = MemberPlan & { readonly person: PersonsValue }

/** The server holds what we posted last, and not what a person set; nobody tried to put that back before. */
function isCoveredByUs(member: MemberPlan): member is CoveredByUs {
  const { decided, last, held, person, history } = member
  return (
    decided.holdFor === 'covered' &&
    person !== undefined &&
    typeof last === 'object' &&
    last.from === 'ledger' &&
    last.amount === held &&
    !history.some((entry) => isPuttingBack(entry) && entry.person?.value === person.value)
  )
}

/** Of what is no post, only a day that was put back has an answer. */
function isPuttingBack({ decision, answer }: LedgerEntry): boolean {
  return decision !== 'post' && answer !== undefined
}

async function settleMember(
  member: MemberPlan,
  { day }: DayPlan,
  patience: Patience,
  deps: SettleDeps,
): Promise<MemberSettled> {
  if (!isPost(member)) return member
  const presence = { email: member.email, day, amount: member.computed }
  try {
    // A post without the lease is not sent: its intention must not look like one whose answer was lost.
    await deps.lease.renew().catch((error: unknown) => patience.failures.push(error))
    if (patience.failures.length > 0) throw new TicketsError('refused', STOPPED)
    if (patience.left <= 0) throw new TicketsError('refused', NOT_TRIED)
    await deps.tickets.postPresence(presence, deps.lease.renew)
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

function isPost({ decided }: MemberPlan): boolean {
  return decided.decision === 'post'
}

function handfulsOf(members: readonly MemberPlan[]): MemberPlan[][] {
  const count = Math.ceil(members.length / HANDFUL)
  return Array.from({ length: count }, (_, at) => members.slice(at * HANDFUL, (at + 1) * HANDFUL))
}

/** True when a post was tried and failed. */
export function hasFailed({ outcome }: MemberSettled): boolean {
  return outcome === 'refused' || outcome === 'unknown'
}

/** True when a post failed, waits for what could not be asked or is lost, or the server holds what a person set otherwise. */
export function isUndone(member: MemberSettled): boolean {
  const { holdFor } = member.decided
  return hasFailed(member) || (holdFor !== undefined && UNDONE.has(holdFor))
}

const UNDONE: ReadonlySet<Decided['holdFor']> = new Set(['unreadable', 'covered', 'lost'])
const PUT_BACK = 'put back'
const STOPPED = 'not tried: this run had to stop; the next run tries again'
const NOT_TRIED =
  'not tried: the ticket server left several posts without an answer; the next run tries again'

/** Writes a ledger. Throws DayUnreadable: another day's may be written all the same. */
async function write(
  ledger: Versioned<DayLedger>,
  { store, marks }: SettleDeps,
  into: typeof writeLedger,
  what?: string,
): Promise<Versioned<DayLedger>> {
  try {
    const stored = await into(store, ledger)
    // Before anything is posted: from here on a ledger that is gone is a loss.
    await marks.mark(ledger.value.day)
    return stored
  } catch (error) {
    const isOfTheDay = error instanceof StoreError || error instanceof LedgerError
    throw isOfTheDay ? new DayUnreadable(ledger.value.day, error, what) : error
  }
}

/** What the ledger does not say yet: every post, and whatever is not as the member's last entry has it. */
function isWorthWriting({ decided, computed, history }: MemberPlan): boolean {
  if (decided.decision === 'post') return true
  if (decided.isClosed) return false
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
  { email, id, computed, decided, evidence, person, answer }: MemberSettled,
  at: string,
  { run }: PlanDeps,
): LedgerEntry {
  return {
    run,
    email,
    ...(id !== undefined && { member: id }),
    at,
    computed,
    decision: decided.decision,
    reason: decided.reason,
    ...(decided.decision === 'post' && { outcome: 'intended' as const }),
    ...(answer !== undefined && { answer }),
    ...(person && { person }),
    evidence,
  }
}

/** Kept, so that it is told once: nobody can be charged, and nobody has to do anything. */
function goneEntry({ was, name, computed, evidence }: GonePlan, at: string, { run }: PlanDeps) {
  const { email, id } = was
  const reason = goneReason(name)
  return { run, email, member: id, at, computed, decision: 'hold' as const, reason, evidence }
}

/** Why somebody who was there is not charged, in words. */
export function goneReason(name: string): string {
  return `nobody to charge: ${name} is no member any more`
}

function outcomeOf({ outcome, answer }: MemberSettled) {
  return { ...(outcome && { outcome }), ...(answer !== undefined && { answer }) }
}
