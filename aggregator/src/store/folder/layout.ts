/**
 * Where an object lies in a folder. Normally its key is its path. But a bucket can hold both
 * `day` and `day/x.tsv`, and no path is both a file and a folder: then the object `day` lies in the
 * folder, as `day/.object`. Which kind came first does not show.
 *
 * When the folder comes second, the file has to make room. It moves to `.converting-day/.object` in
 * one step, and that folder then becomes `day` in another. Between the two, and after a crash there, the
 * object is found in the middle; the next writer finishes the move.
 */
import type { BigIntStats } from 'node:fs'
import { mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { absent, fsCode } from './fault.ts'

/** What is at a path: an object, a folder, both or nothing. */
export interface Place {
  readonly object: { readonly path: string; readonly stats: BigIntStats } | undefined
  readonly isFolder: boolean
}

const OBJECT = '.object'
const CONVERTING = '.converting-'

/**
 * Why a key can't be kept in a folder, or `undefined`: it would leave the folder, or be taken for
 * one of the files that are ours (names that begin with a dot).
 */
export function keyFault(key: string): string | undefined {
  const parts = key.split('/')
  if (key.includes('\0')) return 'a key holds no NUL'
  if (parts.includes('')) return 'a key has no empty part: no slash at its ends, no two in a row'
  if (parts.some((part) => part.startsWith('.'))) return 'no part of a key begins with a dot'
  return undefined
}

/** The name of an object that is on its way into a folder of its own name, if `entry` is such a place. */
export function convertingName(entry: string): string | undefined {
  return entry.startsWith(CONVERTING) ? entry.slice(CONVERTING.length) : undefined
}

/** Looks for the object and the folder at `path`. */
export async function locate(path: string): Promise<Place> {
  const first = await look(path)
  if (first.object) return first
  // On the way, or arrived since we looked.
  const onTheWay = await fileAt(join(convertingPath(path), OBJECT))
  return onTheWay ? { object: onTheWay, isFolder: first.isFolder } : await look(path)
}

/** As `locate`, for a path that is known not to be on its way: cheaper for folders. */
export async function look(path: string): Promise<Place> {
  const stats = await statOf(path)
  if (stats?.isFile()) return { object: { path, stats }, isFolder: false }
  if (!stats?.isDirectory()) return { object: undefined, isFolder: false }
  return { object: await fileAt(join(path, OBJECT)), isFolder: true }
}

/** Where to write the object at `path`. */
export function targetIn(path: string, place: Place): string {
  return place.isFolder ? join(path, OBJECT) : path
}

/** Makes the file at `path` a folder that holds it. The caller holds the lock of `path`. */
export async function makeRoom(path: string): Promise<void> {
  if ((await statOf(path))?.isFile()) {
    const converting = convertingPath(path)
    await mkdir(converting, { recursive: true })
    await rename(path, join(converting, OBJECT))
    await syncFolder(converting)
    await syncFolder(dirname(path))
  }
  await finishMakingRoom(path)
}

/** Does what is left to do when a process was stopped while it made room. The caller holds the lock. */
export async function finishMakingRoom(path: string): Promise<void> {
  const converting = convertingPath(path)
  const onTheWay = join(converting, OBJECT)
  const stats = await statOf(path)
  if (!(await fileAt(onTheWay))) return
  if (stats?.isFile()) {
    // Somebody put a file there by hand since: what is newer stays.
    await rm(converting, { recursive: true })
    return
  }
  try {
    await rename(converting, path)
  } catch (error) {
    if (fsCode(error) !== 'ENOTEMPTY' && fsCode(error) !== 'EEXIST') throw error
    await rename(onTheWay, join(path, OBJECT))
    await rmdir(converting)
    await syncFolder(path)
  }
  await syncFolder(dirname(path))
}

/** Makes renames and new names in a folder last through a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function convertingPath(path: string): string {
  return join(dirname(path), CONVERTING + basename(path))
}

async function fileAt(path: string): Promise<Place['object']> {
  const stats = await statOf(path)
  return stats?.isFile() ? { path, stats } : undefined
}

async function statOf(path: string): Promise<BigIntStats | undefined> {
  return await stat(path, { bigint: true }).catch(absent)
}
