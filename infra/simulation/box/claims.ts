/**
 * Whether a minute whose scan was cut off is safe all the same, by what the spool promises: who has claimed a minute, and
 * has its file whole on the disk, does not lose it; a scan an hour later gives it its name. Told from the disk.
 */
import { basename, dirname } from 'node:path/posix'
import type { Disk, DiskFile } from './disk.ts'

/** `path` is where the minute belongs in the spool, `writer` who records it. */
export function isClaimed(disk: Disk, spool: string, path: string, writer: string): boolean {
  const day = dirname(path)
  const records = safeFile(disk, spool, `.recorded-${dirname(day)}-${basename(day)}`)
  const temporary = safeFile(disk, spool, `.${basename(path)}.${writer}.tmp`)
  const claims = records?.safe.toString('utf8').split('\n') ?? []
  // The first line with a name counts.
  const first = claims.find((line) => line.startsWith(`${basename(path)} `))
  return temporary !== undefined && first === `${basename(path)} ${writer}`
}

/** A file that the next power cut leaves as it is. */
function safeFile(disk: Disk, spool: string, name: string): DiskFile | undefined {
  const folder = disk.at(spool)
  if (folder.kind !== 'folder' || folder.before.has(name)) return undefined
  const file = folder.entries.get(name)
  return file?.kind === 'file' && file.safe === file.bytes ? file : undefined
}
