/**
 * The memory of which minute files were recorded: rclone empties the spool, and a second scan in one
 * minute (by hand, or after the clock was set back) must not replace in the bucket what the first one put there.
 * For each location and day a file at the top of the spool, `.recorded-<location>-<day>`, one line a
 * minute file, appended: its name, and the writer that recorded it.
 *
 *     20261122T0712Z-box.tsv 4711-86400123456789-1
 *
 * The first line with a name counts, so of several scans at once one wins. What is asked is whether
 * this very minute was recorded, never whether a time is late enough: so a clock that was a year ahead
 * for a day holds up nothing, once it is set right. For the same reason files are forgotten by
 * their number (60 bytes a minute: at most 9 MB), not by their age; those of a day that still waits,
 * packed, are not.
 */
import type * as nodeFs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isForeign, type Owner, waitForDisk } from './durable-write.ts'

/** The part of `node:fs/promises` the memory uses. */
export type RecordsFs = Pick<typeof nodeFs, 'open' | 'readdir' | 'readFile' | 'unlink'>

/** How many days of a location are remembered. */
export const DAYS_KEPT = 100

/** Makes `writer` the one who records the minute file `path`, durably. False when it was recorded before. */
export async function claimMinute(
  fs: RecordsFs,
  spool: string,
  path: string,
  { writer, owner }: { writer: string; owner: Owner },
): Promise<boolean> {
  const records = recordsOf(path)
  const file = await fs.open(join(spool, records), 'a+', 0o640)
  try {
    const before = await readWhole(file)
    if (writerIn(before, basename(path)) !== undefined) return false
    const { uid, size } = await file.stat()
    if (isForeign(uid, owner)) await file.chown(owner.uid, owner.gid)
    // A line that lost power cut short must not swallow this one.
    const separator = before === '' || before.endsWith('\n') ? '' : '\n'
    await file.appendFile(`${separator}${basename(path)} ${writer}\n`)
    await file.datasync()
    // Also when another scan made it: that one may have been ended before its name was on the disk.
    await waitForDisk(fs, spool)
    if (size === 0) await forgetOldDays(fs, spool, records)
    return writerIn(await readWhole(file), basename(path)) === writer
  } finally {
    await file.close()
  }
}

/** The path of the minute file `name`, if `writer` is the one who records it: all files are read. */
export async function pathClaimed(
  fs: RecordsFs,
  spool: string,
  name: string,
  writer: string,
): Promise<string | undefined> {
  for (const records of await fs.readdir(spool)) {
    const [, location, day] = RECORDS_NAME.exec(records) ?? []
    if (!location || !day) continue
    const text = await fs.readFile(join(spool, records), 'utf8')
    if (writerIn(text, name) === writer) return join(location, day, name)
  }
  return undefined
}

/**
 * When a minute was last recorded, as of `now`: what the clock has as the future tells nothing. `undefined` when none
 * is remembered. Throws when there is no spool.
 */
export async function lastRecorded(
  fs: Pick<typeof nodeFs, 'readdir' | 'stat'>,
  spool: string,
  now: Date,
): Promise<Date | undefined> {
  let last: Date | undefined
  for (const records of await fs.readdir(spool)) {
    if (!RECORDS_NAME.test(records)) continue
    const { mtime } = await fs.stat(join(spool, records))
    if (mtime <= now && !(last && mtime <= last)) last = mtime
  }
  return last
}

const RECORDS_NAME = /^\.recorded-(.+)-(\d{4}-\d{2}-\d{2})$/

function recordsOf(path: string): string {
  const day = dirname(path)
  return `.recorded-${dirname(day)}-${basename(day)}`
}

function writerIn(text: string, name: string): string | undefined {
  const begin = `${name} `
  const at = text.startsWith(begin) ? 0 : text.indexOf(`\n${begin}`) + 1
  if (at === 0 && !text.startsWith(begin)) return undefined
  return text.slice(at + begin.length).split('\n', 1)[0]
}

async function readWhole(file: nodeFs.FileHandle): Promise<string> {
  const { size } = await file.stat()
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0)
  return buffer.toString('utf8', 0, bytesRead)
}

/** Once a day. The one just begun stays, however old its day: a clock may stand in the past for long. */
async function forgetOldDays(fs: RecordsFs, spool: string, begun: string): Promise<void> {
  const locationOf = (records: string) => RECORDS_NAME.exec(records)?.[1]
  const names = await fs.readdir(spool)
  const days = names.filter((name) => locationOf(name) === locationOf(begun)).sort()
  for (const name of days.slice(0, -DAYS_KEPT)) {
    const packs = name.replace('.recorded-', '.packed-')
    const isPacked = names.some((other) => other.startsWith(`${packs}-`))
    if (name !== begun && !isPacked) await fs.unlink(join(spool, name)).catch(() => undefined)
  }
}
