/** What is in a spool: minute files that wait, packs of them, and what is neither. */
import type { Dirent } from 'node:fs'
import type * as nodeFs from 'node:fs/promises'
import { join } from 'node:path'
import { LOCATION_PATTERN, type MinuteFileName, parseRawKey, RAW_PREFIX } from '@presences/shared'
import { type PackName, parsePackName } from './pack-name.ts'

export interface WaitingMinute extends MinuteFileName {
  /** Below the spool's folder. */
  readonly path: string
}

export interface Pack extends PackName {
  /** Its name at the top of the spool. */
  readonly file: string
}

export interface SpoolContents {
  readonly minutes: readonly WaitingMinute[]
  readonly packs: readonly Pack[]
  /** Paths of files that are not ours, dot names left out. */
  readonly strangers: readonly string[]
}

/** The name of the empty file whose time is the last shipment's. */
export const SHIPPED_FILE = '.shipped'

/** Lists the spool in `folder`. Throws when there is none, or a location's folder may not be read. */
export async function readSpoolContents(
  fs: Pick<typeof nodeFs, 'readdir'>,
  folder: string,
): Promise<SpoolContents> {
  const minutes: WaitingMinute[] = []
  const packs: Pack[] = []
  const strangers: string[] = []
  for await (const { path, isFile } of filesBelow(fs, folder)) {
    const pack = parsePackName(path)
    const key = parseRawKey(RAW_PREFIX + path)
    if (pack) packs.push({ ...pack, file: path })
    else if (/(^|\/)\./.test(path)) continue
    else if (key?.kind === 'minute' && isFile)
      minutes.push({
        location: key.location,
        day: key.day,
        minute: key.minute,
        probe: key.probe,
        path,
      })
    else strangers.push(path)
  }
  return { minutes, packs, strangers }
}

/** Every file, by its path below the spool. */
async function* filesBelow(
  fs: Pick<typeof nodeFs, 'readdir'>,
  spool: string,
  below = '',
): AsyncGenerator<{ readonly path: string; readonly isFile: boolean }> {
  for (const entry of await entriesIn(fs, spool, below)) {
    const path = join(below, entry.name)
    if (entry.isDirectory()) yield* filesBelow(fs, spool, path)
    else yield { path, isFile: entry.isFile() }
  }
}

async function entriesIn(
  fs: Pick<typeof nodeFs, 'readdir'>,
  spool: string,
  below: string,
): Promise<Dirent[]> {
  try {
    return await fs.readdir(join(spool, below), { withFileTypes: true })
  } catch (cause) {
    // What is no location's holds nothing of ours: the `lost+found` of a spool that is a disk of its own is root's.
    const [top = ''] = below.split('/')
    if (top !== '' && !LOCATION_PATTERN.test(top)) return []
    throw cause
  }
}
