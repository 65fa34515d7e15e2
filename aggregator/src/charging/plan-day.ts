/**
 * The story of one day's decisions: who was there, what was charged before, what a person set, and so what is to
 * be done for each member. Nothing is posted or written here; a preview ends here.
 */
import { addDays, dayWindow, type LocalDay, type Mac } from '@presences/shared'
import pMap from 'p-map'
import type { Amount } from '../domain/amount.ts'
import type { Coverage } from '../domain/coverage.ts'
import type { OwnedDevice, Owners } from '../domain/ownership.ts'
import type { PersonsValue } from '../domain/persons-value.ts'
import {
  type Decided,
  decide,
  type LastPosted,
  type LowerCause,
  type Situation,
} from '../ledger/decide.ts'
import {
  closingIn,
  type DayLedger,
  type Evidence,
  type LedgerEntry,
  lastPostIn,
  meantIn,
  type Run,
} from '../ledger/ledger.ts'
import { LedgerError } from '../ledger/ledger-codec.ts'
import type { LedgerMarks } from '../ledger/ledger-marks.ts'
import { readLedger } from '../ledger/ledger-store.ts'
import { lostDay } from '../ledger/lost-ledger.ts'
import { lowerCauseOf } from '../ledger/lower-cause.ts'
import { isRebuilt } from '../ledger/rebuilt-entry.ts'
import { coverageOf, isIncomplete } from '../presence/coverage.ts'
import type { OwnerDay } from '../presence/presences.ts'
import { slotTable } from '../presence/slots.ts'
import { StoreError } from '../store/store.ts'
import type { Versioned } from '../store/write-merged.ts'
import type { AuditTrail } from '../tickets/tickets.ts'
import { asSent, type RoomRead } from '../withdrawal/read-room.ts'
import { evidenceOf, type GonePlan, goneIn, withoutDone } from './nobody-to-charge.ts'
import type { Questions } from './questions.ts'
import {
  checkWhole,
  type DayRead,
  DayUnreadable,
  lookedAt,
  presentOn,
  type ReadDeps,
  refreshDay,
  unreadRooms,
} from './read-day.ts'
import { restoredSince, withdrawnCauses } from './withdrawn-cause.ts'

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

export interface DayPlan extends DayRead {
  readonly day: LocalDay
  readonly members: readonly MemberPlan[]
  readonly coverage: readonly Coverage[]
  /** Locations that were looked at less than `MIN_COVERAGE`, or of which something could not be read. */
  readonly incomplete: readonly string[]
  readonly ledger: Versioned<DayLedger>
  /** Who owned which device that day, as far as this plan goes. */
  readonly owners: Owners
  /** Who was there and is no member any more, as far as the ledger does not say so yet: nobody can be charged. */
  readonly gone: readonly GonePlan[]
}

/** Members asked about at once: the ticket server may be asked for each. */
const MEMBERS_AT_ONCE = 4

/** Decides one day for all its members. Throws DayUnreadable. */
export async function planDay(day: LocalDay, owners: Owners, deps: PlanDeps): Promise<DayPlan> {
  return planRead(day, await refreshDay(day, deps), owners, deps)
}

/**
 * The same for a day whose rollups were read already, or for the members of `only`. What can't be read is waited for
 * until the day is over; from then on the other rooms are charged, for nothing may hold them back for good. Throws
 * DayUnreadable.
 */
export async function planRead(
  day: LocalDay,
  refreshed: readonly RoomRead[],
  owners: Owners,
  deps: PlanDeps,
  only?: ReadonlySet<string>,
): Promise<DayPlan> {
  if (deps.marks.lost.includes(day)) throw new DayUnreadable(day, lostDay(day))
  if (day >= deps.today) checkWhole(day, refreshed)
  return planOn(await readDayLedger(day, deps), refreshed, owners, deps, only)
}

/** A day's ledger. Throws DayUnreadable. */
export function readDayLedger(
  day: LocalDay,
  { store }: Pick<PlanDeps, 'store'>,
): Promise<Versioned<DayLedger>> {
  return readLedger(store, day).catch((error: unknown) => {
    if (error instanceof StoreError || error instanceof LedgerError)
      throw new DayUnreadable(day, error)
    throw error
  })
}

/** The same day, on the same ledger, as other owners make it: a bucket may show an older one at another read. */
export function planFor(
  owners: Owners,
  { ledger, refreshed }: DayPlan,
  deps: PlanDeps,
  only?: ReadonlySet<string>,
): Promise<DayPlan> {
  return planOn(ledger, refreshed, owners, deps, only)
}

async function planOn(
  ledger: Versioned<DayLedger>,
  refreshed: readonly RoomRead[],
  given: Owners,
  deps: PlanDeps,
  only?: ReadonlySet<string>,
): Promise<DayPlan> {
  const { day } = ledger.value
  const histories = historiesOf(ledger.value, deps)
  const owners = withoutContradiction(given, [
    ...chargesIn(histories, (email) => email),
    ...chargesIn(historiesOfGone(ledger.value, deps), (_, { email }) => email),
  ])
  const read = presentOn(day, refreshed, owners, deps)
  const unread = unreadRooms(refreshed)
  const isWhole = unread.length === 0
  const withdrawn = withdrawnCauses(day, refreshed, owners, deps.settings)
  const candidates = candidatesOf(read, isWhole, histories).filter(
    ([email]) => only?.has(email) ?? true,
  )
  const members = await pMap(
    candidates,
    ([email, seen]) => {
      const history = histories.get(email) ?? []
      return planMember({ day, email, seen, owners, isWhole, history, refreshed, withdrawn }, deps)
    },
    { concurrency: MEMBERS_AT_ONCE },
  )
  const coverage = coverageNow(day, refreshed, deps)
  // No later look completes what was withdrawn.
  const sent = refreshed.map((room) => ({ ...room, rollup: asSent(room) }))
  const tooLittle = coverageNow(day, sent, deps)
    .filter((each) => isIncomplete(each, deps.minCoveragePercent))
    .map(({ location }) => location)
  const incomplete = [...new Set([...tooLittle, ...unread])].sort()
  // They are told of when the whole day is.
  const gone = only ? [] : goneIn(read.presences, ledger.value, deps.settings)
  const presences = withoutDone(read.presences, ledger.value)
  return { ...read, presences, day, members, coverage, incomplete, ledger, owners, gone }
}

/**
 * Who was seen, and who was charged once and is not seen now: that too is for a person to look at. So is who was to be
 * charged; where a room could not be read they may be there, and a later run sees.
 */
function candidatesOf(
  { presences }: DayRead,
  isWhole: boolean,
  histories: Histories,
): [string, OwnerDay | undefined][] {
  const seen = new Map<string, OwnerDay | undefined>(
    presences.members.map((member) => [member.email, member]),
  )
  for (const [email, history] of histories) {
    const isAsked = lastPostIn(history) ?? (isWhole ? meantIn(history).at(-1) : undefined)
    if (!seen.has(email) && isAsked) seen.set(email, undefined)
  }
  return [...seen].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Each member's entries, earliest first, by the e-mail that they have now. */
type Histories = ReadonlyMap<string, readonly LedgerEntry[]>

function historiesOf({ entries }: DayLedger, deps: PlanDeps): Histories {
  return grouped(entries, deps.emailNow)
}

/** The same of those who are no member any more, by the server's id. */
function historiesOfGone({ entries }: DayLedger, deps: PlanDeps): Histories {
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

/**
 * The owners but for devices that the ledger charged to somebody else that day: the history of members may be lost, or
 * an old copy. Without a person, nobody is charged for what another one was.
 */
function withoutContradiction(owners: Owners, charges: readonly ChargedDevice[]): Owners {
  const found = new Map(owners)
  for (const mac of new Set(charges.map((each) => each.mac))) {
    const owned = owners.get(mac)
    const charged = charges.filter((each) => each.mac === mac)
    if (owned?.owner.kind !== 'member' || charged.some(({ whose }) => isTheirs(owned, whose)))
      continue
    const emails = new Set([...charged.map(({ email }) => email), owned.owner.email])
    const owner = { kind: 'charged' as const, name: [...emails].join(' / ') }
    found.set(mac, { owner, source: owned.source })
  }
  return found
}

/** A device that a member's last post was for. */
interface ChargedDevice {
  readonly mac: Mac
  /** The e-mail that they have now; of who is no member any more, the server's id. */
  readonly whose: string
  /** For messages: that e-mail; of who is no member any more, the one that they had then. */
  readonly email: string
}

function chargesIn(
  histories: Histories,
  emailOf: (whose: string, posted: LedgerEntry) => string,
): ChargedDevice[] {
  return [...histories].flatMap(([whose, history]) => {
    const posted = lastPostIn(history)?.entry
    const macs = new Set(posted?.evidence.devices.map(({ mac }) => mac))
    return posted ? [...macs].map((mac) => ({ mac, whose, email: emailOf(whose, posted) })) : []
  })
}

interface Member {
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

async function planMember(member: Member, deps: PlanDeps): Promise<MemberPlan> {
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

/** True where a device was the member's that day, or a part of it. */
function isTheirs(owned: OwnedDevice | undefined, email: string): boolean {
  if (!owned) return false
  const { owner, passedOn } = owned
  return (owner.kind === 'member' && owner.email === email) || isTheirs(passedOn?.owned, email)
}

/**
 * The last amount the server was given. It is asked itself where the ledger can't tell: a past day of which the ledger
 * knows nothing, which something else may have charged; any such day while the audit trail can't be read, since a
 * person may have set it; and a post without an answer, when less is due now.
 */
async function lastOf(
  { day, email, seen }: Member,
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
async function heldOn(
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

function coverageNow(day: LocalDay, refreshed: readonly RoomRead[], deps: PlanDeps): Coverage[] {
  const { timeZone, rule } = deps.settings
  const window = dayWindow(day, timeZone)
  const table = slotTable(window, timeZone, rule.openingHours)
  const rollups = lookedAt(day, refreshed, deps.activity)
  return coverageOf(rollups, { window, table, now: deps.now() })
}
