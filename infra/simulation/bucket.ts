/**
 * The bucket, in memory: objects, listings in the order of keys. What can go wrong comes on top of it, for each
 * program that opens it: at the port (`opened-store.ts`), or in S3's own words (`s3-answers.ts`, `s3-line.ts`).
 */
import { createHash } from 'node:crypto'

export interface BucketObject {
  readonly bytes: Uint8Array
  readonly etag: string
  readonly modified: number
  /** S3's metadata, as far as there is any. */
  readonly writeId: string | undefined
  /** What the last write wrote over; without what was before that. */
  readonly before: BucketObject | undefined
}

export interface Bucket {
  get(key: string): BucketObject | undefined
  /** All of them, in the order of their first writing. */
  objects(): Iterable<readonly [key: string, object: BucketObject]>
  put(key: string, bytes: Uint8Array, writeId?: string): string
  remove(key: string): void
  /** In order, as they are now. */
  keys(prefix: string): readonly string[]
  /** The same, with the first key only of each folder below. `prefix` is `''` or ends with a slash. */
  firstKeys(prefix: string): string[]
}

export function createBucket(now: () => number): Bucket {
  const objects = new Map<string, BucketObject>()
  const folders = new Map<string, Set<string>>()
  const sorted = new Map<string, readonly string[]>()

  return {
    get: (key) => objects.get(key),
    objects: () => objects,
    put(key, bytes, writeId) {
      const etag = createHash('md5').update(bytes).digest('hex')
      const there = objects.get(key)
      if (!there) keysIn(folderOf(key)).add(key)
      const before = there && { ...there, before: undefined }
      objects.set(key, { bytes: new Uint8Array(bytes), etag, modified: now(), writeId, before })
      return etag
    },
    remove(key) {
      objects.delete(key)
      keysIn(folderOf(key)).delete(key)
    },
    keys(prefix) {
      const parts: (readonly string[])[] = []
      for (const folder of folders.keys()) {
        if (folder.startsWith(prefix)) parts.push(inOrder(folder))
        else if (prefix.startsWith(folder)) {
          const some = inOrder(folder).filter((key) => key.startsWith(prefix))
          if (some.length > 0) parts.push(some)
        }
      }
      return parts.length > 1 ? parts.flat().sort() : (parts[0] ?? [])
    },
    firstKeys(prefix) {
      const first = new Map<string, string>()
      for (const folder of folders.keys()) {
        if (!folder.startsWith(prefix)) continue
        const below = folder.slice(prefix.length).split('/')[0] as string
        for (const key of folder === prefix ? inOrder(folder) : inOrder(folder).slice(0, 1)) {
          const name = folder === prefix ? key : below
          if ((first.get(name) ?? key) >= key) first.set(name, key)
        }
      }
      return [...first.values()].sort()
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
