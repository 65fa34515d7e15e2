/**
 * The bucket, in memory: objects, listings in the order of keys, conditional writes. What a store of the
 * port can do wrong comes on top of it, for each program that opens it (`opened-store.ts`).
 */
import { createHash } from 'node:crypto'

export interface BucketObject {
  readonly bytes: Uint8Array
  readonly etag: string
  readonly modified: number
}

export interface Bucket {
  get(key: string): BucketObject | undefined
  put(key: string, bytes: Uint8Array): string
  remove(key: string): void
  /** In order, as they are now. */
  keys(prefix: string): string[]
}

export function createBucket(now: () => number): Bucket {
  const objects = new Map<string, BucketObject>()
  const folders = new Map<string, Set<string>>()
  const sorted = new Map<string, readonly string[]>()

  return {
    get: (key) => objects.get(key),
    put(key, bytes) {
      const etag = createHash('md5').update(bytes).digest('hex')
      if (!objects.has(key)) keysIn(folderOf(key)).add(key)
      objects.set(key, { bytes: new Uint8Array(bytes), etag, modified: now() })
      return etag
    },
    remove(key) {
      objects.delete(key)
      keysIn(folderOf(key)).delete(key)
    },
    keys(prefix) {
      const found: string[] = []
      for (const folder of folders.keys()) {
        if (!folder.startsWith(prefix) && !prefix.startsWith(folder)) continue
        const all = inOrder(folder)
        if (folder.startsWith(prefix)) found.push(...all)
        else found.push(...all.filter((key) => key.startsWith(prefix)))
      }
      return found.sort()
    },
  }

  function keysIn(folder: string): Set<string> {
    const keys = folders.get(folder) ?? new Set<string>()
    folders.set(folder, keys)
    sorted.delete(folder)
    return keys
  }

  function inOrder(folder: string): readonly string[] {
    const known = sorted.get(folder)
    if (known) return known
    const keys = [...(folders.get(folder) ?? [])].sort()
    sorted.set(folder, keys)
    return keys
  }
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}
