/**
 * The story of a close: a person says that nothing more is to be done for a member and day, or, after all, that it is. It
 * is written in the day's ledger, beside what runs decided, and is the last word until another one is said.
 */
import type { LocalDay } from '@presences/shared'
import { formatAmount } from '../domain/amount.ts'
import { closingIn, type LedgerEntry, mergeLedgers, type Statement } from '../ledger/ledger.ts'
import { writeLedger } from '../ledger/ledger-store.ts'
import { currentEmail } from '../members/map-history.ts'
import { namesOf } from '../members/ownership.ts'
import type { Charging } from './charging.ts'
import { rememberOpenDays } from './nightly-memory.ts'
import { evidenceOf } from './nobody-to-charge.ts'
import { type DayPlan, planDay } from './plan-day.ts'
import type { PlanDeps } from './plan-deps.ts'
import type { MemberPlan } from './plan-member.ts'

/** What a person says: of whom, by an e-mail or by the name under which a run tells of them. */
export interface Said {
  readonly statement: Statement
  readonly day: LocalDay
  readonly who: string
  readonly because: string
}

/** What was written; `nothing` tells in words why there was nothing to write. */
export type CloseResult =
  | { readonly names: readonly string[]; readonly unremembered: string | undefined }
  | { readonly nothing: string }

/** One thing that is open, or closed: what its entry is about. */
type Subject = Pick<LedgerEntry, 'email' | 'member' | 'computed' | 'person' | 'evidence'>

/** Closes or reopens what there is; who says so is the run's `by`. Throws DayUnreadable, StoreError or LedgerError. */
export async function closeDay(
  said: Said,
  { deps, history, ownersOn }: Pick<Charging, 'deps' | 'history' | 'ownersOn'>,
): Promise<CloseResult> {
  const { day, because, statement } = said
  const plan = await planDay(day, ownersOn(day), deps)
  const who = currentEmail(history, said.who)
  const subjects =
    statement === 'close' ? openSubjects(who, plan, deps) : closedSubjects(who, plan, deps)
  if (subjects.length === 0) return { nothing: whatIsSo({ ...said, who }, plan, deps) }
  const at = deps.now().toISOString()
  const entries = subjects.map(
    (subject): LedgerEntry => ({
      run: deps.run,
      at,
      decision: statement,
      reason: because,
      ...subject,
    }),
  )
  const { value, etag } = plan.ledger
  await writeLedger(deps.store, { value: mergeLedgers(value, { ...value, entries }), etag })
  // The next night looks at the day: what was reopened is to be done, what was closed is no alarm any more.
  const unremembered = await rememberOpenDays(deps, [day])
  return { names: subjects.map(({ email }) => email), unremembered }
}

/** What a night would do, or tell of, for them. Who shares something with others is closed with it. */
function openSubjects(who: string, plan: DayPlan, deps: PlanDeps): Subject[] {
  const member = plan.members.find(({ email }) => email === who)
  const told = plan.presences.unchargeable.filter(({ owner }) => namesOf(owner.name).includes(who))
  const isShared = told.some(({ owner }) => owner.name !== who)
  const own = { email: who, computed: 0 as const, evidence: evidenceOf(undefined, deps.settings) }
  const isDue = isShared || (member !== undefined && isOpen(member))
  return [
    ...(isDue ? [aboutThem({ ...own, ...member, member: deps.memberId(who) })] : []),
    ...told.map((seen) =>
      aboutThem({
        email: seen.owner.name,
        computed: seen.amount,
        evidence: evidenceOf(seen, deps.settings),
      }),
    ),
    ...goneSubjects(who, plan, deps),
  ]
}

function isOpen({ decided: { decision, holdFor } }: MemberPlan): boolean {
  return decision === 'post' || (decision === 'hold' && holdFor !== 'person')
}

/** Who is no member any more: also what was told before, since another late file would be told of again. */
function goneSubjects(who: string, plan: DayPlan, deps: PlanDeps): Subject[] {
  const untold = plan.gone.filter(({ was, name }) => [was.email, name].includes(who))
  if (untold.length > 0) {
    return untold.map(({ was, ...rest }) =>
      aboutThem({ ...rest, email: was.email, member: was.id }),
    )
  }
  const last = lastOfTheGone(who, plan, deps)
  return last?.decision === 'hold' ? [aboutThem(last)] : []
}

/** The last entry about somebody who had this address, when nobody has it now. */
function lastOfTheGone(who: string, { ledger }: DayPlan, deps: PlanDeps): LedgerEntry | undefined {
  return ledger.value.entries.findLast(
    (entry) => entry.email === who && deps.emailNow(entry) === undefined,
  )
}

/** What is closed, of theirs and of what they share with others. */
function closedSubjects(who: string, plan: DayPlan, deps: PlanDeps): Subject[] {
  return closingsOf(who, plan, deps).map((closing) =>
    aboutThem({ ...closing, email: deps.emailNow(closing) ?? closing.email }),
  )
}

function closingsOf(who: string, { ledger }: DayPlan, deps: PlanDeps): LedgerEntry[] {
  const own = new Map<string, LedgerEntry[]>()
  for (const entry of ledger.value.entries) {
    const now = deps.emailNow(entry)
    if (!namesOf(now ?? entry.email).includes(who)) continue
    const whose = now ?? `${entry.email} ${entry.member}`
    own.set(whose, [...(own.get(whose) ?? []), entry])
  }
  return [...own.values()].flatMap((entries) => closingIn(entries) ?? [])
}

function aboutThem(
  about: Omit<Subject, 'member' | 'person'> &
    Partial<Record<'member', string | undefined>> &
    Pick<MemberPlan, 'person'>,
): Subject {
  const { email, member, computed, person, evidence } = about
  return {
    email,
    ...(member !== undefined && { member }),
    computed,
    ...(person && { person }),
    evidence,
  }
}

/** Why there is nothing to write, in words. */
function whatIsSo({ statement, day, who }: Said, plan: DayPlan, deps: PlanDeps): string {
  const [closing] = closingsOf(who, plan, deps)
  if (statement === 'reopen') return `${day} is not closed for ${who}: there is nothing to reopen`
  if (closing) {
    return `${day} is closed for ${who} already, by ${closing.run.by}: ${closing.reason}`
  }
  const nothing = `Nothing is open for ${who} on ${day}`
  const member = plan.members.find(({ email }) => email === who)
  if (member) {
    return `${nothing}: evidence says ${formatAmount(member.computed)}, ${member.decided.reason}`
  }
  return `${nothing}: they were neither seen nor charged that day. Write the e-mail as at the ticket server, or the name as the run tells it`
}
