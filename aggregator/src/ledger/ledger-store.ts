/** Ledgers in the store: one object a day, and one that says when there began to be ledgers. */
import { addDays, type LocalDay, parseLocalDay } from '@presences/shared'
import { z } from 'zod'
import { type Aside, setAside } from '../store/notes.ts'
import type { Store } from '../store/store.ts'
import { type Versioned, writeMerged } from '../store/write-merged.ts'
import { type DayLedger, emptyLedger, includesLedger, mergeLedgers } from './ledger.ts'
import {
  decodeLedger,
  formatLedgerKey,
  LEDGER_PREFIX,
  LedgerError,
  mergeableLedger,
} from './ledger-codec.ts'

const START_KEY = `${LEDGER_PREFIX}start.json`

const startSchema = z.object({
  version: z.literal(1),
  firstDay: z.custom<LocalDay>(
    (text) => typeof text === 'string' && parseLocalDay(text) !== undefined,
  ),
})

/** A day's ledger as stored; empty when there is none. Throws StoreError or LedgerError. */
export async function readLedger(store: Store, day: LocalDay): Promise<Versioned<DayLedger>> {
  const key = formatLedgerKey(day)
  const object = await store.get(key)
  if (!object) return { value: emptyLedger(day), etag: undefined }
  return { value: decodeLedger(object.bytes, key), etag: object.etag }
}

/**
 * Stores what was decided on a ledger and is to be done now; returns what is stored. Throws LedgerError when there is
 * what the decisions did not know of: a store that shows an old version for a while tells so only when it is
 * written to. Nothing may be done then. Throws StoreError too.
 */
export function writeIntentions(
  store: Store,
  ledger: Versioned<DayLedger>,
): Promise<Versioned<DayLedger>> {
  const key = formatLedgerKey(ledger.value.day)
  return writeMerged(store, key, ledger, {
    ...mergeableLedger(key),
    merge: (theirs, mine) => {
      if (includesLedger(mine, theirs)) return mergeLedgers(theirs, mine)
      throw new LedgerError(
        `${key} has entries that were not there when it was read: another run wrote it, or the store showed an old version. Run this again.`,
      )
    },
  })
}

/** Stores a ledger, merged with what others wrote meanwhile; returns what is stored. Throws StoreError or LedgerError. */
export function writeLedger(
  store: Store,
  ledger: Versioned<DayLedger>,
): Promise<Versioned<DayLedger>> {
  const key = formatLedgerKey(ledger.value.day)
  return writeMerged(store, key, ledger, mergeableLedger(key))
}

/** The days that have a ledger, in their order. Throws StoreError. */
export async function ledgerDays(store: Store): Promise<LocalDay[]> {
  const days: LocalDay[] = []
  for await (const { key } of store.list(LEDGER_PREFIX)) {
    const day = parseLocalDay(key.slice(LEDGER_PREFIX.length, LEDGER_PREFIX.length + 10))
    if (day !== undefined && formatLedgerKey(day) === key) days.push(day)
  }
  return days
}

/**
 * The day of the first run that was to charge with a ledger; `today`, and so written down, when this is it. A day up to
 * then may have been charged by the scripts before. One of a day to come, as a clock that was wrong has left it, is set
 * aside: the first ledger tells then. Throws StoreError or LedgerError.
 */
export async function ledgerFirstDay(
  store: Store,
  today: LocalDay,
  aside: Aside,
): Promise<LocalDay> {
  const there = await store.get(START_KEY)
  const firstDay = there && decodeStart(there.bytes)
  // A run that began before midnight may come to this after one that began after it.
  if (firstDay !== undefined && firstDay <= addDays(today, 1)) return firstDay
  if (there) {
    const why = `it begins on ${firstDay}, a day to come`
    await setAside(store, START_KEY, there.bytes, why, aside)
  }
  const [first = today] = there ? await ledgerDays(store) : []
  const begun = first < today ? first : today
  const bytes = encodeStart(begun)
  const condition = there ? { ifMatch: there.etag } : { ifAbsent: true as const }
  const put = await store.put(START_KEY, bytes, condition)
  if (put.outcome === 'unsupported') await store.put(START_KEY, bytes)
  const stored = await store.get(START_KEY)
  return stored ? decodeStart(stored.bytes) : begun
}

/** The day of the first run that was to charge; `undefined`: it is not written down. Throws StoreError or LedgerError. */
export async function readFirstDay(store: Store): Promise<LocalDay | undefined> {
  const there = await store.get(START_KEY)
  return there && decodeStart(there.bytes)
}

/**
 * Writes the day of the first run that was to charge, unless an earlier one is there; returns what is there then. Throws
 * StoreError or LedgerError.
 */
export async function writeFirstDay(store: Store, day: LocalDay): Promise<LocalDay> {
  const known = await readFirstDay(store)
  if (known !== undefined && known <= day) return known
  await store.put(START_KEY, encodeStart(day))
  return day
}

function encodeStart(firstDay: LocalDay): Uint8Array {
  return Buffer.from(JSON.stringify({ version: 1, firstDay }))
}

function decodeStart(bytes: Uint8Array): LocalDay {
  try {
    return startSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).firstDay
  } catch (cause) {
    throw new LedgerError(
      `Can't use ${START_KEY}: it is not {"version":1,"firstDay":"YYYY-MM-DD"}. Restore it from a copy, or write the day this system first charged.`,
      { cause },
    )
  }
}
