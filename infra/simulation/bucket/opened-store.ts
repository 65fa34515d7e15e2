/**
 * The store as one program sees it: the port of the aggregator over the bucket in memory, with the faults
 * that are left when the real adapter has tried again and given up.
 */
import {
  type ObjectInfo,
  type PutCondition,
  type PutOutcome,
  type Store,
  type StoredObject,
  StoreError,
} from '@presences/aggregator/store/store.ts'
import type { Random } from '../../random.ts'
import type { Program } from '../runtime/program.ts'
import type { Bucket } from './bucket.ts'
import { isListedBy, type StoreTroubles, seenBy } from './store-troubles.ts'

const URL = 's3://space'

export function openedStore(
  bucket: Bucket,
  { perform }: Program,
  troubles: () => StoreTroubles,
  random: Random,
): Store {
  return { url: URL, list, folders, get, put }

  async function* list(prefix: string): AsyncGenerator<ObjectInfo> {
    const objects = await perform({
      work: () => {
        failing('list', prefix)
        const isListed = isListedBy(troubles(), prefix, random)
        return bucket.list(prefix).filter(isListed)
      },
    })
    const isCutOff = random.chance(troubles().list)
    const length = isCutOff ? random.between(0, objects.length) : objects.length
    for (const { info } of objects.slice(0, length)) yield info
    if (isCutOff) throw new StoreError(`Can't list ${prefix}: the connection ended`)
  }

  function folders(prefix: string): Promise<string[]> {
    return perform({
      work: () => {
        failing('list', prefix)
        const names = new Set<string>()
        for (const key of bucket.firstKeys(prefix)) {
          const end = key.indexOf('/', prefix.length)
          if (end > prefix.length) names.add(key.slice(prefix.length, end))
        }
        return [...names].sort()
      },
    })
  }

  function get(key: string): Promise<StoredObject | undefined> {
    return perform({
      work: () => {
        failing('get', key)
        const now = troubles()
        const object = seenBy(now, bucket, key, random)
        if (!object) return undefined
        const times = { modified: new Date(object.modified), answered: new Date(now.now) }
        return { bytes: new Uint8Array(object.bytes), etag: object.etag, times }
      },
    })
  }

  function put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<PutOutcome> {
    return perform({
      note: `put ${key}${condition ? ` ${Object.keys(condition)[0]}` : ''}`,
      work: () => {
        failing('put', key)
        const { conditions } = troubles()
        if (condition && conditions === 'refused') return { outcome: 'unsupported' }
        if (condition && conditions === 'honoured') {
          const etag = bucket.get(key)?.etag
          const holds = 'ifAbsent' in condition ? etag === undefined : etag === condition.ifMatch
          if (!holds) return { outcome: 'conflict' }
        }
        const etag = bucket.put(key, bytes)
        if (!random.chance(troubles().lostAnswer)) return { outcome: 'written', etag }
        // Sent again by the adapter, a conditional write meets itself.
        if (condition && conditions === 'honoured') return { outcome: 'conflict' }
        throw new StoreError(`Can't write ${key}: no answer`)
      },
    })
  }

  function failing(what: 'get' | 'list' | 'put', key: string): void {
    const now = troubles()
    if (now.isDown() || random.chance(what === 'list' ? now.list / 4 : now[what])) {
      throw new StoreError(`Can't ${what} ${key}: 503 SlowDown`)
    }
  }
}
