/**
 * The store in a folder: for a single machine, for trying things out, and for tests. Keys are paths
 * (folder-layout.ts tells the exception), so what the box or rclone writes there is read as it is.
 * Meant for local disks: it needs links, and renames that replace.
 */
import { createHash } from 'node:crypto'
import { mkdir, opendir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LIMITS } from '@presences/shared'
import { compareKeys } from '../key-order.ts'
import {
  type ObjectInfo,
  type PutCondition,
  type PutOutcome,
  refuseUnreadable,
  type Store,
  type StoredObject,
  StoreError,
  TooLargeError,
} from '../store.ts'
import { absent, explainFolderFault, fsCode } from './fault.ts'
import { etagOf, readWhole, writeDurably } from './file.ts'
import {
  finishMakingRoom,
  keyFault,
  locate,
  look,
  makeRoom,
  syncFolder,
  targetIn,
} from './layout.ts'
import { type Item, itemsIn, withObjects } from './listing.ts'
import { createLock } from './lock.ts'

/** How often a file is read again that another program changes meanwhile. */
const READS = 5

/** A store in the folder `root`, which must exist once it is used: a disk may not be mounted. */
export function createFolderStore(root: string): Store {
  const url = pathToFileURL(root).href
  const lock = createLock()

  return { url, list, folders, get, put }

  async function* list(prefix: string): AsyncGenerator<ObjectInfo> {
    const inner = listIn(prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix)
    for (;;) {
      const step = await attempt('List', prefix, () => inner.next())
      if (step.done) return
      yield step.value
    }
  }

  /** Lists a folder (`''` or ending with a slash) and those in it, as far as they match `prefix`. */
  async function* listIn(folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
    for (const { key, place } of await itemsOf(folder, prefix)) {
      if (key.endsWith('/')) {
        yield* listIn(key, prefix)
      } else if (place.object) {
        const { stats } = place.object
        // A time to come is a wrong clock's: who copies files may set it as they like.
        const modified = new Date(Math.min(Number(stats.mtimeMs), Date.now()))
        yield { key, etag: etagOf(stats), sizeBytes: Number(stats.size), modified }
      }
    }
  }

  async function folders(prefix: string): Promise<string[]> {
    return await attempt('List', prefix, async () => {
      const items = await itemsOf(prefix, prefix)
      const keys = items.map(({ key }) => key).filter((key) => key.endsWith('/'))
      const held = await withObjects(root, keys)
      return held.map((key) => key.slice(prefix.length, -1)).sort(compareKeys)
    })
  }

  async function get(
    key: string,
    mostBytes = LIMITS.storedBytes,
  ): Promise<StoredObject | undefined> {
    return await attempt('Read', key, async () => {
      const path = pathOf(key)
      for (let read = 1; ; read += 1) {
        const { object } = await locate(path)
        if (!object) {
          await checkRoot()
          return undefined
        }
        const size = Number(object.stats.size)
        if (size > mostBytes) throw new TooLargeError(JSON.stringify(object.path), size, mostBytes)
        const whole = await readWhole(object.path, mostBytes)
        if (whole) return whole
        if (read === READS) throw new Error('it changes while it is read; is a copy under way?')
      }
    })
  }

  async function put(
    key: string,
    bytes: Uint8Array,
    condition?: PutCondition,
  ): Promise<PutOutcome> {
    refuseUnreadable(key, bytes)
    return await attempt('Write', key, async () => {
      const path = pathOf(key)
      await checkRoot()
      await makeFolders(dirname(path))
      return await lock(lockPath(path), () => putLocked(path, bytes, condition))
    })
  }

  async function putLocked(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition | undefined,
  ): Promise<PutOutcome> {
    const onlyNew = condition !== undefined && 'ifAbsent' in condition
    for (;;) {
      await finishMakingRoom(path)
      const place = await look(path)
      const previous = place.object?.stats
      if (onlyNew && previous) return { outcome: 'conflict' }
      if (condition && 'ifMatch' in condition) {
        if (!previous || etagOf(previous) !== condition.ifMatch) return { outcome: 'conflict' }
      }
      try {
        const etag = await writeDurably(targetIn(path, place), bytes, { onlyNew, previous })
        return { outcome: 'written', etag }
      } catch (error) {
        // It became a folder meanwhile, or another program wrote it: look again.
        const code = fsCode(error)
        if (code !== 'EISDIR' && code !== 'ENOTEMPTY' && !(onlyNew && code === 'EEXIST'))
          throw error
      }
    }
  }

  /** Makes the folders down to `folder`; an object that is in the way moves into the folder. */
  async function makeFolders(folder: string): Promise<void> {
    for (;;) {
      try {
        const first = await mkdir(folder, { recursive: true })
        if (first === undefined) return
        for (let made = folder; made !== dirname(first); made = dirname(made)) {
          await syncFolder(dirname(made))
        }
        return
      } catch (error) {
        if (fsCode(error) !== 'ENOTDIR' && fsCode(error) !== 'EEXIST') throw error
      }
      const inTheWay = await fileAbove(folder)
      if (inTheWay) await lock(lockPath(inTheWay), () => makeRoom(inTheWay))
    }
  }

  async function fileAbove(folder: string): Promise<string | undefined> {
    if (folder === root) return undefined
    const above = await fileAbove(dirname(folder))
    if (above) return above
    return (await stat(folder).catch(absent))?.isFile() ? folder : undefined
  }

  async function itemsOf(folder: string, prefix: string): Promise<readonly Item[]> {
    if (folder !== '' && keyFault(folder.slice(0, -1))) return []
    const items = await itemsIn(root, folder, prefix)
    // An unmounted disk must not pass for an empty store.
    if (!items) await checkRoot()
    return items ?? []
  }

  async function checkRoot(): Promise<void> {
    await readdirNothing(root)
  }

  function pathOf(key: string): string {
    const fault = keyFault(key)
    if (fault) throw new Error(fault)
    return join(root, key)
  }

  async function attempt<T>(verb: string, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof TooLargeError) throw error
      const cause = explainFolderFault(error, root)
      throw new StoreError(`${verb} ${JSON.stringify(join(root, key))}: ${cause}`, { cause: error })
    }
  }
}

/** Fails when there is no folder at `path`. */
async function readdirNothing(path: string): Promise<void> {
  const folder = await opendir(path)
  await folder.close()
}

/** Beside the file, under a short name whatever the length of the file's. */
function lockPath(path: string): string {
  const name = createHash('sha256').update(basename(path)).digest('hex').slice(0, 24)
  return join(dirname(path), `.lock-${name}`)
}
