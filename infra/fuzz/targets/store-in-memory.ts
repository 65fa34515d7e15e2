/** A store in this process that honours conditions, with these objects in it, written at `modified`. */
import { compareKeys } from '@presences/aggregator/store/key-order.ts'
import type { Store, StoredObject } from '@presences/aggregator/store/store.ts'

export function storeOf(
  given: Readonly<Record<string, Uint8Array>>,
  modified = new Date(0),
): Store {
  let writes = 0
  const stored = (bytes: Uint8Array): StoredObject => ({ bytes, etag: `e${++writes}` })
  const objects = new Map(Object.entries(given).map(([key, bytes]) => [key, stored(bytes)]))
  return {
    url: 's3://fuzz',
    async *list(prefix) {
      for (const key of [...objects.keys()].sort(compareKeys)) {
        const object = objects.get(key)
        if (!object || !key.startsWith(prefix)) continue
        yield { key, etag: object.etag, sizeBytes: object.bytes.length, modified }
      }
    },
    async folders(prefix) {
      const below = [...objects.keys()].filter((key) => key.startsWith(prefix))
      const names = below.map((key) => key.slice(prefix.length).split('/'))
      return [
        ...new Set(names.flatMap(([name, ...rest]) => (name && rest.length > 0 ? [name] : []))),
      ]
    },
    get: async (key) => objects.get(key),
    async put(key, bytes, condition) {
      const there = objects.get(key)
      const isMet =
        condition === undefined ||
        ('ifAbsent' in condition ? there === undefined : there?.etag === condition.ifMatch)
      if (!isMet) return { outcome: 'conflict' }
      const object = stored(bytes)
      objects.set(key, object)
      return { outcome: 'written', etag: object.etag }
    },
  }
}
