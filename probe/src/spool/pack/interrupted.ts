/**
 * Ends what a power cut interrupted, before anything is shipped: packing leaves minute files that are in a
 * pack already, unpacking leaves files of a pack that is still there. Either way the pack is whole, and the
 * files are removed. A file with other bytes than the pack's of its name is another look at the same minute (the
 * memory of what was recorded was lost, or another box has this one's name): one of the two would replace the other
 * in the bucket, so it gets a name of its own, and both are shipped.
 */
import type * as nodeFs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { formatSpoolPath, oneLine } from '@presences/shared'
import type { SpoolContents, WaitingMinute } from '../contents.ts'
import { waitForDisk } from '../durable-write.ts'
import { decodePack } from './pack-file.ts'

/** The part of `node:fs/promises` it uses. */
export type InterruptedFs = Pick<typeof nodeFs, 'link' | 'open' | 'readFile' | 'unlink'>

export interface Ended {
  /** Sentences for the log. */
  readonly problems: readonly string[]
  /** The files of packs that can't be read: a problem tells of each. */
  readonly unread: ReadonlySet<string>
}

/** Removes minute files that are in a pack with the same bytes, and names those anew that are in one with others. */
export async function endInterrupted(
  fs: InterruptedFs,
  folder: string,
  { minutes, packs }: SpoolContents,
): Promise<Ended> {
  const problems: string[] = []
  const unread = new Set<string>()
  for (const { file, location, day } of packs) {
    const sameDay = minutes.filter((minute) => minute.location === location && minute.day === day)
    if (sameDay.length === 0) continue
    const loose = new Map(sameDay.map((minute) => [basename(minute.path), minute]))
    try {
      // Who packed may have been killed before the pack's name was on the disk.
      await waitForDisk(fs, folder)
      for (const { name, bytes } of decodePack(await fs.readFile(join(folder, file)))) {
        const minute = loose.get(name)
        if (!minute) continue
        const looseBytes = await fs.readFile(join(folder, minute.path))
        if (!bytes.equals(looseBytes)) {
          const other = await giveOtherName(fs, folder, minute, looseBytes)
          problems.push(
            `${join(folder, minute.path)} was not what ${file} has of this minute. It is ${basename(other)} now, and both will be shipped. To do: nothing if it happens once; else check that no other probe has this PROBE_ID`,
          )
        }
        await fs.unlink(join(folder, minute.path))
        // Should the name be in another pack too.
        loose.delete(name)
      }
    } catch (cause) {
      unread.add(file)
      // It may quote the pack: a part of a line that can't be read.
      const reason = oneLine((cause as Error).message, REASON_LENGTH)
      problems.push(
        `Can't read ${join(folder, file)}: ${reason}. To do: check the disk (dmesg); the pack is left as it is`,
      )
    }
  }
  return { problems, unread }
}

const REASON_LENGTH = 200

/**
 * Adds a name to a minute file, that of a probe that is this one's second, or third; gives it, on the disk. A killed
 * run may have got as far.
 */
async function giveOtherName(
  fs: InterruptedFs,
  folder: string,
  minute: WaitingMinute,
  bytes: Buffer,
): Promise<string> {
  for (let count = 2; ; count += 1) {
    const probe = `${minute.probe.slice(0, PROBE_LENGTH)}.${count}`
    const path = join(folder, formatSpoolPath({ ...minute, probe }))
    try {
      await fs.link(join(folder, minute.path), path)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
      if (!bytes.equals(await fs.readFile(path))) continue
    }
    await waitForDisk(fs, dirname(path))
    return path
  }
}

/** With what follows, no longer than a probe's name may be. */
const PROBE_LENGTH = 60
