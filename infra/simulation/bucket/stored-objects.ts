/**
 * What the programs keep in the bucket, read by its documented format with nothing of their own code: a day's
 * ledger and a room's rollup are gzipped JSON; minutes are bits in base64, minute n of the day is bit n.
 */
import { gunzipSync } from 'node:zlib'
import { instantAt } from '../runtime/civil-time.ts'
import type { Bucket, BucketObject } from './bucket.ts'

export const LEASE_KEY = 'jobs/charging.json'
export const HISTORY_KEY = 'members/history.json.gz'

export interface StoredEntry {
  readonly run: { readonly id: string; readonly kind: string }
  readonly email: string
  /** The id of the member at the ticket server, as far as it was known. */
  readonly member?: string
  readonly at: string
  readonly computed: number
  readonly decision: 'post' | 'skip' | 'hold' | 'close' | 'reopen'
  readonly reason: string
  readonly outcome?: 'intended' | 'posted' | 'refused' | 'unknown'
  readonly answer?: string
  readonly evidence: {
    readonly slots: readonly number[]
    readonly devices: readonly {
      readonly mac: string
      readonly location: string
      readonly minutes: number
      readonly slots: readonly number[]
    }[]
  }
}

export interface StoredLedger {
  readonly entries: readonly StoredEntry[]
  readonly coverage: readonly {
    readonly location: string
    readonly lookedMinutes?: number
    readonly openMinutes: number
  }[]
  readonly incomplete: readonly string[]
  /** Absent where no run has written down how the day was looked at. */
  readonly lookedAt?: string
}

export interface StoredRollup {
  /** By probe: the minutes, since 1970, of which it has a file. */
  readonly looked: ReadonlyMap<string, ReadonlySet<number>>
  /** Those of them that say themselves that they are a part of what there was to see. */
  readonly partial: ReadonlyMap<string, ReadonlySet<number>>
  /** By MAC: the minutes it was seen. */
  readonly devices: ReadonlyMap<string, ReadonlySet<number>>
  readonly hasDayFile: boolean
}

/** A day's ledger; `undefined`: there is none. Throws when it can't be read. */
export function ledgerIn(bucket: Bucket, day: string): StoredLedger | undefined {
  return jsonIn(bucket, `ledger/${day}.json.gz`)
}

/** The days of which the programs noted that they have a ledger. */
export function notedDays(bucket: Bucket): readonly string[] {
  const object = bucket.get('jobs/ledgers.json')
  return object ? JSON.parse(Buffer.from(object.bytes).toString('utf8')).days : []
}

/** One room's day; `undefined`: there is none. Throws when it can't be read. */
export function rollupIn(bucket: Bucket, location: string, day: string): StoredRollup | undefined {
  const json = jsonIn<{
    readonly probes: Record<string, { readonly looked: string; readonly partial: string }>
    readonly devices: Record<string, string>
    readonly dayFile?: unknown
  }>(bucket, rollupKey(location, day))
  if (!json) return undefined
  const first = instantAt(day, 0) / 60_000
  const sets = <From>(from: Record<string, From>, bits: (value: From) => string) =>
    new Map(Object.entries(from).map(([name, value]) => [name, minutesOf(bits(value), first)]))
  return {
    looked: sets(json.probes, ({ looked }) => looked),
    partial: sets(json.probes, ({ partial }) => partial),
    devices: sets(json.devices, (bits) => bits),
    hasDayFile: json.dayFile !== undefined,
  }
}

/**
 * The run that may charge, and until when, in milliseconds of true time: whatever its own clock says, from when it was
 * written. `undefined`: none may, or nobody can tell.
 */
export function leaseIn(
  bucket: Bucket,
): { readonly holder: string; readonly until: number } | undefined {
  const object = bucket.get(LEASE_KEY)
  const json = object && parsed(object.bytes)
  if (!object || typeof json?.holder !== 'string') return undefined
  return { holder: nameIn(json.holder), until: object.modified + Number(json.lastsMs) }
}

/** Somebody may have damaged it. */
function parsed(bytes: Uint8Array): { holder?: unknown; lastsMs?: unknown } | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

/** Where a room's day is kept. */
export function rollupKey(location: string, day: string): string {
  return `rollups/${location}/${day}.json.gz`
}

/** The name of the run that wrote an entry: its id ends with it. */
export function runOf({ run: { id } }: StoredEntry): string {
  return nameIn(id)
}

/** What a run decides anew, after its posts, it writes down under a name of its own. */
const AFTERWARDS = /-after$/

function nameIn(id: string): string {
  const of = id.replace(AFTERWARDS, '')
  return of.slice(of.lastIndexOf('-') + 1)
}

/** What never changes is read once: the same object is asked for at each post. */
const known = new WeakMap<BucketObject, unknown>()

function jsonIn<Json>(bucket: Bucket, key: string): Json | undefined {
  const object = bucket.get(key)
  if (!object) return undefined
  const json = known.get(object) ?? JSON.parse(gunzipSync(object.bytes).toString('utf8'))
  known.set(object, json)
  return json as Json
}

function minutesOf(base64: string, first: number): Set<number> {
  const minutes = new Set<number>()
  for (const [byte, bits] of Buffer.from(base64, 'base64').entries()) {
    for (let bit = 0; bit < 8; bit += 1) if (bits & (1 << bit)) minutes.add(first + byte * 8 + bit)
  }
  return minutes
}
