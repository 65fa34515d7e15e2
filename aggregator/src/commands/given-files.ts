/** Day and minute files given on the command line, read as if they were the store's. */
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { dayWindow, type LocalDay, parseRawKey, RAW_PREFIX } from '@presences/shared'
import { UsageError } from '../arguments/usage-error.ts'
import { type DayRollup, emptyRollup, isUnknown } from '../rollup/day-rollup.ts'
import { mergeDayFile, mergeMinuteFile } from '../rollup/raw-object.ts'
import type { RollupRefreshed } from '../rollup/refresh-rollup.ts'

/**
 * The rollups of `day` that the files make, one a location. Throws UsageError for a file that can't be read, and
 * when no file has a line of that day: then it is another day that was meant. `read` gives a file's bytes.
 */
export async function readGivenFiles(
  paths: readonly string[],
  day: LocalDay,
  timeZone: string,
  read: (path: string) => Promise<Uint8Array> = readGiven,
): Promise<RollupRefreshed[]> {
  const window = dayWindow(day, timeZone)
  const rollups = new Map<string, DayRollup>()
  const contents = await Promise.all(paths.map(read))
  for (const [index, path] of paths.entries()) {
    const location = locationOf(path)
    const rollup = rollups.get(location) ?? emptyRollup(location, window)
    rollups.set(location, rollup)
    mergeGiven(rollup, path, contents[index] ?? new Uint8Array())
  }
  const all = [...rollups.values()]
  const hasLines = contents.some((bytes) => bytes.length > 0)
  if (hasLines && all.every(isUnknown)) {
    throw new UsageError(
      `No line of the given files is on ${day}: give the day they are of, YYYY-MM-DD`,
    )
  }
  return all.map((rollup) => ({ rollup, fetched: 0, refused: [], unread: [] }))
}

/** A file's bytes. Throws UsageError when it can't be read. */
export async function readGiven(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new UsageError(`Can't read ${path}: ${(cause as Error).message}`)
  }
}

/** Adds a file by what its name says it is; a file of any other name is read as a day file. */
function mergeGiven(rollup: DayRollup, path: string, bytes: Uint8Array): void {
  const name = parseRawKey(`${RAW_PREFIX}${rollup.location}/${rollup.window.day}/${basename(path)}`)
  const object = { key: path, etag: '', bytes }
  if (name?.kind === 'minute') mergeMinuteFile(rollup, name, object)
  else mergeDayFile(rollup, object)
}

/** The location a file's path tells: the folder above the day, or the file's own name. */
function locationOf(path: string): string {
  const parent = basename(dirname(path))
  const isMinuteFile = parseRawKey(`${RAW_PREFIX}x/${parent}/${basename(path)}`)?.kind === 'minute'
  if (isMinuteFile) return basename(dirname(dirname(path)))
  return parent && parent !== '.' ? parent : basename(path)
}
