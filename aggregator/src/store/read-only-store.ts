/**
 * A store for previews and dry runs: reads come from the one underneath, writes stay in this process,
 * where later reads see them. So a dry run is the same code over another store.
 */
import { createHash } from 'node:crypto'
import { LIMITS } from '@presences/shared'
import { compareKeys } from './key-order.ts'
import {
  type ObjectInfo,
  type PutCondition,
  type PutOutcome,
  refuseUnreadable,
  type Store,
  type StoredObject,
  TooLargeError,
} from './store.ts'

interface Kept extends StoredObject {
  readonly modified: Date
}

/** `store`, read through; nothing is ever written to it. */
export function readOnly(store: Store, now: () => Date = () => new Date()): Store {
  const kept = new Map<string, Kept>()
  let writes = 0

  return { url: store.url, list, folders, get, put }

  async function* list(prefix: string): AsyncGenerator<ObjectInfo> {
    const own = [...kept.keys()].filter((key) => key.startsWith(prefix)).sort(compareKeys)
    for await (const info of store.list(prefix)) {
      while (own[0] !== undefined && compareKeys(own[0], info.key) < 0) yield* keptInfo(own.shift())
      if (own[0] === info.key) yield* keptInfo(own.shift())
      // Written after this listing began: what `own` does not hold is shown as it is underneath.
      else yield info
    }
    for (const key of own) yield* keptInfo(key)
  }

  function* keptInfo(key = ''): Generator<ObjectInfo> {
    const object = kept.get(key)
    if (!object) return
    const { etag, bytes, modified } = object
    yield { key, etag, sizeBytes: bytes.length, modified }
  }

  async function folders(prefix: string): Promise<string[]> {
    const names = new Set(await store.folders(prefix))
    for (const key of kept.keys()) {
      const end = key.startsWith(prefix) ? key.indexOf('/', prefix.length) : -1
      if (end > prefix.length) names.add(key.slice(prefix.length, end))
    }
    return [...names].sort(compareKeys)
  }

  async function get(
    key: string,
    mostBytes = LIMITS.storedBytes,
  ): Promise<StoredObject | undefined> {
    const object = kept.get(key)
    if (!object) return store.get(key, mostBytes)
    const { length } = object.bytes
    if (length > mostBytes) throw new TooLargeError(key, length, mostBytes)
    const times = { modified: object.modified, answered: now() }
    return { bytes: new Uint8Array(object.bytes), etag: object.etag, times }
  }

  async function put(
    key: string,
    bytes: Uint8Array,
    condition?: PutCondition,
  ): Promise<PutOutcome> {
    refuseUnreadable(key, bytes)
    if (condition) {
      const underneath = kept.has(key) ? undefined : await store.get(key)
      // Nothing waits between this and the write: of several writers one finds its condition true.
      const etag = (kept.get(key) ?? underneath)?.etag
      const holds = 'ifAbsent' in condition ? etag === undefined : etag === condition.ifMatch
      if (!holds) return { outcome: 'conflict' }
    }
    writes += 1
    const etag = createHash('sha256').update(`${writes}:`).update(bytes).digest('hex')
    // A copy; `slice` of a Buffer would be none.
    kept.set(key, { bytes: new Uint8Array(bytes), etag, modified: now() })
    return { outcome: 'written', etag }
  }
}
