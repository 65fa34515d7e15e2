/**
 * One run of shipping: what waits goes to the bucket in portions, packs are unpacked when it is their turn. It ends
 * when all is shipped, when the next file would fail like the last, or after two minutes: the next run
 * begins with the newest minute, so that nobody takes a box that catches up for a silent one.
 */
import type { Pack, SpoolContents, WaitingMinute } from '../spool/contents.ts'
import { explainFailure } from './explain-failure.ts'
import type { RcloneRun } from './rclone.ts'
import { readRcloneLog } from './rclone-log.ts'
import { newestOf, shippingOrder } from './shipping-order.ts'

export interface SendDeps {
  readonly timeZone: string
  readonly configPath: string
  /** A clock that is never set. */
  readonly elapsedMs: () => number
  readonly stop: AbortSignal
  readonly move: (paths: readonly string[], timeoutMs: number) => Promise<RcloneRun>
  /** Turns a pack into minute files; throws when it can't, the pack being kept. */
  readonly unpack: (pack: Pack) => Promise<WaitingMinute[]>
}

export interface Sent {
  readonly shipped: number
  /** Why files were not shipped: rclone's words, each once. */
  readonly reasons: readonly string[]
  /** Other sentences for the log. */
  readonly problems: readonly string[]
}

/** Ships what it can of `contents`. */
export async function sendWaiting(
  contents: Pick<SpoolContents, 'minutes' | 'packs'>,
  deps: SendDeps,
): Promise<Sent> {
  const startedMs = deps.elapsedMs()
  const reasons = new Set<string>()
  const problems: string[] = []
  let shipped = 0
  let failedTries = 0
  let isOver = false

  const newest = newestOf(contents.minutes)
  // Alone, and first: while the bucket can't be reached a run costs one try, not one for each minute of a
  // week offline. (The newest, because it is another one each minute.)
  if (newest) await send([newest.path])
  for (const portion of shippingOrder(contents, deps.timeZone)) {
    if (isOver) break
    const unpacked = await unpackAll(portion.packs)
    const paths = [...portion.minutes, ...unpacked].filter((minute) => minute !== newest)
    await sendInBatches(paths.map(({ path }) => path))
  }
  return { shipped, reasons: [...reasons], problems }

  async function sendInBatches(paths: readonly string[]): Promise<void> {
    let from = 0
    while (from < paths.length && !isOver) {
      // Until something was shipped each try is of one file.
      const count = shipped === 0 ? 1 : BATCH
      await send(paths.slice(from, from + count))
      from += count
      if (deps.elapsedMs() - startedMs > RUN_MS) isOver = true
    }
  }

  async function send(paths: readonly string[]): Promise<void> {
    const run = await deps.move(paths, BATCH_MS)
    const log = readRcloneLog(run.log)
    shipped += log.shipped
    const told = [...log.reasons, ...endOf(run, log.reasons.length > 0, deps.stop)]
    for (const reason of told) reasons.add(reason)
    if (log.shipped === 0 && told.length > 0) failedTries += 1
    // What only one file may suffer from doesn't hold up the others; two of two suffer from the same.
    if (told.some((reason) => explainFailure(reason, deps.configPath).isForAll)) isOver = true
    if (shipped === 0 && failedTries === 2) isOver = true
  }

  async function unpackAll(packs: readonly Pack[]): Promise<WaitingMinute[]> {
    const minutes: WaitingMinute[] = []
    for (const pack of packs) {
      try {
        minutes.push(...(await deps.unpack(pack)))
      } catch (cause) {
        problems.push(
          `${(cause as Error).message}. To do: free space on the disk, or check it (dmesg); the pack is kept`,
        )
      }
    }
    return minutes
  }
}

/** 200 files are 3 MB: some seconds, or minutes where the line is slow. */
const BATCH = 200
/** rclone 1.60 waits for ever on some answers (a redirection that says not where to). */
const BATCH_MS = 300_000
const RUN_MS = 120_000

/** The end of rclone as a reason, unless it was a good one or its log has said why. */
function endOf({ end }: RcloneRun, isExplained: boolean, stop: AbortSignal): string[] {
  if (stop.aborted) return ['rclone was ended before it was done']
  if (end === 'missing') return ['rclone is not installed']
  if (end === 'timed-out') return [`rclone did not end within ${BATCH_MS / 1000} s`]
  if ('notStarted' in end) return [`rclone could not be started: ${end.notStarted}`]
  if ('signal' in end) return [`rclone was killed (${end.signal})`]
  if (end.status === 0 || isExplained) return []
  return [`rclone ended with status ${end.status} and gave no reason`]
}
