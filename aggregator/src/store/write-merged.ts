/**
 * Writing an object that only grows, beside other writers: whoever comes second merges and writes again,
 * so that nobody's part is lost. Where conditional writes are refused, it is read once more right before it is
 * written, and read back afterwards: one that another writer wrote over at the same time is merged and written again.
 */
import { type PutOutcome, type Store, StoreError } from './store.ts'

/** A value that can be merged: in any order, twice, with the same result. */
export interface Mergeable<Value> {
  encode(value: Value): Uint8Array
  /** Throws when the bytes can't be used. */
  decode(bytes: Uint8Array): Value
  merge(a: Value, b: Value): Value
  /** True when `whole` has all that `part` has. */
  includes(whole: Value, part: Value): boolean
}

export interface Versioned<Value> {
  readonly value: Value
  readonly etag: string | undefined
}

/** Writers that meet on one object merge and try again: each round, one of them gets through. */
const WRITES_TRIED = 20

/**
 * Stores `value` at `key`, merged with whatever others wrote since version `etag`, and returns what is stored.
 * Throws StoreError, or what `decode` throws.
 */
export async function writeMerged<Value>(
  store: Store,
  key: string,
  { value, etag }: Versioned<Value>,
  kind: Mergeable<Value>,
): Promise<Versioned<Value>> {
  let mine = value
  let known = etag
  for (let attempt = 0; attempt < WRITES_TRIED; attempt += 1) {
    const condition = known === undefined ? { ifAbsent: true as const } : { ifMatch: known }
    let put: PutOutcome = await store.put(key, kind.encode(mine), condition)
    const isConditional = put.outcome !== 'unsupported'
    if (!isConditional) {
      // Others may have written and gone since this was read: nobody would bring theirs back.
      const last = await store.get(key)
      if (last && last.etag !== known) mine = kind.merge(kind.decode(last.bytes), mine)
      put = await store.put(key, kind.encode(mine))
    }
    if (put.outcome === 'written' && isConditional) return { value: mine, etag: put.etag }
    const there = await store.get(key)
    if (there) {
      const theirs = kind.decode(there.bytes)
      if (!isConditional && kind.includes(theirs, mine)) return { value: theirs, etag: there.etag }
      mine = kind.merge(theirs, mine)
    }
    known = there?.etag
  }
  throw new StoreError(
    `Can't write ${key} to ${store.url}: others kept writing it at the same time. Run this again.`,
  )
}
