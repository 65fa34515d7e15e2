/**
 * The spool, an outbox of minute files that rclone empties. A file appears in it whole and on the disk,
 * or not at all; one that is there is never replaced. While it is written it stands at the top of the
 * spool under a name that begins with a dot, which rclone leaves alone. (Not in the day's folder: one
 * left by a killed scan would keep that folder for ever, and finding it would mean reading every day.)
 */
import * as nodeFs from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { Added, Spool } from './record-minute.ts'

/** The part of `node:fs/promises` the spool uses. */
export type SpoolFs = Pick<typeof nodeFs, 'link' | 'mkdir' | 'open' | 'readdir' | 'stat' | 'unlink'>

export interface FolderSpoolOptions {
  readonly folder: string
  /** Unique to this process: two scans at once must not write to the same temporary file. */
  readonly writer: string
  readonly fs?: SpoolFs
}

/** The spool can't take a minute file; the message says why and what to do. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError'
}

/** A spool in a folder, which is made when it is missing. */
export function folderSpool({ folder, writer, fs = nodeFs }: FolderSpoolOptions): Spool {
  return { add }

  async function add(path: string, text: string): Promise<Added> {
    const target = join(folder, path)
    const temporary = join(folder, `.${basename(path)}.${writer}${TEMPORARY_END}`)
    try {
      return { path: target, outcome: await addDurably(target, temporary, text) }
    } catch (cause) {
      throw new SpoolError(`Can't write ${target}: ${explain(cause, folder)}`, { cause })
    }
  }

  async function addDurably(
    target: string,
    temporary: string,
    text: string,
  ): Promise<Added['outcome']> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await addOnce(target, temporary, text)
      } catch (cause) {
        // rclone may remove a day's emptied folder just after it was made: make it again.
        if (codeOf(cause) !== 'ENOENT' || attempt === ATTEMPTS) throw cause
      } finally {
        await remove(temporary)
      }
    }
  }

  async function addOnce(
    target: string,
    temporary: string,
    text: string,
  ): Promise<Added['outcome']> {
    const firstMade = await fs.mkdir(dirname(target), { recursive: true, mode: 0o750 })
    const writtenMs = await writeDurably(temporary, text)
    try {
      // A second name and not a rename, which would replace a file of that name.
      await fs.link(temporary, target)
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw cause
      return 'already-there'
    }
    for (const changed of changedFolders(dirname(target), firstMade)) await syncFolder(changed)
    await removeLeftovers(writtenMs)
    return 'written'
  }

  /** Writes a file and waits until it is on the disk; its time as the disk's clock has it. */
  async function writeDurably(path: string, text: string): Promise<number> {
    const file = await fs.open(path, 'w', 0o640)
    try {
      await file.writeFile(text)
      await file.sync()
      return (await file.stat()).mtimeMs
    } finally {
      await file.close()
    }
  }

  async function syncFolder(path: string): Promise<void> {
    let handle: nodeFs.FileHandle
    try {
      handle = await fs.open(path, 'r')
    } catch (cause) {
      // Shipped and removed already.
      if (codeOf(cause) === 'ENOENT') return
      throw cause
    }
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  /** Removes what killed scans left. A scan lasts a minute at most: an hour old is dead for certain. */
  async function removeLeftovers(nowMs: number): Promise<void> {
    const names = (await fs.readdir(folder)).filter(isTemporary)
    for (const path of names.map((name) => join(folder, name))) {
      const stat = await fs.stat(path).catch(() => undefined)
      if (stat && nowMs - stat.mtimeMs > LEFTOVER_MS) await remove(path)
    }
  }

  /** The minute is safe or lost by now: a temporary file that stays is tried again by later scans. */
  async function remove(path: string): Promise<void> {
    await fs.unlink(path).catch(() => undefined)
  }
}

const ATTEMPTS = 5
const LEFTOVER_MS = 3_600_000
const TEMPORARY_END = '.tmp'

function isTemporary(name: string): boolean {
  return name.startsWith('.') && name.endsWith(TEMPORARY_END)
}

/** The folders whose list of names a new file changed: its own, and those above the folders newly made. */
function changedFolders(own: string, firstMade: string | undefined): string[] {
  if (firstMade === undefined) return [own]
  const depth = relative(dirname(firstMade), own).split('/').length
  return Array.from({ length: depth + 1 }, (_, up) => join(own, ...Array(up).fill('..')))
}

function explain(cause: unknown, folder: string): string {
  switch (codeOf(cause)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk is full. To do: free space on the disk of ${folder}; the minutes waiting there are kept`
    case 'EROFS':
      return 'the disk is read-only. To do: look for disk errors (dmesg); an SD card at its end must be replaced'
    case 'EACCES':
      return `the user of the probe may not. To do: give it ${folder}, or set PROBE_SPOOL to a folder of its own`
    case 'ENOTDIR':
      return `a file stands where a folder is needed. To do: move it, or set PROBE_SPOOL to another folder`
    case 'EPERM':
      return `the file system of ${folder} has no hard links. To do: set PROBE_SPOOL to a folder on ext4 or the like`
    default:
      return `${(cause as Error).message}. To do: check the disk of ${folder}`
  }
}

function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code
}
