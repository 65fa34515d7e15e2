/**
 * The bucket, in memory: objects, listings in the order of keys. What can go wrong comes on top of it, for each
 * program that opens it: at the port (`opened-store.ts`), or in S3's own words (`s3-answers.ts`, `s3-line.ts`).
 */
import { createHash } from 'node:crypto'
import type { ObjectInfo } from '@presences/aggregator/store/store.ts'

export interface BucketObject {
  readonly key: string
  readonly bytes: Uint8Array
  readonly etag: string
  readonly modified: number
  /** As the port of the aggregator lists it. */
  readonly info: ObjectInfo
  /** S3's metadata, as far as there is any. */
  readonly writeId: string | undefined
  /** What the last write wrote over; without what was before that. */
  readonly before: BucketObject | undefined
}

export interface Bucket {
  get(key: string): BucketObject | undefined
  /** All of them, in the order of their first writing. */
  objects(): Iterable<BucketObject>
  /** `at`: when it is written, where who writes is not at the time that it is. */
  put(key: string, bytes: Uint8Array, writeId?: string, at?: number): string
  remove(key: string): void
  /** In the order of their keys, as they are now. */
  list(prefix: string): readonly BucketObject[]
  /** The keys of the same, with the first one only of each folder below. `prefix` is `''` or ends with a slash. */
  firstKeys(prefix: string): string[]
}

export function createBucket(now: () => number): Bucket {
  const objects = new Map<string, BucketObject>()
  const folders = new Map<string, Map<string, BucketObject>>()
  const sorted = new Map<string, readonly BucketObject[]>()

  return {
    get: (key) => objects.get(key),
    objects: () => objects.values(),
    put(key, bytes, writeId, at) {
      const etag = createHash('md5').update(bytes).digest('hex')
      const modified = at ?? now()
      const info = { key, etag, sizeBytes: bytes.length, modified: new Date(modified) }
      const there = objects.get(key)
      const before = there && { ...there, before: undefined }
      const object = { key, bytes: new Uint8Array(bytes), etag, modified, info, writeId, before }
      objects.set(key, object)
      changing(folderOf(key)).set(key, object)
      return etag
    },
    remove(key) {
      objects.delete(key)
      changing(folderOf(key)).delete(key)
    },
    list(prefix) {
      const parts: (readonly BucketObject[])[] = []
      for (const folder of folders.keys()) {
        if (folder.startsWith(prefix)) parts.push(inOrder(folder))
        else if (prefix.startsWith(folder)) {
          const some = inOrder(folder).filter(({ key }) => key.startsWith(prefix))
          if (some.length > 0) parts.push(some)
        }
      }
      return parts.length > 1 ? parts.flat().sort(byKey) : (parts[0] ?? [])
    },
    firstKeys(prefix) {
      const first = new Map<string, string>()
      for (const folder of folders.keys()) {
        if (!folder.startsWith(prefix)) continue
        const below = folder.slice(prefix.length).split('/')[0] as string
        for (const { key } of folder === prefix ? inOrder(folder) : inOrder(folder).slice(0, 1)) {
          const name = folder === prefix ? key : below
          if ((first.get(name) ?? key) >= key) first.set(name, key)
        }
      }
      return [...first.values()].sort()
    },
  }

  function changing(folder: string): Map<string, BucketObject> {
    const there = folders.get(folder) ?? new Map<string, BucketObject>()
    folders.set(folder, there)
    sorted.delete(folder)
    return there
  }

  function inOrder(folder: string): readonly BucketObject[] {
    const known = sorted.get(folder)
    if (known) return known
    const all = [...(folders.get(folder)?.values() ?? [])].sort(byKey)
    sorted.set(folder, all)
    return all
  }
}

function byKey(a: BucketObject, b: BucketObject): number {
  return a.key < b.key ? -1 : 1
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}
