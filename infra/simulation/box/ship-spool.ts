/**
 * Shipping: the probe's real run of it (order, packs, back-off, folders of past days) on the simulated disk, with an
 * rclone that is told here: it moves whole files in any order, some late, some twice, deletes what the bucket has
 * confirmed, and cuts some copies short first. Or it reaches nothing, or a server that minds the box's clock.
 */
import { type ShipRun, shipSpool } from '@presences/probe/ship/ship-spool.ts'
import type { Random } from '../../random.ts'
import type { Bucket } from '../bucket/bucket.ts'
import type { Faults } from '../faults/faults.ts'
import { TIME_ZONE } from '../runtime/civil-time.ts'
import type { BoxFs } from './disk-files.ts'
import type { MinuteBook } from './minute-book.ts'

export interface ShippingDeps {
  readonly book: MinuteBook
  readonly bucket: Bucket
  readonly random: Random
  readonly note: (line: string) => void
  /** The day of each file that has left, or tried to. */
  readonly onMoved: (day: string) => void
}

export interface Line {
  readonly isOffline: boolean
  /** How far off the box's clock is, in milliseconds. */
  readonly skewMs: number
}

export interface Shipping {
  /** One run at what the box's clock shows. */
  run(shown: number, line: Line, fs: BoxFs, faults: Faults): Promise<ShipRun>
}

export const SPOOL = '/var/spool/presences'

/** As the unit has it. */
const MAX_BYTES = 300e6
/** What servers bear: more is RequestTimeTooSkewed. */
const SKEW_MS = 15 * 60_000
const NEVER_STOPPED = new AbortController().signal

export function createShipping({ book, bucket, random, note, onMoved }: ShippingDeps): Shipping {
  const again: (readonly [string, Buffer])[] = []
  return { run }

  function run(shown: number, line: Line, fs: BoxFs, faults: Faults): Promise<ShipRun> {
    return shipSpool(new Date(shown), {
      fs: fs as never,
      folder: SPOOL,
      maxBytes: MAX_BYTES,
      timeZone: TIME_ZONE,
      elapsedMs: () => 0,
      stop: NEVER_STOPPED,
      isForced: false,
      bucket: {
        configPath: 'rclone.conf',
        move: (paths) => rclone(paths, { shown, line }, fs, faults),
      },
    })
  }

  /** What rclone does, and says, in the words of its 1.60. */
  async function rclone(
    paths: readonly string[],
    { shown, line }: { readonly shown: number; readonly line: Line },
    fs: BoxFs,
    faults: Faults,
  ) {
    const put = (key: string, bytes: Buffer) =>
      bucket.put(key, bytes, undefined, shown - line.skewMs)
    const log: string[] = []
    for (const path of random.shuffle([...paths])) {
      const fault = line.isOffline
        ? 'dial tcp: lookup bucket.simulated: no such host'
        : Math.abs(line.skewMs) > SKEW_MS
          ? 'RequestTimeTooSkewed: the difference is too large status code: 403'
          : random.chance(faults['late-files'] * 0.05)
            ? 'InternalError: try again status code: 500'
            : await move(path, put, fs, faults)
      log.push(fault ? `ERROR : ${path}: Failed to copy: ${fault}` : `INFO  : ${path}: Deleted`)
    }
    if (!line.isOffline && random.chance(faults['files-twice'] * 0.3)) {
      for (const [key, bytes] of again.splice(0)) put(key, bytes)
    }
    return { log: log.join('\n'), end: { status: 0 } }
  }

  /** Why it did not, in words. */
  async function move(
    path: string,
    put: (key: string, bytes: Buffer) => void,
    fs: BoxFs,
    faults: Faults,
  ): Promise<string | undefined> {
    const bytes: Buffer = await fs.readFile(`${SPOOL}/${path}`)
    book.found(path, bytes)
    onMoved(path.split('/')[1] as string)
    const key = `presences/${path}`
    if (random.chance(faults['cut-copies'] * 0.1)) {
      put(key, cutShort(bytes))
      note(`cut copy ${key}`)
      return 'corrupted on transfer: sizes differ'
    }
    put(key, bytes)
    if (faults['files-twice'] > 0 && random.chance(0.05)) again.push([key, bytes])
    // From a disk that failed it can't go: it is shipped again.
    return fs.unlink(`${SPOOL}/${path}`).then(
      () => undefined,
      (error: Error) => error.message,
    )
  }

  /** Anywhere, or between two lines, where it looks whole. */
  function cutShort(bytes: Buffer): Buffer {
    const text = bytes.toString('utf8')
    const lines = text.split('\n').length
    if (random.chance(0.5) || lines < 3)
      return bytes.subarray(0, random.between(0, text.length - 1))
    const kept = random.between(1, lines - 2)
    return Buffer.from(`${text.split('\n').slice(0, kept).join('\n')}\n`)
  }
}
