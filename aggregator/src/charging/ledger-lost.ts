/**
 * Whether the ledger is lost. It began before the first post, so that without a beginning, or with a later one than the
 * history of members knows of, what was charged is not known any more. A rollup, or a map that `members import-audit`
 * saw, says nothing of charges: a new space may have those for weeks.
 */
import type { LocalDay } from '@presences/shared'
import type { LedgerMarks } from '../ledger/ledger-marks.ts'
import { ledgerDays, readFirstDay } from '../ledger/ledger-store.ts'
import { lostLedger } from '../ledger/lost-ledger.ts'
import { readHistory } from '../members/history-store.ts'
import type { MapHistory } from '../members/map-history.ts'
import { readOnly } from '../store/read-only-store.ts'
import type { Store } from '../store/store.ts'
import { readMemory } from './nightly-memory.ts'

/**
 * Throws LedgerError where the ledger has no beginning and anything else tells that there was one before `today`. Throws
 * StoreError and HistoryError.
 */
export async function refuseLostLedger(store: Store, today: LocalDay): Promise<void> {
  if ((await readFirstDay(store)) !== undefined) return
  const why = await traceOf(store, today)
  if (why !== undefined) throw lostLedger(`it has no beginning (start.json), but ${why}`)
}

/** True when anything tells that this system has charged, or was to, before `today`. Throws StoreError, LedgerError and HistoryError. */
export async function hasCharged(store: Store, today: LocalDay): Promise<boolean> {
  return (await readFirstDay(store)) !== undefined || (await traceOf(store, today)) !== undefined
}

/**
 * Each day that something tells to be the first that this system was to charge, earliest first. The first map does not:
 * a space may have had those for weeks before. Throws StoreError or LedgerError.
 */
export async function beginningsTold(
  store: Store,
  chargedSince: LocalDay | undefined,
): Promise<LocalDay[]> {
  return [await readFirstDay(store), chargedSince].filter((day) => day !== undefined).sort()
}

/** Throws LedgerError where the ledger begins later than what the history of members knows was to be charged. */
export function refuseLaterLedger(beginning: LocalDay, { chargedSince }: MapHistory): void {
  if (chargedSince === undefined || chargedSince >= beginning) return
  throw lostLedger(`it begins on ${beginning}, but ${sinceByMembers(chargedSince)}`)
}

/**
 * Throws LedgerError where several days have lost their ledger: a copy of before was put back, or worse. A single one
 * holds nobody else back.
 */
export function refuseLostDays({ lost: days }: LedgerMarks): void {
  if (days.length < 2) return
  throw lostLedger(`${days.length} days have lost theirs, from ${days[0]} to ${days.at(-1)}`)
}

/** In words what tells that this system has charged before; `undefined`: nothing does. */
async function traceOf(store: Store, today: LocalDay): Promise<string | undefined> {
  const { chargedSince } = await readHistory(store)
  if (chargedSince !== undefined && chargedSince < today) return sinceByMembers(chargedSince)
  const [first] = await ledgerDays(store)
  if (first !== undefined && first < today) return `there is a ledger of ${first}`
  // Whatever is damaged of it, the run itself sets aside, and tells.
  const memory = await readMemory(readOnly(store), { now: () => new Date(0), onSetAside: () => {} })
  return memory && `jobs/ tells of runs${memory.lastRun ? `, the last on ${memory.lastRun}` : ''}`
}

function sinceByMembers(day: LocalDay): string {
  return `by members/ this system charged since ${day}`
}
