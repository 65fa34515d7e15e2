/**
 * What rclone does with a spool (infra/box/ship.sh): it moves whole minute files, some late, some twice, in any
 * order, leaves young ones and dot names alone, and deletes what the bucket has confirmed; some copies are
 * cut short first. And the folders of past days go once they are empty.
 */
import type { Bucket } from '../bucket/bucket.ts'
import type { Faults } from '../faults.ts'
import type { Random } from '../random.ts'
import type { Disk, DiskFile } from './disk.ts'
import type { MinuteBook } from './minute-book.ts'

export interface ShippingDeps {
  readonly disk: Disk
  readonly book: MinuteBook
  readonly bucket: Bucket
  readonly random: Random
  readonly note: (line: string) => void
}

export interface Shipping {
  /** One run at a true instant, when the box's clock shows another, perhaps; gives the days of what it moved. */
  run(time: { readonly at: number; readonly shown: number }, faults: Faults): string[]
}

export const SPOOL = '/var/spool/presences'

/** Of ship.sh: `--min-age`, and `-mtime +1` of a folder. */
const RIPE_MS = 5000
const PAST_MS = 2 * 86_400_000
/** What servers bear: more is RequestTimeTooSkewed. */
const SKEW_MS = 15 * 60_000

export function createShipping({ disk, book, bucket, random, note }: ShippingDeps): Shipping {
  const again: (readonly [string, Buffer])[] = []
  return { run }

  function run({ at, shown }: { at: number; shown: number }, faults: Faults): string[] {
    const days: string[] = []
    if (Math.abs(at - shown) < SKEW_MS) {
      for (const [path, file] of random.shuffle(minuteFiles(shown - RIPE_MS))) {
        if (random.chance(faults['late-files'] * 0.05)) continue
        if (random.chance(faults['power-cut'] * 0.0002)) return days
        days.push(path.split('/')[1] as string)
        move(path, file, faults)
      }
      if (random.chance(faults['files-twice'] * 0.3)) {
        for (const [key, bytes] of again.splice(0)) bucket.put(key, bytes)
      }
    }
    sweep(shown)
    return days
  }

  function move(path: string, { bytes }: DiskFile, faults: Faults): void {
    book.found(path, bytes)
    const key = `presences/${path}`
    if (random.chance(faults['cut-copies'] * 0.1)) {
      bucket.put(key, cutShort(bytes))
      note(`cut copy ${key}`)
      return
    }
    bucket.put(key, bytes)
    if (faults['files-twice'] > 0 && random.chance(0.05)) again.push([key, bytes])
    // From a disk that failed it can't go: it is shipped again.
    if (!disk.isReadOnly) disk.remove(`${SPOOL}/${path}`)
  }

  /** By their paths in the spool, those written before an instant. */
  function minuteFiles(before: number): [string, DiskFile][] {
    const files: [string, DiskFile][] = []
    for (const [path, folder] of dayFolders()) {
      for (const [name, file] of folder.entries) {
        if (file.kind === 'file' && !name.startsWith('.') && file.modified <= before) {
          files.push([`${path}/${name}`, file])
        }
      }
    }
    return files
  }

  function sweep(shown: number): void {
    if (disk.isReadOnly) return
    for (const [path, folder] of [...dayFolders()]) {
      if (folder.entries.size === 0 && shown - folder.modified >= PAST_MS) {
        disk.remove(`${SPOOL}/${path}`)
      }
    }
  }

  function* dayFolders() {
    for (const location of foldersIn(SPOOL)) {
      for (const day of foldersIn(`${SPOOL}/${location.name}`)) {
        yield [`${location.name}/${day.name}`, day.folder] as const
      }
    }
  }

  function* foldersIn(path: string) {
    const parent = disk.at(path)
    if (parent.kind !== 'folder') return
    for (const [name, folder] of parent.entries) {
      if (folder.kind === 'folder') yield { name, folder }
    }
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
