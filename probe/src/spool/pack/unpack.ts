/**
 * Turns a pack back into minute files, to be shipped. All of them are on the disk under their names before the
 * pack is removed; where that fails, what was unpacked is taken back, so that no minute is both shipped and
 * still in a pack.
 */
import type * as nodeFs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { oneLine, parseRawKey, RAW_PREFIX } from '@presences/shared'
import type { Pack, WaitingMinute } from '../contents.ts'
import { isForeign, makeFolder, type Owner, waitForDisk } from '../durable-write.ts'
import { decodePack, type PackedFile } from './pack-file.ts'

/** The part of `node:fs/promises` unpacking uses. */
export type UnpackFs = Pick<
  typeof nodeFs,
  'chown' | 'link' | 'mkdir' | 'open' | 'readFile' | 'stat' | 'unlink' | 'writeFile'
>

/** Unpacks one pack of the spool `folder`; gives its minutes. Throws when it can't: the pack is then kept. */
export async function unpack(fs: UnpackFs, folder: string, pack: Pack): Promise<WaitingMinute[]> {
  const packPath = join(folder, pack.file)
  const minutes: WaitingMinute[] = []
  const temporaries: string[] = []
  const named: string[] = []
  const remove = async (paths: readonly string[]) => {
    for (const path of paths) await fs.unlink(path).catch(() => undefined)
  }
  try {
    const owner = await fs.stat(folder)
    for (const file of decodePack(await fs.readFile(packPath))) {
      minutes.push(minuteOf(pack, file.name))
      temporaries.push(temporaryOf(folder, file.name))
      await write(fs, temporaryOf(folder, file.name), file, owner)
    }
    if (minutes.length !== pack.count) {
      throw new Error(`it holds ${minutes.length} minute files, not ${pack.count}`)
    }
    // All are written before the first is waited for: the disk takes them together.
    for (const temporary of temporaries) await waitForDisk(fs, temporary)
    for (const { path } of minutes) {
      const target = join(folder, path)
      if (named.length === 0) await makeFolder(fs, folder, dirname(target))
      if (await nameOnce(fs, temporaryOf(folder, basename(path)), target)) named.push(target)
    }
    const days = new Set(minutes.map(({ path }) => dirname(join(folder, path))))
    for (const day of days) await waitForDisk(fs, day)
  } catch (cause) {
    await remove(named)
    // It may quote the pack: a part of a line that can't be read.
    const reason = oneLine((cause as Error).message, REASON_LENGTH)
    throw new Error(`Can't unpack ${packPath}: ${reason}`, { cause })
  } finally {
    await remove(temporaries)
  }
  await fs.unlink(packPath)
  await waitForDisk(fs, folder)
  return minutes
}

const REASON_LENGTH = 200

/** False when it has that name already: a scan may have ended what a killed one left, just now. Throws for other bytes. */
async function nameOnce(fs: UnpackFs, temporary: string, target: string): Promise<boolean> {
  try {
    await fs.link(temporary, target)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    if (!(await fs.readFile(target)).equals(await fs.readFile(temporary))) throw cause
    return false
  }
}

/** As the names of files that a scan writes: what a killed run leaves, a later scan removes. */
function temporaryOf(folder: string, name: string): string {
  return join(folder, `.${name}.unpacked.tmp`)
}

/** Throws for a name that is no minute file's: what is read here becomes a path. */
function minuteOf({ location, day }: Pack, name: string): WaitingMinute {
  const path = `${location}/${day}/${name}`
  const key = parseRawKey(RAW_PREFIX + path)
  if (key?.kind !== 'minute') throw new Error(`it holds ${JSON.stringify(name)}, no minute file`)
  return { location, day, minute: key.minute, probe: key.probe, path }
}

async function write(
  fs: UnpackFs,
  path: string,
  { bytes }: PackedFile,
  owner: Owner,
): Promise<void> {
  await fs.writeFile(path, bytes, { mode: 0o640 })
  const { uid } = await fs.stat(path)
  if (isForeign(uid, owner)) await fs.chown(path, owner.uid, owner.gid)
}
