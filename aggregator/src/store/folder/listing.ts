/** What lies in a folder of the folder store, as keys: see folder-layout.ts for what is not a plain file. */
import { opendir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import pMap from 'p-map'
import { compareKeys } from '../key-order.ts'
import { absent } from './fault.ts'
import { convertingName, locate, look, type Place } from './layout.ts'

/** An object, or a folder: then its key ends with a slash. A name can be both, and is two items. */
export interface Item {
  readonly key: string
  readonly place: Place
}

/** How many files are looked at, at once, in a listing. */
const LOOKS_AT_ONCE = 64
/**
 * What lies directly in `folder` (`''`, or ending with a slash) of the store at `root` and matches
 * `prefix`, or may hold what does; in the order of the keys. `undefined`: there is no such folder.
 */
export async function itemsIn(
  root: string,
  folder: string,
  prefix: string,
): Promise<readonly Item[] | undefined> {
  const entries = await readdir(join(root, folder)).catch(absent)
  if (!entries) return undefined
  const onTheWay = new Set(entries.map(convertingName).filter((name) => name !== undefined))
  const names = new Set([...entries.filter((entry) => !entry.startsWith('.')), ...onTheWay])
  const wanted = [...names].filter((name) => {
    const asFolder = `${folder}${name}/`
    return asFolder.startsWith(prefix) || prefix.startsWith(asFolder)
  })
  const places = await pMap(
    wanted,
    (name) => {
      const path = join(root, folder, name)
      return onTheWay.has(name) ? locate(path) : lookAgain(path)
    },
    { concurrency: LOOKS_AT_ONCE },
  )
  const items = wanted.flatMap((name, at) => {
    const place = places[at] ?? { object: undefined, isFolder: false }
    const key = folder + name
    return [
      ...(place.object && key.startsWith(prefix) ? [{ key, place }] : []),
      ...(place.isFolder ? [{ key: `${key}/`, place }] : []),
    ]
  })
  return items.sort((a, b) => compareKeys(a.key, b.key))
}

/** Those of the folders with these keys that hold an object, however deep: a bucket knows no others. */
export async function withObjects(root: string, keys: readonly string[]): Promise<string[]> {
  const held = await pMap(keys, (key) => holdsObjects(join(root, key)), {
    concurrency: LOOKS_AT_ONCE,
  })
  return keys.filter((_, at) => held[at])
}

/** What is at a path of a listing; it may be gone, or become a folder, since the folder was read. */
async function lookAgain(path: string): Promise<Place> {
  const place = await look(path)
  return place.object || place.isFolder ? place : await locate(path)
}

/** True when there is an object in `folder` or below. */
async function holdsObjects(folder: string): Promise<boolean> {
  const below: string[] = []
  const entries = await opendir(folder).catch(absent)
  if (!entries) return false
  for await (const entry of entries) {
    const isOnTheWay = convertingName(entry.name) !== undefined
    if (entry.name.startsWith('.') && !isOnTheWay) continue
    if (isOnTheWay || (await look(join(folder, entry.name))).object) return true
    below.push(join(folder, entry.name))
  }
  for (const path of below) if (await holdsObjects(path)) return true
  return false
}
