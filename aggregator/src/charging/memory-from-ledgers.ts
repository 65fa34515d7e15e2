/**
 * What the ledgers know of what the nightly run did and left undone: less than its memory did, since a day that could
 * not be read has none. So every recent day is looked at again, and of older ones those whose ledger is not closed.
 */
import { addDays, daysBetween, type LocalDay, localDayOf } from '@presences/shared'
import pMap from 'p-map'
import type { DayLedger, LedgerEntry } from '../ledger/ledger.ts'
import { LedgerError } from '../ledger/ledger-codec.ts'
import { ledgerDays, readLedger } from '../ledger/ledger-store.ts'
import type { Store } from '../store/store.ts'
import { PROPOSED_DAYS } from './proposals.ts'

export interface LedgersDeps {
  readonly store: Store
  readonly today: LocalDay
  readonly ledgerFirstDay: LocalDay
}

const LEDGERS_AT_ONCE = 8

/** When a nightly run charged last, and the days that may have something left undone. Throws StoreError. */
export async function memoryFromLedgers({ store, today, ledgerFirstDay }: LedgersDeps): Promise<{
  readonly lastRun: LocalDay | undefined
  readonly openDays: readonly LocalDay[]
}> {
  const past = (await ledgerDays(store)).filter((day) => day <= today)
  const ledgers = await pMap(past, (day) => ledgerOf(day, store), { concurrency: LEDGERS_AT_ONCE })
  const nights = past.filter((_, at) => ledgers[at]?.entries.some(isNightly))
  const recentFrom = addDays(today, -PROPOSED_DAYS)
  const first = ledgerFirstDay > recentFrom ? ledgerFirstDay : recentFrom
  const recent = first < today ? daysBetween(first, addDays(today, -1)) : []
  const old = past.filter((day, at) => day < first && !isClosed(ledgers[at]))
  return { lastRun: nights.at(-1), openDays: [...old, ...recent] }
}

/**
 * A day after `lastRun` and before today on which a night charged; `undefined`: none. A night of today may have been
 * killed before it could say so. Throws StoreError.
 */
export async function nightSince(
  lastRun: LocalDay,
  { store, today }: LedgersDeps,
): Promise<LocalDay | undefined> {
  // After a night without trouble there is nothing to ask.
  if (lastRun >= addDays(today, -1)) return undefined
  const since = (await ledgerDays(store)).filter((day) => day > lastRun && day < today)
  for (const day of since) {
    if ((await ledgerOf(day, store))?.entries.some(isNightly)) return day
  }
  return undefined
}

/**
 * The last day on which a run looked at anything, at `now` or before: runs of a clock that was ahead are left out.
 * Throws StoreError.
 */
export async function lastRunIn(
  store: Store,
  now: Date,
  timeZone: string,
): Promise<LocalDay | undefined> {
  const days = (await ledgerDays(store)).filter((day) => day <= localDayOf(now, timeZone))
  const ledgers = await pMap(days, (day) => ledgerOf(day, store), { concurrency: LEDGERS_AT_ONCE })
  const instants = ledgers
    .flatMap((ledger) => [ledger?.lookedAt ?? '', ...(ledger?.entries ?? []).map(({ at }) => at)])
    .filter((at) => at !== '' && at <= now.toISOString())
  const last = instants.sort().at(-1)
  return last === undefined ? undefined : localDayOf(new Date(last), timeZone)
}

/** `undefined`: it can't be read. */
async function ledgerOf(day: LocalDay, store: Store): Promise<DayLedger | undefined> {
  try {
    return (await readLedger(store, day)).value
  } catch (error) {
    if (error instanceof LedgerError) return undefined
    throw error
  }
}

function isNightly({ run }: LedgerEntry): boolean {
  return run.kind === 'nightly'
}

/** Each member's last entry leaves nothing to do. */
function isClosed(ledger: DayLedger | undefined): boolean {
  const last = new Map(ledger?.entries.map((entry) => [entry.email, entry]))
  return ledger !== undefined && [...last.values()].every(isDone)
}

function isDone({ decision, outcome }: LedgerEntry): boolean {
  return (
    decision === 'skip' || decision === 'close' || (decision === 'post' && outcome === 'posted')
  )
}
