/**
 * The story of making a lost ledger again from what the ticket server has: later runs then know what is charged already, and
 * since when. What is there stays; entries are only added. Reasons, evidence and closings are gone for good.
 */
import { addDays, type LocalDay } from '@presences/shared'
import pMap from 'p-map'
import type { PersonsValue } from '../domain/persons-value.ts'
import type { Rule } from '../domain/rule.ts'
import { type DayLedger, type LedgerEntry, mergeLedgers, type Run } from '../ledger/ledger.ts'
import { LedgerError } from '../ledger/ledger-codec.ts'
import type { LedgerMarks } from '../ledger/ledger-marks.ts'
import { readLedger, writeFirstDay, writeLedger } from '../ledger/ledger-store.ts'
import { rebuiltEntry } from '../ledger/rebuilt-entry.ts'
import type { MapHistory } from '../members/map-history.ts'
import { noLongerListed } from '../members/no-longer-listed.ts'
import type { Store } from '../store/store.ts'
import {
  type AuditTrail,
  type ListedMember,
  type Tickets,
  TicketsError,
} from '../tickets/tickets.ts'
import { AUDIT_MARGIN_DAYS } from './questions.ts'

export interface RebuildDeps {
  readonly store: Store
  readonly tickets: Pick<Tickets, 'members' | 'auditTrail' | 'storedAmounts'>
  readonly run: Run
  readonly now: () => Date
  readonly rule: Rule
  readonly marks: LedgerMarks
  /** Who had devices: some may be no members any more. */
  readonly history: MapHistory
}

/** The days to make again, and the day on which the ledger begins, at the latest. */
export interface LedgerPeriod {
  readonly days: readonly LocalDay[]
  readonly beginning: LocalDay
}

export interface LedgerRebuilt {
  /** What was added, day by day. */
  readonly added: readonly { readonly day: LocalDay; readonly entry: LedgerEntry }[]
  readonly firstDay: LocalDay
  /** What could not be made again, a sentence each. */
  readonly faults: readonly string[]
  /** Who had devices then and is no member any more: the ticket server can't be asked about them, now or later. */
  readonly gone: readonly string[]
}

/** One member's days, with what they had on each. */
interface MemberDays {
  readonly email: string
  readonly id: string
  readonly stored: ReadonlyMap<LocalDay, number>
}

/** The server's own limit is not known: it is asked gently, as for previews. */
const MEMBERS_AT_ONCE = 4

/**
 * Adds what the ledgers of `days` do not say. Throws StoreError, TicketsError when the server can't be asked, or
 * LedgerError where it can't tell what people set.
 */
export async function rebuildLedger(
  { days, beginning }: LedgerPeriod,
  deps: RebuildDeps,
): Promise<LedgerRebuilt> {
  const { store, tickets, history } = deps
  const [first = beginning] = days
  const faults: string[] = []
  const members = await tickets.members()
  const trail = await tickets.auditTrail(addDays(first, -AUDIT_MARGIN_DAYS))
  if (trail.unsure?.includes('')) {
    throw new LedgerError(
      `Nothing was made again, since what a person set would be taken for charged: ${trail.faults[0]}. Run this again later, or from a later day with --from`,
    )
  }
  faults.push(...trail.faults)
  const sure = members.filter(({ email }) => isSure(email, trail, faults))
  const asked = await pMap(sure, (member) => daysOf(member, tickets, faults), {
    concurrency: MEMBERS_AT_ONCE,
  })
  const known = asked.filter((member) => member !== undefined)
  const added: LedgerRebuilt['added'][number][] = []
  for (const day of days) {
    const entries = await rebuildDay(day, known, trail, faults, deps)
    added.push(...entries.map((entry) => ({ day, entry })))
  }
  const gone = noLongerListed(history, { first, last: days.at(-1) ?? first }, members)
  return { added, firstDay: await writeFirstDay(store, beginning), faults, gone }
}

/** False where a person may have set any of their days, and nobody can tell: it would be taken for a post of ours. */
function isSure(email: string, { unsure = [] }: AuditTrail, faults: string[]): boolean {
  const isTold = email === '' || !unsure.includes(email)
  if (!isTold) faults.push(`${email} was left out: what people set for them is not known for sure`)
  return isTold
}

/** `undefined`: nobody can be charged by an e-mail that is not there, or the server says no. */
async function daysOf(
  { id, email }: ListedMember,
  tickets: RebuildDeps['tickets'],
  faults: string[],
): Promise<MemberDays | undefined> {
  if (email === '') return undefined
  try {
    return { id, email, stored: await tickets.storedAmounts(email) }
  } catch (error) {
    if (!(error instanceof TicketsError) || error.kind !== 'refused') throw error
    faults.push(error.message)
    return undefined
  }
}

async function rebuildDay(
  day: LocalDay,
  members: readonly MemberDays[],
  { corrections }: AuditTrail,
  faults: string[],
  { store, run, now, rule, marks }: RebuildDeps,
): Promise<LedgerEntry[]> {
  const persons = new Map<string, PersonsValue>()
  for (const { email, value, comment, author } of corrections.filter((each) => each.day === day)) {
    persons.set(email, { value, comment, author })
  }
  const told = members.filter(({ email, stored }) => stored.has(day) || persons.has(email))
  const isLost = marks.lost.includes(day)
  if (told.length === 0 && !isLost) return []
  const ledger = await readLedger(store, day).catch((error: unknown) => {
    if (!(error instanceof LedgerError)) throw error
    faults.push(error.message)
    return undefined
  })
  if (!ledger) return []
  const at = now().toISOString()
  const entries = told.flatMap(({ email, id, stored }) => {
    const history = ledger.value.entries.filter((entry) =>
      entry.member === undefined ? entry.email === email : entry.member === id,
    )
    const amount = stored.get(day) ?? 0
    const member = { email, id, stored: amount, person: persons.get(email) }
    const entry = rebuiltEntry(member, history, { run, at, rule })
    if (entry === 'unexplained') {
      faults.push(
        `${day} ${email}: the ticket server has ${amount}, and the audit trail names nobody who set it: left out`,
      )
    }
    return typeof entry === 'string' ? [] : [entry]
  })
  // One that is lost is there again, whoever was charged on it: the next night looks at the day.
  if (entries.length === 0 && !isLost) return []
  await writeLedger(store, { ...ledger, value: withEntries(ledger.value, entries, at) })
  return entries
}

/** With nobody charged the next run is the first that looks at the day, as far as anybody knows. */
function withEntries(ledger: DayLedger, entries: readonly LedgerEntry[], at: string): DayLedger {
  const isNew = ledger.lookedAt === '' && entries.length > 0
  const looked = isNew ? { ...ledger, lookedAt: at } : ledger
  return mergeLedgers(looked, { ...looked, entries })
}
