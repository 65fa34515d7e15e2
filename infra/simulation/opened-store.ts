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
} from '../../aggregator/src/store/store.ts'
import type { Bucket } from './bucket.ts'
import type { Program } from './program.ts'
import type { Random } from './random.ts'

/** How often what fails, 0 … 1; all zero when nothing does. */
export interface StoreTroubles {
  readonly isDown: () => boolean
  readonly get: number
  readonly list: number
  readonly put: number
  /** A listing that does not know yet what was written of late. */
  readonly stale: number
  readonly now: number
  /** A write that is done, and told as failed or as a conflict: its answer was lost. */
  readonly lostAnswer: number
  /** Conditional writes are answered with 501. */
  readonly isUnconditional: boolean
}

const URL = 's3://space'
/** How long a container of the eventual kind may take. */
const STALE_MS = 3 * 86_400_000

export function openedStore(
  bucket: Bucket,
  { perform }: Program,
  troubles: () => StoreTroubles,
  random: Random,
): Store {
  return { url: URL, list, folders, get, put }

  async function* list(prefix: string): AsyncGenerator<ObjectInfo> {
    const infos = await perform({
      work: () => {
        failing('list', prefix)
        const infos = bucket.keys(prefix).map(infoOf)
        const { stale, now } = troubles()
        const isStale = prefix.startsWith('presences/') && random.chance(stale)
        if (!isStale) return infos
        return infos.filter(
          ({ modified }) => now - modified.getTime() > STALE_MS || random.chance(0.5),
        )
      },
    })
    const isCutOff = random.chance(troubles().list)
    for (const info of isCutOff ? infos.slice(0, random.between(0, infos.length)) : infos)
      yield info
    if (isCutOff) throw new StoreError(`Can't list ${prefix}: the connection ended`)
  }

  function infoOf(key: string): ObjectInfo {
    const { bytes, etag, modified } = bucket.get(key) ?? missing(key)
    return { key, etag, sizeBytes: bytes.length, modified: new Date(modified) }
  }

  function folders(prefix: string): Promise<string[]> {
    return perform({
      work: () => {
        failing('list', prefix)
        const names = new Set<string>()
        for (const key of bucket.keys(prefix)) {
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
        const object = bucket.get(key)
        return object && { bytes: new Uint8Array(object.bytes), etag: object.etag }
      },
    })
  }

  function put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<PutOutcome> {
    return perform({
      note: `put ${key}${condition ? ` ${Object.keys(condition)[0]}` : ''}`,
      work: () => {
        failing('put', key)
        if (condition) {
          if (troubles().isUnconditional) return { outcome: 'unsupported' }
          const etag = bucket.get(key)?.etag
          const holds = 'ifAbsent' in condition ? etag === undefined : etag === condition.ifMatch
          if (!holds) return { outcome: 'conflict' }
        }
        const etag = bucket.put(key, bytes)
        if (!random.chance(troubles().lostAnswer)) return { outcome: 'written', etag }
        // Sent again by the adapter, a conditional write meets itself.
        if (condition) return { outcome: 'conflict' }
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

function missing(key: string): never {
  throw new Error(`The bucket lists ${key} and has it not`)
}
