/** A day's ledger as an object in the store: gzipped JSON with a version. An unknown version is refused. */
import { type LocalDay, type Mac, parseLocalDay, parseMac } from '@presences/shared'
import { z } from 'zod'
import { decodeVersioned, encodeVersioned } from '../store/versioned-object.ts'
import type { Mergeable } from '../store/write-merged.ts'
import { type DayLedger, includesLedger, mergeLedgers } from './ledger.ts'

/** A stored ledger that can't be used. Nothing is charged for its day until somebody has looked. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError'
}

export const LEDGER_PREFIX = 'ledger/'
const VERSION = 1

const day = z.custom<LocalDay>(
  (text) => typeof text === 'string' && parseLocalDay(text) !== undefined,
)
const mac = z.custom<Mac>((text) => typeof text === 'string' && parseMac(text) === text)
const amount = z.union([z.literal(0), z.literal(0.5), z.literal(1)])
const count = z.int().nonnegative()
const rule = z.object({
  openingHours: z.object({ firstMinute: count, lastMinute: count }),
  halfDaySlots: count,
  fullDaySlots: count,
})
const device = z.object({
  mac,
  location: z.string(),
  minutes: count,
  slots: z.array(count),
  source: z.enum(['map', 'registered-late', 'audit']),
})
const entry = z.object({
  run: z.object({
    id: z.string().min(1),
    kind: z.enum(['nightly', 'upload', 'replay', 'catch-up', 'close', 'rebuild']),
    by: z.string(),
  }),
  email: z.string(),
  member: z.string().min(1).exactOptional(),
  at: z.iso.datetime(),
  computed: amount,
  decision: z.enum(['post', 'skip', 'hold', 'close', 'reopen']),
  reason: z.string(),
  outcome: z.enum(['intended', 'posted', 'refused', 'unknown']).exactOptional(),
  answer: z.string().exactOptional(),
  person: z
    .object({ value: z.number(), comment: z.string(), author: z.string().optional() })
    .transform(({ author, ...rest }) => ({ ...rest, author }))
    .exactOptional(),
  evidence: z.object({ slots: z.array(count), devices: z.array(device), rule }),
})
const schema = z.object({
  version: z.literal(VERSION),
  day,
  lookedAt: z.string(),
  coverage: z.array(
    z.object({
      location: z.string(),
      lookedMinutes: count.optional().transform((minutes) => minutes),
      openMinutes: count,
    }),
  ),
  incomplete: z.array(z.string()),
  entries: z.array(entry),
})

/** The key of a day's ledger: `ledger/<YYYY-MM-DD>.json.gz`. */
export function formatLedgerKey(of: LocalDay): string {
  return `${LEDGER_PREFIX}${of}.json.gz`
}

/** The bytes of a ledger. Throws LedgerError for what can't be read again. */
export function encodeLedger(ledger: DayLedger): Uint8Array {
  return encodeVersioned(
    { version: VERSION, ...ledger },
    (reason) => new LedgerError(`Can't write ${formatLedgerKey(ledger.day)}: ${reason}`),
  )
}

/** Reads the ledger stored at `key`. Throws LedgerError saying what is wrong and what to do. */
export function decodeLedger(bytes: Uint8Array, key: string): DayLedger {
  const data = decodeVersioned(bytes, key, {
    version: VERSION,
    schema,
    damaged: (cause) => damaged(key, cause),
    otherVersion: (message) => new LedgerError(message),
  })
  const { version: _, coverage, ...ledger } = data
  if (formatLedgerKey(ledger.day) !== key) throw damaged(key, 'it is of another day')
  return {
    ...ledger,
    coverage: coverage.map(({ location, openMinutes, lookedMinutes }) => ({
      location,
      openMinutes,
      lookedMinutes,
    })),
  }
}

/** A day's ledger, as something writers merge. */
export function mergeableLedger(key: string): Mergeable<DayLedger> {
  return {
    encode: encodeLedger,
    decode: (bytes) => decodeLedger(bytes, key),
    merge: mergeLedgers,
    includes: includesLedger,
  }
}

function damaged(key: string, cause: string): LedgerError {
  return new LedgerError(
    `Can't use ${key}: ${cause}. It says what was charged that day, and why: restore it from a copy (the bucket's versions). Only where there is none, move it away and run "ledger rebuild": that makes again what the ticket server knows, not why.`,
  )
}
