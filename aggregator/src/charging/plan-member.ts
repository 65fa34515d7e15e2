/** One member's day: what was seen, what was charged before, what a person set, and so what is to be done. */
import { addDays, type LocalDay } from '@presences/shared'
import type { Amount } from '../domain/amount.ts'
import { isTheirs, type Owners } from '../domain/ownership.ts'
import type { PersonsValue } from '../domain/persons-value.ts'
import { type Decided, decide, type LowerCause, type Situation } from '../ledger/decide.ts'
import {
  closingIn,
  type Evidence,
  type LedgerEntry,
  lastPostIn,
  meantIn,
} from '../ledger/ledger.ts'
import { lowerCauseOf } from '../ledger/lower-cause.ts'
import { isRebuilt } from '../ledger/rebuilt-entry.ts'
import type { OwnerDay } from '../presence/presences.ts'
import type { AuditTrail } from '../tickets/tickets.ts'
import type { RoomRead } from '../withdrawal/read-room.ts'
import { evidenceOf } from './nobody-to-charge.ts'
import type { PlanDeps } from './plan-deps.ts'
import { heldOn, lastOf } from './stored-amount.ts'
import { restoredSince, type withdrawnCauses } from './withdrawn-cause.ts'

/** What is to be done for one member and day, and why. */
export interface MemberPlan {
  readonly email: string
  /** The ticket server's id, as far as it is known. */
  readonly id?: string
  /** What was seen; `undefined`: charged once, and not seen now. */
  readonly seen: OwnerDay | undefined
  readonly computed: Amount
  readonly last: Situation['last']
  readonly decided: Decided
  /** This member's entries so far, earliest first. */
  readonly history: readonly LedgerEntry[]
  readonly evidence: Evidence
  /** Who gave back withdrawn evidence since the last post, and why. */
  readonly restored?: string
  /** What a person set, as far as is known. */
  readonly person?: PersonsValue
  /** What the ticket server holds; known where a person set something. */
  readonly held?: number | 'unreadable'
}

export interface Member {
  readonly day: LocalDay
  readonly email: string
  readonly seen: OwnerDay | undefined
  readonly owners: Owners
  /** False when something of the day could not be read. */
  readonly isWhole: boolean
  readonly history: readonly LedgerEntry[]
  readonly refreshed: readonly RoomRead[]
  readonly withdrawn: ReturnType<typeof withdrawnCauses>
}

/** Decides for one member and day. Throws what asking throws. */
export async function planMember(member: Member, deps: PlanDeps): Promise<MemberPlan> {
  const { day, email, seen, owners, history } = member
  const posted = lastPostIn(history)
  const evidence = evidenceOf(seen, deps.settings)
  const audit = await deps.audit()
  const computed = seen?.amount ?? 0
  const isAuditRead = isSureOf(email, audit) && day >= deps.auditedSince
  const last = await lastOf(member, history, isAuditRead, deps)
  const person = personsValue(audit, day, email) ?? history.at(-1)?.person
  const closing = closingIn(history)
  const held = person && (await heldOn(day, email, deps))
  const withdrawn = member.withdrawn(email, posted?.entry.evidence)
  const restored = restoredSince(posted?.entry, evidence, member.refreshed)
  const causeSince = (then: Evidence | undefined) =>
    lowerCauseOf(
      then,
      evidence,
      (mac) => isTheirs(owners.get(mac), email),
      member.withdrawn(email, then)?.isWithdrawn,
    )
  const decided = decide({
    computed,
    slots: evidence.slots.length,
    last,
    closed: closing && { by: closing.run.by, because: closing.reason },
    person,
    stored: held ?? 0,
    isAuditRead,
    isOld: day < addDays(deps.today, -1),
    lowerCause: member.isWhole ? causeSince(evidenceThen(posted?.entry)) : 'not all read',
    owed: member.isWhole ? owedOf(history, computed, last, causeSince) : undefined,
    withdrawnBecause: withdrawn?.why,
    restoredBecause: restored,
    allowLower: deps.allowLower,
  })
  const id = deps.memberId(email)
  return {
    email,
    ...(id !== undefined && { id }),
    seen,
    computed,
    last,
    decided,
    history,
    evidence,
    ...(restored !== undefined && { restored }),
    ...(person && { person }),
    ...(held !== undefined && { held }),
  }
}

/** What a post was for; `undefined`: nobody knows any more. */
function evidenceThen(posted: LedgerEntry | undefined): Evidence | undefined {
  return posted && !isRebuilt(posted) ? posted.evidence : undefined
}

/** What the member was to be charged and never was, where what it was for is lost. */
function owedOf(
  history: readonly LedgerEntry[],
  computed: Amount,
  last: Situation['last'],
  causeSince: (then: Evidence) => LowerCause,
): Amount | undefined {
  const meant = meantIn(history).findLast(
    (entry) => entry.computed > computed && causeSince(entry.evidence) === 'less data',
  )
  const isCharged = typeof last === 'object' && meant && last.amount >= meant.computed
  return isCharged ? undefined : meant?.computed
}

/** The last thing a person did to this member's day, as far as the audit trail goes. */
function personsValue(
  audit: AuditTrail | undefined,
  day: LocalDay,
  email: string,
): PersonsValue | undefined {
  const found = audit?.corrections.findLast((each) => each.day === day && each.email === email)
  return found && { value: found.value, comment: found.comment, author: found.author }
}

/** False when a correction of this member may be missing from the trail. */
function isSureOf(email: string, audit: AuditTrail | undefined): boolean {
  return audit !== undefined && !audit.unsure?.some((each) => each === email || each === '')
}
