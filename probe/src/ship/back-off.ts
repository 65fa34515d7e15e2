/**
 * What one run of shipping tells the next, in two files of the spool that are not shipped. A bucket that can't be
 * reached is tried after 1, 2, 4, 8, then every 15 minutes; one success, and each minute is tried again.
 *
 *     .ship-failures   how many runs failed one after another; its time is when the last began
 *     .shipped         empty; its time is when something was last shipped
 */
import type * as nodeFs from 'node:fs/promises'
import { join } from 'node:path'
import { SHIPPED_FILE } from '../spool/contents.ts'

export type BackOffFs = Pick<typeof nodeFs, 'readFile' | 'stat' | 'unlink' | 'utimes' | 'writeFile'>

export interface Failures {
  readonly count: number
  readonly last: Date
}

/** When a bucket that failed is to be tried again. */
export function nextTry({ count, last }: Failures): Date {
  const minutes = Math.min(2 ** (count - 1), MOST_MINUTES)
  return new Date(last.getTime() + minutes * 60_000 - TIMER_SLACK_MS)
}

/** The failures so far; `undefined` when the last run shipped, or failed in what the clock has as the future. */
export async function readFailures(
  fs: BackOffFs,
  folder: string,
  now: Date,
): Promise<Failures | undefined> {
  const path = join(folder, FAILURES_FILE)
  try {
    const count = Number(await fs.readFile(path, 'utf8'))
    const { mtime: last } = await fs.stat(path)
    return count >= 1 && last <= now ? { count, last } : undefined
  } catch {
    // None, or none that can be read: trying is never wrong.
    return undefined
  }
}

/** Remembers how a run that began at `begun` ended. What can't be written is not worth failing for. */
export async function noteRun(
  fs: BackOffFs,
  folder: string,
  begun: Date,
  run: { readonly isFailed: boolean; readonly shipped: number; readonly before: number },
): Promise<void> {
  try {
    if (run.isFailed) await rewrite(fs, join(folder, FAILURES_FILE), String(run.before + 1), begun)
    // Also where none counts: one of what the clock had as the future would count when that time has come.
    else await fs.unlink(join(folder, FAILURES_FILE)).catch(() => undefined)
    if (run.shipped > 0) await touch(fs, join(folder, SHIPPED_FILE), begun)
  } catch {
    // As said above: the next run tries at once.
  }
}

const FAILURES_FILE = '.ship-failures'
const MOST_MINUTES = 15
/** A timer that elapses a little early must not cost a minute more. */
const TIMER_SLACK_MS = 10_000

/** Each minute, for ever: a card is spared the write of a file that did not change. */
async function touch(fs: BackOffFs, path: string, time: Date): Promise<void> {
  await fs.utimes(path, time, time).catch(() => rewrite(fs, path, '', time))
}

/** Anew: the one that is there may be of somebody who shipped by hand. */
async function rewrite(fs: BackOffFs, path: string, text: string, time: Date): Promise<void> {
  await fs.unlink(path).catch(() => undefined)
  await fs.writeFile(path, text, { mode: 0o640 })
  await fs.utimes(path, time, time)
}
