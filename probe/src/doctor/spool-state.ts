/** Is the spool writable, is there room, and is what waits in it being shipped? */
import * as nodeFs from 'node:fs/promises'
import { statfs, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { epochMinuteOf } from '@presences/shared'
import { CLOSED_HOURS_SHARE } from '../spool/budget.ts'
import { explainDiskFailure } from '../spool/disk-failure.ts'
import { readSpoolSummary, type SpoolSummary } from '../spool/summary.ts'
import type { Check } from './check.ts'
import type { Subject } from './page.ts'

/** Checks the spool's folder as the minute of `now`; `maxBytes` may wait in it. */
export async function checkSpool(folder: string, maxBytes: number, now: Date): Promise<Check[]> {
  const subject: Subject = `spool ${folder}`
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
    ...(await checkWaiting(folder, maxBytes, now)),
  ]
}

/** Minute files are shipped within minutes: one older than this is stuck. */
const STUCK_MINUTES = 30
/** Below this a card is filling up, and something else than minute files fills it. */
const LOW_MEGABYTES = 100

async function checkWritable(folder: string, subject: Subject): Promise<Check> {
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

/** Checks what is left on the disk. */
export function checkRoom(freeBytes: number): Check {
  const megabytes = Math.floor(freeBytes / 1e6)
  const finding = `${megabytes} MB are free`
  if (megabytes >= LOW_MEGABYTES) return { subject: 'disk', state: 'works', finding }
  return { subject: 'disk', state: 'degraded', finding, advice: 'free space on the disk' }
}

async function checkWaiting(folder: string, maxBytes: number, now: Date): Promise<Check[]> {
  try {
    const summary = await readSpoolSummary(nodeFs, folder)
    return checkSummary(summary, maxBytes, now)
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

/** Checks what waits as the minute of `now`; `maxBytes` may. */
export function checkSummary(summary: SpoolSummary, maxBytes: number, now: Date): Check[] {
  return [checkBudget(summary, maxBytes), checkShipping(summary, now), checkOrder(summary, now)]
}

/** New minutes are refused when it is used up, those outside opening hours a tenth before. */
function checkBudget({ bytes }: SpoolSummary, maxBytes: number): Check {
  const subject = 'budget'
  const finding = `${Math.round(bytes / 1e6)} of ${Math.round(maxBytes / 1e6)} MB wait to be shipped`
  if (bytes <= maxBytes / 2) return { subject, state: 'works', finding }
  const advice = 'see "shipping" below; or raise PROBE_SPOOL_MAX_MB, if the disk has room'
  const isFull = bytes > maxBytes * CLOSED_HOURS_SHARE
  return { subject, state: isFull ? 'fails' : 'degraded', finding, advice }
}

function checkShipping({ waiting, packed, oldest, shipped }: SpoolSummary, now: Date): Check {
  const subject = 'shipping'
  const ago = shipped ? `; last shipped ${formatAge(minutesSince(shipped, now))} ago` : ''
  if (oldest === undefined) return { subject, state: 'works', finding: `no file waits${ago}` }
  const minutes = epochMinuteOf(now) - oldest
  const files = waiting === 1 ? '1 file waits' : `${waiting} files wait`
  const ofThem = packed > 0 ? ` (${packed} packed)` : ''
  const finding = `${files}${ofThem}, the oldest since ${formatAge(minutes)}${ago}`
  if (minutes <= STUCK_MINUTES) return { subject, state: 'works', finding }
  const advice =
    "read the log of the shipping unit: the network, rclone's remote or its key is at fault"
  return { subject, state: 'degraded', finding, advice }
}

/** A file from the future tells that the clock was wrong, then or now. */
function checkOrder({ minutes }: SpoolSummary, now: Date): Check {
  const subject = 'order of minutes'
  const future = minutes.filter((minute) => minute > epochMinuteOf(now)).length
  if (future === 0) return { subject, state: 'works', finding: 'no file is from the future' }
  const finding = `${future} waiting files are from the future`
  return { subject, state: 'degraded', finding, advice: 'check the clock: timedatectl' }
}

function minutesSince(time: Date, now: Date): number {
  return Math.max(0, Math.round((now.getTime() - time.getTime()) / 60_000))
}

function formatAge(minutes: number): string {
  if (minutes < 120) return `${minutes} min`
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`
}
