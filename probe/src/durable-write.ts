/**
 * Files and folders that are on the disk when the call returns: a box loses its power without notice.
 */
import type * as nodeFs from 'node:fs/promises'

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
  text: string,
  owner: Owner,
): Promise<number> {
  const file = await fs.open(path, 'w', 0o640)
  try {
    await file.writeFile(text)
    const { uid, mtimeMs } = await file.stat()
    if (isForeign(uid, owner)) await file.chown(owner.uid, owner.gid)
    await file.sync()
    return mtimeMs
  } finally {
    await file.close()
  }
}

/** Waits until a folder's list of names is on the disk. A folder that is gone has none. */
export async function syncFolder(fs: DurableFs, path: string): Promise<void> {
  let folder: nodeFs.FileHandle
  try {
    folder = await fs.open(path, 'r')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return
    throw cause
  }
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/**
 * True for what root made and another should own: a scan by hand needs root, and must leave nothing in
 * the spool that the probe's own user can't touch.
 */
export function isForeign(maker: number, owner: Owner): boolean {
  return maker === 0 && owner.uid !== 0
}
