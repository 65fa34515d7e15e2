/** What waits in a spool: minute files, packs of them, and what is neither. */
import type * as nodeFs from 'node:fs/promises'
import { join, relative } from 'node:path'
import { LOCATION_PATTERN, type MinuteFileName, parseRawKey, RAW_PREFIX } from '@presences/shared'
import { type PackName, parsePackName } from './pack/pack-name.ts'

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

/** Lists the spool in `folder`. Throws when there is none. */
export async function readSpoolContents(
  fs: Pick<typeof nodeFs, 'readdir'>,
  folder: string,
): Promise<SpoolContents> {
  const minutes: WaitingMinute[] = []
  const packs: Pack[] = []
  const strangers: string[] = []
  for (const entry of await fs.readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue
    const path = relative(folder, join(entry.parentPath, entry.name))
    const pack = parsePackName(path)
    const key = parseRawKey(RAW_PREFIX + path)
    if (pack) packs.push({ ...pack, file: path })
    else if (/(^|\/)\./.test(path)) continue
    else if (key?.kind === 'minute' && LOCATION_PATTERN.test(key.location) && entry.isFile())
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
