/**
 * What was charged, and why: one ledger a day. Entries are only ever added, and an entry only ever moves
 * forward (intended, then settled), so that merging two copies, in any order, loses nothing.
 */
import type { LocalDay, Mac } from '@presences/shared'
import type { Amount } from '../domain/amount.ts'
import type { Coverage } from '../domain/coverage.ts'
import type { OwnershipSource } from '../domain/ownership.ts'
import type { PersonsValue } from '../domain/persons-value.ts'
import type { Rule } from '../domain/rule.ts'

/** Which run wrote an entry, and who asked for it. */
export interface Run {
  /** Unique; the same for all entries of one run. */
  readonly id: string
  readonly kind: 'nightly' | 'upload' | 'replay' | 'catch-up' | 'close' | 'rebuild'
  /** Who asked: `timer`, `cli ana@box`, `http 1` (the number of the token); of `close`, who says so. */
  readonly by: string
}

/** Why an amount was computed, in short: enough to explain it when raw files are gone. */
export interface Evidence {
  readonly slots: readonly number[]
  readonly devices: readonly {
    readonly mac: Mac
    readonly location: string
    readonly minutes: number
    readonly slots: readonly number[]
    readonly source: OwnershipSource
  }[]
  /** The rule in force. */
  readonly rule: Rule
}

export type Decision = 'post' | 'skip' | 'hold'

/** What a person says of a member's day: nothing more is to be done for it; or, after all, it is. The last one stands. */
export type Statement = 'close' | 'reopen'

/** What became of a decision to post: `intended` is written before, the others after the request. */
export type Outcome =
  | 'intended'
  | 'posted'
  /** The server refused it (4xx): it was not stored. */
  | 'refused'
  /** No good answer: it may have been stored. */
  | 'unknown'

export interface LedgerEntry {
  readonly run: Run
  /** Of a closed day with nobody to charge, the name under which runs tell of it. */
  readonly email: string
  /** The ticket server's id of the member, as far as it was known. */
  readonly member?: string
  /** ISO instant the decision was taken. */
  readonly at: string
  readonly computed: Amount
  readonly decision: Decision | Statement
  /** Why, in words. */
  readonly reason: string
  /** Only for `post`. */
  readonly outcome?: Outcome
  /** The ticket server's answer, or what failed: to a post, or to putting back what a person had set. */
  readonly answer?: string
  /** What a person had set for this day by then: kept, since the audit trail is not read back for ever. */
  readonly person?: PersonsValue
  readonly evidence: Evidence
}

export interface DayLedger {
  readonly day: LocalDay
  readonly entries: readonly LedgerEntry[]
  /** As of the last run that looked at the day. */
  readonly coverage: readonly Coverage[]
  /** Locations looked at less than `MIN_COVERAGE`: the day is to be looked at again. */
  readonly incomplete: readonly string[]
  /** ISO instant of that look; empty when there was none. */
  readonly lookedAt: string
}

/** A ledger in which nothing has been written yet. */
export function emptyLedger(day: LocalDay): DayLedger {
  return { day, entries: [], coverage: [], incomplete: [], lookedAt: '' }
}

/**
 * Both ledgers in one: every entry of either. Of an entry that both have, the one that has gone further;
 * of the coverage, the later look. The order of the arguments does not matter.
 */
export function mergeLedgers(a: DayLedger, b: DayLedger): DayLedger {
  const entries = new Map<string, LedgerEntry>()
  for (const entry of [...a.entries, ...b.entries]) {
    const key = keyOf(entry)
    const known = entries.get(key)
    if (!known || isFurther(entry, known)) entries.set(key, entry)
  }
  const later = isLaterLook(a, b) ? a : b
  return {
    day: a.day,
    entries: [...entries.values()].sort(inOrder),
    coverage: later.coverage,
    incomplete: later.incomplete,
    lookedAt: later.lookedAt,
  }
}

/** True when `whole` has every entry of `part`, gone as far or further. */
export function includesLedger(whole: DayLedger, part: DayLedger): boolean {
  const entries = new Map(whole.entries.map((entry) => [keyOf(entry), entry]))
  return part.entries.every((entry) => {
    const there = entries.get(keyOf(entry))
    return there !== undefined && !isFurther(entry, there)
  })
}

/** How a day was looked at. */
type Looked = Pick<DayLedger, 'coverage' | 'incomplete'>

/** True when both ledgers say the same of how the day was looked at. */
export function hasSameCoverage(a: Looked, b: Looked): boolean {
  return coverageText(a) === coverageText(b)
}

/** A member's entries, earliest first; `emailOf` gives the e-mail now of whom an entry is about. */
export function entriesOf(
  ledger: DayLedger,
  email: string,
  emailOf: (entry: LedgerEntry) => string | undefined,
): LedgerEntry[] {
  return ledger.entries.filter((entry) => emailOf(entry) === email)
}

/**
 * The last amount given to the ticket server according to a member's entries: refused posts were not stored; one
 * whose answer was lost, or that nobody lived to write down, may have been.
 */
export function lastPostIn(
  entries: readonly LedgerEntry[],
): { readonly entry: LedgerEntry; readonly isCertain: boolean } | undefined {
  const entry = entries.findLast(
    ({ decision, outcome }) => decision === 'post' && outcome !== 'refused',
  )
  return entry && { entry, isCertain: entry.outcome === 'posted' }
}

/**
 * The entries by which a member was to be charged, or would have been, had something been known; whatever became of it.
 * What they were for may be lost since.
 */
export function meantIn(entries: readonly LedgerEntry[]): LedgerEntry[] {
  return entries.filter(
    ({ decision, computed }) => computed > 0 && (decision === 'post' || decision === 'hold'),
  )
}

/** The entry with which a person closed what these are about; `undefined`: nobody did, or it was reopened since. */
export function closingIn(entries: readonly LedgerEntry[]): LedgerEntry | undefined {
  const last = entries.findLast(({ decision }) => decision === 'close' || decision === 'reopen')
  return last?.decision === 'close' ? last : undefined
}

/** How far an entry has gone: a run decides once for a member and day, then learns what came of it. */
const PROGRESS: readonly (Outcome | undefined)[] = [
  undefined,
  'intended',
  'unknown',
  'refused',
  'posted',
]

function isFurther(entry: LedgerEntry, than: LedgerEntry): boolean {
  const further = PROGRESS.indexOf(entry.outcome) - PROGRESS.indexOf(than.outcome)
  return further > 0 || (further === 0 && rankOf(entry) > rankOf(than))
}

/** A run decides once for a member and day: this only makes merging the same in any order, come what may. */
function rankOf({ run, at, computed, decision, reason, answer = '' }: LedgerEntry): string {
  return [at, computed, decision, reason, answer, run.kind, run.by].join('\n')
}

function isLaterLook(a: DayLedger, b: DayLedger): boolean {
  if (a.lookedAt !== b.lookedAt) return a.lookedAt > b.lookedAt
  return coverageText(a) > coverageText(b)
}

function coverageText({ coverage, incomplete }: Looked): string {
  const lines = coverage.map((each) =>
    [each.location, each.lookedMinutes, each.openMinutes].join(' '),
  )
  return [...lines, ...incomplete].join('\n')
}

/** An address may have been two persons' on one day. */
function keyOf({ run, email, member }: LedgerEntry): string {
  return member === undefined ? `${run.id} ${email}` : `${run.id} ${email} ${member}`
}

/** Of two runs that decided at one instant, the one that did not live to say what came of it counts as the earlier. */
function inOrder(a: LedgerEntry, b: LedgerEntry): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1
  if (a.email !== b.email) return a.email < b.email ? -1 : 1
  const open = Number(b.outcome === 'intended') - Number(a.outcome === 'intended')
  return open || (keyOf(a) < keyOf(b) ? -1 : 1)
}
