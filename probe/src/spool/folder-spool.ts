/**
 * The spool, an outbox of minute files that rclone empties. A file appears in it whole and on the disk,
 * or not at all, and once: one that is there, or was and is shipped, is never replaced. While it is
 * written it stands at the top of the spool under a name that begins with a dot, which is not shipped.
 * (Not in the day's folder: one left by a killed scan would keep that folder for ever, and finding it
 * would mean reading every day.)
 */
import * as nodeFs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { explainDiskFailure } from './disk-failure.ts'
import { makeFolder, waitForDisk, writeDurably } from './durable-write.ts'
import { claimMinute, pathClaimed } from './recorded-minutes.ts'
import { type Added, type Spool, SpoolError } from './spool.ts'

/** The part of `node:fs/promises` the spool uses. */
export type SpoolFs = Pick<
  typeof nodeFs,
  'chown' | 'link' | 'mkdir' | 'open' | 'readdir' | 'readFile' | 'stat' | 'unlink'
>

export interface FolderSpoolOptions {
  readonly folder: string
  /** Unique to this process: two scans at once must not write to the same temporary file. */
  readonly writer: string
  readonly fs?: SpoolFs
}

/** A spool in a folder, which is made when it is missing. */
export function folderSpool({ folder, writer, fs = nodeFs }: FolderSpoolOptions): Spool {
  let added = 0
  return { add }

  async function add(path: string, text: string): Promise<Added> {
    added += 1
    try {
      return { path: join(folder, path), outcome: await addOnce(path, text, `${writer}-${added}`) }
    } catch (cause) {
      const { reason, advice } = explainDiskFailure(cause, folder)
      throw new SpoolError(`Can't write ${join(folder, path)}: ${reason}. To do: ${advice}`, {
        cause,
      })
    }
  }

  /**
   * Whole, then claimed, then named, each on the disk before the next. So a minute that is claimed is
   * not lost when this scan ends here: its temporary file stays, and a later scan names it.
   */
  async function addOnce(path: string, text: string, addWriter: string): Promise<Added['outcome']> {
    const temporary = join(folder, `.${basename(path)}.${addWriter}${TEMPORARY_END}`)
    let isClaimed = false
    try {
      await makeFolder(fs, folder, dirname(join(folder, path)))
      const owner = await fs.stat(folder)
      const writtenMs = await writeDurably(fs, temporary, text, owner)
      isClaimed = await claimMinute(fs, folder, path, { writer: addWriter, owner })
      if (!isClaimed) return 'already-there'
      const outcome = await name(temporary, path)
      isClaimed = false
      await removeLeftovers(writtenMs)
      return outcome
    } finally {
      if (!isClaimed) await remove(temporary)
    }
  }

  /** Gives a whole file its name; one that is there is kept. */
  async function name(temporary: string, path: string): Promise<Added['outcome']> {
    const target = join(folder, path)
    for (let attempt = 1; ; attempt += 1) {
      try {
        // A second name and not a rename, which would replace a file of that name.
        await fs.link(temporary, target)
        await waitForDisk(fs, dirname(target))
        return 'written'
      } catch (cause) {
        if (codeOf(cause) === 'EEXIST') {
          // Whoever gave it that name may have been ended before it was on the disk.
          await waitForDisk(fs, dirname(target))
          return 'already-there'
        }
        // A day's emptied folder may have been removed just after it was made: make it again.
        if (codeOf(cause) !== 'ENOENT' || attempt === ATTEMPTS) throw cause
        await makeFolder(fs, folder, dirname(target))
      }
    }
  }

  /** Ends what killed scans left. A scan lasts a minute at most: an hour old is dead for certain. */
  async function removeLeftovers(nowMs: number): Promise<void> {
    const names = await fs.readdir(folder).catch(() => [])
    for (const leftover of names.filter(isTemporary)) {
      const temporary = join(folder, leftover)
      const stat = await fs.stat(temporary).catch(() => undefined)
      if (stat && nowMs - stat.mtimeMs > LEFTOVER_MS) await endLeftover(leftover, temporary)
    }
  }

  /**
   * What was claimed gets its name; if it had it, and is shipped, the same bytes are shipped again. The
   * minute of this scan is safe by now: what fails here is tried again by the next one.
   */
  async function endLeftover(leftover: string, temporary: string): Promise<void> {
    try {
      const [, minute = '', claimant = ''] = TEMPORARY_NAME.exec(leftover) ?? []
      const path = await pathClaimed(fs, folder, minute, claimant)
      if (path !== undefined) await name(temporary, path)
      await fs.unlink(temporary)
    } catch {
      // As said above.
    }
  }

  /** A temporary file that stays is tried again by later scans. */
  async function remove(path: string): Promise<void> {
    await fs.unlink(path).catch(() => undefined)
  }
}

const ATTEMPTS = 5
const LEFTOVER_MS = 3_600_000
const TEMPORARY_END = '.tmp'
/** The minute file's name, and who writes it. */
const TEMPORARY_NAME = /^\.(.+\.tsv)\.([^.]+)\.tmp$/

function isTemporary(name: string): boolean {
  return name.startsWith('.') && name.endsWith(TEMPORARY_END)
}

function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code
}
