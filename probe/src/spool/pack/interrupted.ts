/**
 * Ends what a power cut interrupted, before anything is shipped: packing leaves minute files that are in a
 * pack already, unpacking leaves files of a pack that is still there. Either way the pack is whole, and the
 * files are removed.
 */
import type * as nodeFs from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { SpoolContents } from '../contents.ts'
import { decodePack } from './pack-file.ts'

/** Removes minute files that are in a pack with the same bytes. Gives a sentence for each pack that can't be read. */
export async function endInterrupted(
  fs: Pick<typeof nodeFs, 'readFile' | 'unlink'>,
  folder: string,
  { minutes, packs }: SpoolContents,
): Promise<string[]> {
  const problems: string[] = []
  for (const { file, location, day } of packs) {
    const sameDay = minutes.filter((minute) => minute.location === location && minute.day === day)
    if (sameDay.length === 0) continue
    const paths = new Map(sameDay.map(({ path }) => [basename(path), join(folder, path)]))
    try {
      for (const { name, bytes } of decodePack(await fs.readFile(join(folder, file)))) {
        const path = paths.get(name)
        if (path && bytes.equals(await fs.readFile(path))) await fs.unlink(path)
      }
    } catch (cause) {
      problems.push(
        `Can't read ${join(folder, file)}: ${(cause as Error).message}. To do: check the disk (dmesg); the pack is left as it is`,
      )
    }
  }
  return problems
}
