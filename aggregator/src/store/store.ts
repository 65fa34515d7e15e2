/**
 * The port to object storage: what rollups, the member map's history and the ledger ask of it.
 * Two adapters, `s3-store.ts` and `folder-store.ts`; one contract suite, `testing/store-contract.ts`, for both.
 */
import { LIMITS, tooLarge } from '@presences/shared'

/** An object as a listing shows it. `etag` changes whenever the content does. */
export interface ObjectInfo {
  readonly key: string
  readonly etag: string
  readonly sizeBytes: number
  readonly modified: Date
}

export interface StoredObject {
  readonly bytes: Uint8Array
  readonly etag: string
  /** Absent where the store's answer does not tell them. */
  readonly times?: StoreTimes
}

/** Instants of the store's own clock, cut to whole seconds by some: this machine's may be wrong. */
export interface StoreTimes {
  /** When the object was written. */
  readonly modified: Date
  /** When the store gave this answer. */
  readonly answered: Date
}

/** Write only over the version with this etag, or only where nothing is yet. */
export type PutCondition = { readonly ifMatch: string } | { readonly ifAbsent: true }

/**
 * `conflict`: the condition does not hold, nothing was written. `unsupported`: this server refuses
 * conditional writes (501, OpenStack Swift), nothing was written. Both come with a condition only.
 * A server may also ignore conditions: `doctor` finds out, a write can't.
 */
export type PutOutcome =
  | { readonly outcome: 'written'; readonly etag: string }
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'unsupported' }

/** Every method throws StoreError when the storage can't be used, after its retries. */
export interface Store {
  /** Where this is, for messages: `s3://bucket/prefix`, `file:///folder`. */
  readonly url: string
  /** Every object whose key begins with `prefix`, in the order of the keys' UTF-8 bytes. */
  list(prefix: string): AsyncIterable<ObjectInfo>
  /** Names of the folders directly under `prefix` (`''` or ending with `/`), sorted, without slashes. */
  folders(prefix: string): Promise<string[]>
  /**
   * The object, or `undefined` when there is none. Throws TooLargeError when it has more than `mostBytes`, by default
   * those of an object of our own: no more than that is read of it, whatever its size was said to be.
   */
  get(key: string, mostBytes?: number): Promise<StoredObject | undefined>
  /** Writes an object whole, or, when `condition` does not hold, or `get` would refuse it, not at all. */
  put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<PutOutcome>
}

/** The storage can't be used. The message is one line: verb, object, cause, what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/** Throws StoreError for an object of our own that could not be read again. */
export function refuseUnreadable(key: string, { length }: Uint8Array): void {
  if (length <= LIMITS.storedBytes) return
  throw new StoreError(
    `Write ${JSON.stringify(key)}: it would have ${length} bytes, and no more than ${LIMITS.storedBytes} can be read again; nothing was written: report it with this message`,
  )
}

/** An object is too large to be read. It stays so until somebody has looked: nothing is tried again. */
export class TooLargeError extends StoreError {
  /** Without where it is: how large it is, and what to do. */
  readonly reason: string

  /** `where`: as messages name it; `bytes`: how many it has, or how many came before it was cut off. */
  constructor(where: string, bytes: number, mostBytes: number) {
    const reason = tooLarge(bytes, mostBytes)
    super(`Read ${where}: ${reason}`)
    this.reason = reason
  }
}
