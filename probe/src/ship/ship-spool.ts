/**
 * The story of one run of shipping, each minute: end what a power cut interrupted; ship what waits, unless the
 * bucket failed just now; where that leads nowhere, pack the days that have waited long; remove emptied folders.
 */
import type * as nodeFs from 'node:fs/promises'
import { join } from 'node:path'
import { millisecondsInDay } from 'date-fns/constants'
import { spoolBytes } from '../spool/budget.ts'
import {
  type Pack,
  readSpoolContents,
  type SpoolContents,
  type WaitingMinute,
} from '../spool/contents.ts'
import { explainDiskFailure } from '../spool/disk-failure.ts'
import { endInterrupted } from '../spool/pack/interrupted.ts'
import { packOldDays } from '../spool/pack/pack-old-days.ts'
import { unpack } from '../spool/pack/unpack.ts'
import { nextTry, noteRun, readFailures } from './back-off.ts'
import { type SendDeps, type Sent, sendWaiting } from './send-waiting.ts'
import type { SpoolConfig } from './ship-config.ts'

export interface ShipDeps extends SpoolConfig, Pick<SendDeps, 'elapsedMs' | 'stop'> {
  readonly fs: typeof nodeFs
  /** Tries although the bucket failed just now. */
  readonly isForced: boolean
  /** Undefined: shipping is not configured, and the spool is only kept in order. */
  readonly bucket: Pick<SendDeps, 'move' | 'configPath'> | undefined
}

/** What came of a run. */
export interface ShipRun extends Sent {
  /** How many minute files waited, packed ones too. */
  readonly waiting: number
  readonly packed: number
  readonly strangers: readonly string[]
  /** Set when nothing was tried: the bucket failed so many times. */
  readonly backOff?: { readonly failures: number; readonly until: Date }
}

/** Ships what waits in the spool, as of `begun`. Throws when the spool can't be listed. */
export async function shipSpool(begun: Date, deps: ShipDeps): Promise<ShipRun> {
  const { fs, folder } = deps
  const startedMs = deps.elapsedMs()
  const found = await listed(fs, folder)
  const ended = await endInterrupted(fs, folder, found)
  const contents = { ...found, minutes: await ripeMinutes(found.minutes, begun, deps) }
  const waiting = contents.packs.reduce((sum, { count }) => sum + count, contents.minutes.length)
  // One that was told of is not tried, to be told of again.
  const packs = contents.packs.filter(({ file }) => !ended.unread.has(file))
  const run = await shipOrWait(begun, waiting, { ...contents, packs }, deps)
  const isStuck = run.shipped === 0 && waiting > 0
  const after =
    isStuck || (await isHalfFull(deps)) ? await packWaiting(startedMs, begun, deps) : NONE
  await removeEmptyFolders(begun, deps)
  return {
    ...run,
    waiting,
    packed: after.packed,
    strangers: contents.strangers,
    problems: [...ended.problems, ...run.problems, ...after.problems],
  }
}

async function listed(fs: typeof nodeFs, folder: string): Promise<SpoolContents> {
  try {
    return await readSpoolContents(fs, folder)
  } catch (cause) {
    const { reason, advice } = explainDiskFailure(cause, folder)
    throw new Error(`Can't list what waits in ${folder}: ${reason}. To do: ${advice}`, { cause })
  }
}

const NONE = { packed: 0, problems: [] }
const NOTHING_SENT: Sent = { shipped: 0, reasons: [], problems: [] }
/** A file this young may still be copied by a person. (Our own appear whole.) */
const RIPE_MS = 5_000
/** Packing a day of 300 devices takes some seconds on a small machine; a run leaves room for the next. */
const PACKING_MS = 15_000

async function shipOrWait(
  begun: Date,
  waiting: number,
  contents: SpoolContents,
  deps: ShipDeps,
): Promise<Sent & Pick<ShipRun, 'backOff'>> {
  const { fs, folder } = deps
  const { bucket } = deps
  if (waiting === 0 || !bucket) return NOTHING_SENT
  const failures = await readFailures(fs, folder, begun)
  if (failures && !deps.isForced && nextTry(failures) > begun) {
    return { ...NOTHING_SENT, backOff: { failures: failures.count, until: nextTry(failures) } }
  }
  const sent = await sendWaiting(contents, {
    ...deps,
    ...bucket,
    unpack: (pack: Pack) => unpack(fs, folder, pack),
  })
  const isFailed = sent.shipped === 0 && sent.reasons.length > 0
  const before = failures?.count ?? 0
  await noteRun(fs, folder, begun, { isFailed, shipped: sent.shipped, before })
  return sent
}

/** Those that are still there, without those that may still be written to. */
async function ripeMinutes(
  minutes: readonly WaitingMinute[],
  begun: Date,
  { fs, folder }: ShipDeps,
): Promise<WaitingMinute[]> {
  const ripe: WaitingMinute[] = []
  for (const minute of minutes) {
    const stat = await fs.stat(join(folder, minute.path)).catch(() => undefined)
    // Also one of what the clock has as the future: unpacked while it was wrong, it must not wait for that time.
    if (stat && Math.abs(begun.getTime() - stat.mtimeMs) >= RIPE_MS) ripe.push(minute)
  }
  return ripe
}

/** Where shipping works, but slower than minutes are recorded. */
async function isHalfFull({ fs, folder, maxBytes }: ShipDeps): Promise<boolean> {
  return (await spoolBytes(fs, folder, TYPICAL_BYTES)) > maxBytes / 2
}

const TYPICAL_BYTES = 8_192

async function packWaiting(
  startedMs: number,
  now: Date,
  deps: ShipDeps,
): Promise<{ packed: number; problems: readonly string[] }> {
  const { fs, folder, timeZone } = deps
  const isTimeOver = () => deps.stop.aborted || deps.elapsedMs() - startedMs > PACKING_MS
  try {
    const { minutes } = await readSpoolContents(fs, folder)
    return {
      packed: await packOldDays(fs, minutes, { folder, timeZone, now, isTimeOver }),
      problems: [],
    }
  } catch (cause) {
    const advice = 'free space on the disk, or check it (dmesg); nothing is lost'
    return {
      packed: 0,
      problems: [`Can't pack old minutes: ${(cause as Error).message}. To do: ${advice}`],
    }
  }
}

/**
 * Folders of past days, once empty. (Not rclone's --delete-empty-src-dirs: it would remove today's after
 * each minute, for the next scan to make again: needless writes to a card, and a race.)
 */
async function removeEmptyFolders(begun: Date, { fs, folder }: ShipDeps): Promise<void> {
  const top = (await fs.readdir(folder, { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  )
  for (const location of top.filter(({ name }) => !name.startsWith('.'))) {
    const path = join(folder, location.name)
    // None in what may not be read, such as a disk's lost+found.
    for (const day of await fs.readdir(path).catch(() => [])) await removeIfOld(join(path, day))
    await removeIfOld(path)
  }

  async function removeIfOld(path: string): Promise<void> {
    const stat = await fs.stat(path).catch(() => undefined)
    // One that is not empty stays.
    if (stat?.isDirectory() && begun.getTime() - stat.mtimeMs > millisecondsInDay)
      await fs.rmdir(path).catch(() => undefined)
  }
}
