/**
 * Puts minute files of one day into a pack. The pack is on the disk, and has been read back and compared, before the
 * first of the files is removed: stopped anywhere, every minute is in the pack, in its file, or in both
 * with the same bytes (see interrupted.ts).
 */
import type * as nodeFs from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { WaitingMinute } from '../contents.ts'
import { waitForDisk, writeDurably } from '../durable-write.ts'
import { formatPackName, type PackName } from '../pack-name.ts'
import { decodePack, encodePack, type PackedFile } from './pack-file.ts'

/** The part of `node:fs/promises` packing uses. */
export type PackFs = Pick<typeof nodeFs, 'open' | 'readFile' | 'link' | 'stat' | 'unlink'>

/**
 * Packs `minutes` of one location and day (at least one) in the spool `folder`; gives the pack's name. Throws when it
 * can't, with the files left as they were or, where only removing them failed, beside the pack.
 */
export async function packMinutes(
  fs: PackFs,
  folder: string,
  minutes: readonly [WaitingMinute, ...WaitingMinute[]],
  hours: PackName['hours'],
): Promise<string> {
  const paths = minutes.map(({ path }) => join(folder, path))
  const { location, day } = minutes[0]
  const first = Math.min(...minutes.map(({ minute }) => minute))
  const name = formatPackName({ location, day, hours, first, count: paths.length })
  const temporary = join(folder, `${name}.tmp`)
  try {
    const bytes = await encodePack(filesAt(fs, paths), paths.length)
    await writeDurably(fs, temporary, bytes, await fs.stat(folder))
    await verify(fs, temporary, paths)
    // Not a rename, which would replace another pack.
    await fs.link(temporary, join(folder, name))
    await waitForDisk(fs, folder)
  } finally {
    await fs.unlink(temporary).catch(() => undefined)
  }
  for (const path of paths) await fs.unlink(path)
  return name
}

/** One after another in the same memory: each is good until the next. */
async function* filesAt(fs: PackFs, paths: readonly string[]): AsyncGenerator<PackedFile> {
  let memory = Buffer.alloc(65_536)
  for (const path of paths) {
    const file = await fs.open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size > memory.length) memory = Buffer.alloc(size)
      const { bytesRead } = await file.read(memory, 0, size, 0)
      yield { name: basename(path), bytes: memory.subarray(0, bytesRead) }
    } finally {
      await file.close()
    }
  }
}

/** Throws unless the pack gives back the very files. */
async function verify(fs: PackFs, pack: string, paths: readonly string[]): Promise<void> {
  const packed = decodePack(await fs.readFile(pack))
  for await (const { name, bytes } of filesAt(fs, paths)) {
    const { value } = packed.next()
    if (value?.name !== name || !value.bytes.equals(bytes)) {
      throw new Error(`Can't pack ${name}: it does not come out of ${basename(pack)} as it went in`)
    }
  }
}
