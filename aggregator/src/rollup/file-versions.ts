/**
 * Which version of each minute file a rollup holds: a file that was written over after it was read is read again, for
 * whoever has a box's key may have been there before the box. Two bytes a minute, so that years of rollups stay small:
 * of 65,535 changes one is missed.
 */

/** The versions of one probe's files of a day: two bytes a minute, 0 where none is known. */
export type FileVersions = Uint8Array

/** No versions, for a day of `minutes` minutes. */
export function emptyVersions(minutes: number): FileVersions {
  return new Uint8Array(2 * minutes)
}

/** True when the file of this minute was read in another version than `etag`. Not knowing is no difference. */
export function isChanged(versions: FileVersions | undefined, minute: number, etag: string) {
  const known = versions ? versionAt(versions, minute) : 0
  return known !== 0 && known !== versionOf(etag)
}

/** Notes that the file of this minute was read in version `etag`. */
export function noteVersion(versions: FileVersions, minute: number, etag: string): void {
  setVersion(versions, minute, versionOf(etag))
}

/**
 * Adds what `from` knows to `into`. Which of two versions is the current one can't be told here. Either will do, if it
 * is the same one in any order: a version that is not the listed one is fetched again.
 */
export function mergeVersions(into: FileVersions, from: FileVersions): void {
  for (let minute = 0; minute * 2 < into.length; minute += 1) {
    const version = versionAt(from, minute)
    if (version > versionAt(into, minute)) setVersion(into, minute, version)
  }
}

function versionAt(versions: FileVersions, minute: number): number {
  return ((versions[2 * minute] ?? 0) << 8) | (versions[2 * minute + 1] ?? 0)
}

function setVersion(versions: FileVersions, minute: number, version: number): void {
  versions[2 * minute] = version >> 8
  versions[2 * minute + 1] = version & 0xff
}

/** An etag as a number from 1 to 65,535 (FNV-1a, folded): the same on every machine. */
function versionOf(etag: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < etag.length; at += 1) {
    hash = Math.imul(hash ^ etag.charCodeAt(at), 0x01000193)
  }
  return 1 + (((hash >>> 16) ^ (hash & 0xffff)) % 0xffff)
}
