/** Is the spool writable, is there room, and is what waits in it being shipped? */
import { readdir, statfs, unlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type EpochMinute, epochMinuteOf, parseRawKey, RAW_PREFIX } from '@presences/shared'
import { explainDiskFailure } from '../disk-failure.ts'
import type { Check } from './check.ts'

/** Checks the spool's folder as the minute of `now`. */
export async function checkSpool(folder: string, now: Date): Promise<Check[]> {
  const subject = `spool ${folder}`
  const stat = await statfs(folder).catch(() => undefined)
  if (!stat) {
    // Not made here: the doctor may be root, and the probe's user must own it.
    const advice = `make it for the user of the probe (sudo install -d -o USER ${folder}), or set PROBE_SPOOL`
    return [
      { subject, state: 'degraded', finding: 'it is missing; a scan will try to make it', advice },
    ]
  }
  return [
    await checkWritable(folder, subject),
    checkRoom(stat.bavail * stat.bsize),
    ...(await checkWaiting(folder, now)),
  ]
}

/** Minute files are shipped within minutes: one older than this is stuck. */
const STUCK_MINUTES = 30
/** Below this a card is filling up, and something else than minute files fills it. */
const LOW_MEGABYTES = 100

async function checkWritable(folder: string, subject: string): Promise<Check> {
  const trial = join(folder, '.doctor.tmp')
  try {
    await writeFile(trial, 'written by presences-probe doctor\n')
    return { subject, state: 'works', finding: 'this user can write to it' }
  } catch (cause) {
    const { reason, advice } = explainDiskFailure(cause, folder)
    return { subject, state: 'fails', finding: `it can't be written: ${reason}`, advice }
  } finally {
    // Not there when it could not be written; what else may stay is removed by a later scan.
    await unlink(trial).catch(() => undefined)
  }
}

function checkRoom(freeBytes: number): Check {
  const megabytes = Math.floor(freeBytes / 1e6)
  const finding = `${megabytes} MB are free`
  if (megabytes >= LOW_MEGABYTES) return { subject: 'disk', state: 'works', finding }
  return { subject: 'disk', state: 'degraded', finding, advice: 'free space on the disk' }
}

async function checkWaiting(folder: string, now: Date): Promise<Check[]> {
  try {
    const waiting = await waitingMinutes(folder)
    return [checkShipping(waiting, now), checkOrder(waiting, now)]
  } catch (cause) {
    const { reason, advice } = explainDiskFailure(cause, folder)
    return [
      {
        subject: 'shipping',
        state: 'degraded',
        finding: `can't list what waits: ${reason}`,
        advice,
      },
    ]
  }
}

function checkShipping(waiting: readonly EpochMinute[], now: Date): Check {
  const subject = 'shipping'
  // Not Math.min(...): a box that was offline for a year has half a million files waiting.
  const oldest = waiting.reduce((left, right) => Math.min(left, right), Number.POSITIVE_INFINITY)
  const minutes = epochMinuteOf(now) - oldest
  if (waiting.length === 0) return { subject, state: 'works', finding: 'no file waits' }
  const files = waiting.length === 1 ? '1 file waits' : `${waiting.length} files wait`
  const finding = `${files}, the oldest since ${formatAge(minutes)}`
  if (minutes <= STUCK_MINUTES) return { subject, state: 'works', finding }
  const advice =
    "read the log of the shipping unit: the network, rclone's remote or its key is at fault"
  return { subject, state: 'degraded', finding, advice }
}

/** A file from the future tells that the clock was wrong, then or now. */
function checkOrder(waiting: readonly EpochMinute[], now: Date): Check {
  const subject = 'order of minutes'
  const future = waiting.filter((minute) => minute > epochMinuteOf(now)).length
  if (future === 0) return { subject, state: 'works', finding: 'no file is from the future' }
  const finding = `${future} waiting files are from the future`
  return { subject, state: 'degraded', finding, advice: 'check the clock: timedatectl' }
}

async function waitingMinutes(folder: string): Promise<EpochMinute[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => {
    if (!entry.isFile()) return []
    const key = parseRawKey(RAW_PREFIX + relative(folder, join(entry.parentPath, entry.name)))
    return key?.kind === 'minute' ? [key.minute] : []
  })
}

function formatAge(minutes: number): string {
  if (minutes < 120) return `${minutes} min`
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`
}
