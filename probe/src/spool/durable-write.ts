/**
 * Files and folders that are on the disk when the call returns: a box loses its power without notice.
 */
import type * as nodeFs from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

/** The part of `node:fs/promises` a durable write uses. */
export type DurableFs = Pick<typeof nodeFs, 'open'>

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Writes a file whole and waits for the disk; gives its time as the disk's own clock has it. */
export async function writeDurably(
  fs: DurableFs,
  path: string,
  content: string | Uint8Array,
  owner: Owner,
): Promise<number> {
  const file = await fs.open(path, 'w', 0o640)
  try {
    await file.writeFile(content)
    const { uid, mtimeMs } = await file.stat()
    if (isForeign(uid, owner)) await file.chown(owner.uid, owner.gid)
    await file.sync()
    return mtimeMs
  } finally {
    await file.close()
  }
}

/** Waits until a file, or a folder's list of names, is on the disk. What is gone has nothing to wait for. */
export async function waitForDisk(fs: DurableFs, path: string): Promise<void> {
  let opened: nodeFs.FileHandle
  try {
    opened = await fs.open(path, 'r')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return
    throw cause
  }
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

/**
 * Makes a folder and those above it, for the owner of `top`, on the disk: one that was there too, since
 * whoever made it may have been ended before.
 */
export async function makeFolder(
  fs: DurableFs & Pick<typeof nodeFs, 'chown' | 'mkdir' | 'stat'>,
  top: string,
  path: string,
): Promise<void> {
  const first = await fs.mkdir(path, { recursive: true, mode: 0o750 })
  if (first === undefined) return waitForDisk(fs, dirname(path))
  const owner = await fs.stat(top)
  for (const made of foldersBetween(first, path)) {
    if (isForeign((await fs.stat(made)).uid, owner)) await fs.chown(made, owner.uid, owner.gid)
    // Each is a new name in the one above it.
    await waitForDisk(fs, dirname(made))
  }
}

/**
 * True for what root made and another should own: a scan by hand needs root, and must leave nothing in
 * the spool that the probe's own user can't touch.
 */
export function isForeign(maker: number, owner: Owner): boolean {
  return maker === 0 && owner.uid !== 0
}

/** Every folder on the way from `first` down to `last`, both included. */
function foldersBetween(first: string, last: string): string[] {
  const below = relative(first, last).split('/').filter(Boolean)
  return [first, ...below.map((_, index) => join(first, ...below.slice(0, index + 1)))]
}
