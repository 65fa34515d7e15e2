/**
 * The spool, an outbox of minute files that rclone empties. A file appears in it whole and on the disk,
 * or not at all; one that is there is never replaced. While it is written it stands at the top of the
 * spool under a name that begins with a dot, which rclone leaves alone. (Not in the day's folder: one
 * left by a killed scan would keep that folder for ever, and finding it would mean reading every day.)
 */
import * as nodeFs from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { explainDiskFailure } from './disk-failure.ts'
import { isForeign, type Owner, syncFolder, writeDurably } from './durable-write.ts'
import type { Added, Spool } from './record-minute.ts'

/** The part of `node:fs/promises` the spool uses. */
export type SpoolFs = Pick<
  typeof nodeFs,
  'chown' | 'link' | 'mkdir' | 'open' | 'readdir' | 'stat' | 'unlink'
>

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
      const { reason, advice } = explainDiskFailure(cause, folder)
      throw new SpoolError(`Can't write ${target}: ${reason}. To do: ${advice}`, { cause })
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
    const owner = await fs.stat(folder)
    const made = firstMade === undefined ? [] : foldersBetween(firstMade, dirname(target))
    await giveTo(owner, made)
    const writtenMs = await writeDurably(fs, temporary, text, owner)
    try {
      // A second name and not a rename, which would replace a file of that name.
      await fs.link(temporary, target)
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw cause
      return 'already-there'
    }
    // Each folder that was made is a new name in the one above it.
    for (const changed of new Set([dirname(target), ...made.map((path) => dirname(path))])) {
      await syncFolder(fs, changed)
    }
    await removeLeftovers(writtenMs)
    return 'written'
  }

  async function giveTo(owner: Owner, made: readonly string[]): Promise<void> {
    for (const path of made) {
      if (isForeign((await fs.stat(path)).uid, owner)) await fs.chown(path, owner.uid, owner.gid)
    }
  }

  /** Removes what killed scans left. A scan lasts a minute at most: an hour old is dead for certain. */
  async function removeLeftovers(nowMs: number): Promise<void> {
    const names = await fs.readdir(folder).catch(() => [])
    for (const path of names.filter(isTemporary).map((name) => join(folder, name))) {
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

/** Every folder on the way from `first` down to `last`, both included. */
function foldersBetween(first: string, last: string): string[] {
  const below = relative(first, last).split('/').filter(Boolean)
  return [first, ...below.map((_, index) => join(first, ...below.slice(0, index + 1)))]
}

function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code
}
