/**
 * One file of the folder store, read as one version and written whole or not at all, and for good:
 * temporary name beginning with a dot, fsync, rename, fsync of the folder (design, section 4).
 */
import { randomUUID } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { type FileHandle, link, open, rename, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StoredObject } from '../store.ts'
import { isAbsence } from './fault.ts'
import { syncFolder } from './layout.ts'

export interface WriteOptions {
  /** Fails with EEXIST when there is already something, even put there by another program. */
  readonly onlyNew: boolean
  /** The version replaced, when there is one. */
  readonly previous: BigIntStats | undefined
}

/** Changes with every write: a new file each time, and a time that never stands still (see `later`). */
export function etagOf(stats: BigIntStats): string {
  return [stats.size, stats.mtimeNs, stats.ino].map((number) => number.toString(36)).join('-')
}

/**
 * The bytes and etag of one version of a file; `undefined` when it moved or changed meanwhile, or has more than
 * `mostBytes`: then none is read.
 */
export async function readWhole(
  path: string,
  mostBytes: number,
): Promise<StoredObject | undefined> {
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
  try {
    const before = await handle.stat({ bigint: true })
    if (!before.isFile() || before.size > mostBytes) return undefined
    const bytes = await readBytes(handle, Number(before.size))
    const after = await handle.stat({ bigint: true })
    const etag = etagOf(after)
    if (etag !== etagOf(before) || BigInt(bytes.length) !== after.size) return undefined
    // On a local disk both are this machine's clock; a file server has its own for the first.
    const times = { modified: new Date(Number(after.mtimeMs)), answered: new Date() }
    return { bytes, etag, times }
  } finally {
    await handle.close()
  }
}

/** The first `size` bytes; a file that grows meanwhile would have no end. */
async function readBytes(handle: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size)
  let filled = 0
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, size - filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** Writes `bytes` to `target` and returns the etag. */
export async function writeDurably(
  target: string,
  bytes: Uint8Array,
  { onlyNew, previous }: WriteOptions,
): Promise<string> {
  const folder = dirname(target)
  const temporary = join(folder, `.tmp-${randomUUID()}`)
  try {
    const stats = await writeNew(temporary, bytes, previous)
    if (onlyNew) {
      await link(temporary, target)
      await unlink(temporary)
    } else {
      await rename(temporary, target)
    }
    await syncFolder(folder)
    return etagOf(stats)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function writeNew(
  path: string,
  bytes: Uint8Array,
  previous: BigIntStats | undefined,
): Promise<BigIntStats> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(bytes)
    let stats = await handle.stat({ bigint: true })
    if (previous && stats.mtimeNs <= previous.mtimeNs) {
      await handle.utimes(new Date(), later(previous))
      stats = await handle.stat({ bigint: true })
    }
    await handle.sync()
    return stats
  } finally {
    await handle.close()
  }
}

/**
 * A file's number is used again once the file is gone, and clocks tick every few milliseconds: without
 * this, the third of three quick writes could pass for the first.
 */
function later(previous: BigIntStats): number {
  return Number(previous.mtimeNs / 1_000_000n + 2n) / 1000
}
