/**
 * The disk as programs open it: the functions of `node:fs/promises` that the spool and shipping use, and the end that
 * a program may meet before any of them. What has ended is left alone: its operation never comes back, so that
 * nothing of it, no `finally` either, goes on.
 */
import type * as nodeFs from 'node:fs/promises'
import type { Random } from '../../random.ts'
import { never } from '../runtime/program.ts'
import { type Disk, type DiskEntry, type DiskFile, diskError, newFile, newFolder } from './disk.ts'

/** What becomes of the programs that have the disk open, counted in operations from 1. */
export interface Fate {
  /** They end before this one. */
  readonly endsAt: number
  /** The disk fails at this one, and is read-only from then on. */
  readonly failsAt: number
  /** Several programs work at once: each waits for others before each operation. */
  readonly hasCompany: boolean
}

/** Those functions. */
export type BoxFs = Pick<
  typeof nodeFs,
  | 'chown'
  | 'link'
  | 'mkdir'
  | 'open'
  | 'readdir'
  | 'readFile'
  | 'rmdir'
  | 'stat'
  | 'unlink'
  | 'utimes'
  | 'writeFile'
>

export interface OpenedDisk {
  readonly fs: BoxFs
  /** Settles when the programs end before they are done. */
  readonly ended: Promise<'ended'>
}

type DiskFunctions = Record<keyof BoxFs, (...args: never[]) => Promise<unknown>>

/** The probe's own user: whose a file is does not matter here. */
const OWNER = 999

export function openDisk(disk: Disk, now: () => number, fate: Fate, random: Random): OpenedDisk {
  let done = 0
  let end: (how: 'ended') => void = () => {}
  const ended = new Promise<'ended'>((resolve) => {
    end = resolve
  })
  const functions: DiskFunctions = {
    chown: () => perform(() => undefined),
    link: (from: string, to: string) => perform(() => disk.name(to, disk.at(from))),
    mkdir: (path: string) => perform(() => makeFolders(path)),
    open: (path: string, flags: string) => perform(() => openFile(path, flags)),
    readdir: (path: string, options?: { withFileTypes: boolean }) =>
      perform(() => (options ? direntsIn(disk.at(path)) : [...entriesIn(disk.at(path)).keys()])),
    readFile: (path: string, encoding?: 'utf8') =>
      perform(() => {
        const { bytes } = fileOf(disk.at(path))
        return encoding ? bytes.toString(encoding) : bytes
      }),
    rmdir: (path: string) => perform(() => disk.remove(path)),
    stat: (path: string) => perform(() => statOf(disk.at(path))),
    unlink: (path: string) => perform(() => disk.remove(path)),
    utimes: (path: string, _: Date, modified: Date) =>
      perform(() => {
        if (disk.isReadOnly) throw diskError('EROFS', path)
        disk.at(path).modified = modified.getTime()
      }),
    writeFile: async (path: string, content: string | Buffer) => {
      const file = await perform(() => openFile(path, 'w'))
      await file.writeFile(content)
    },
  }
  return { fs: functions as unknown as BoxFs, ended }

  async function perform<Result>(work: () => Result): Promise<Result> {
    if (fate.hasCompany) {
      for (let turns = random.between(0, 6); turns > 0; turns -= 1) await Promise.resolve()
    }
    done += 1
    if (done >= fate.endsAt) {
      end('ended')
      return never()
    }
    if (done === fate.failsAt) {
      disk.isReadOnly = true
      throw diskError('EIO', 'the disk')
    }
    return work()
  }

  /** Gives the first folder it made, as node does; `undefined` when all were there. */
  function makeFolders(path: string): string | undefined {
    const above = path.slice(0, path.lastIndexOf('/'))
    if (disk.find(path)) return undefined
    const first = above === '' ? undefined : makeFolders(above)
    disk.name(path, newFolder(now()))
    return first ?? path
  }

  function openFile(path: string, flags: string) {
    const known = disk.find(path)
    if (flags === 'r' || known) {
      const entry = disk.at(path)
      if (flags !== 'r' && disk.isReadOnly) throw diskError('EROFS', path)
      if (flags === 'w') disk.truncate(fileOf(entry))
      return handleOf(entry)
    }
    if (flags !== 'w' && flags !== 'a+') throw new Error(`No simulated disk opens with ${flags}`)
    const file = newFile(now())
    disk.name(path, file)
    return handleOf(file)
  }

  function handleOf(entry: DiskEntry) {
    const add = (content: string | Buffer) =>
      perform(() => disk.append(fileOf(entry), Buffer.from(content as string, 'utf8')))
    const sync = () => perform(() => disk.sync(entry))
    return {
      writeFile: add,
      appendFile: add,
      sync,
      datasync: sync,
      stat: () => perform(() => statOf(entry)),
      chown: () => perform(() => undefined),
      read: (buffer: Buffer, offset: number, length: number, position: number) =>
        perform(() => {
          const { bytes } = fileOf(entry)
          return { buffer, bytesRead: bytes.copy(buffer, offset, position, position + length) }
        }),
      close: () => perform(() => undefined),
    }
  }
}

function statOf(entry: DiskEntry) {
  const size = entry.kind === 'file' ? entry.bytes.length : 0
  const mtimeMs = entry.modified
  return { uid: OWNER, gid: OWNER, mtimeMs, mtime: new Date(mtimeMs), size, ...kindOf(entry) }
}

function kindOf({ kind }: DiskEntry) {
  return { isDirectory: () => kind === 'folder', isFile: () => kind === 'file' }
}

function direntsIn(folder: DiskEntry) {
  return [...entriesIn(folder)].map(([name, entry]) => ({ name, ...kindOf(entry) }))
}

function entriesIn(entry: DiskEntry) {
  if (entry.kind === 'folder') return entry.entries
  throw diskError('ENOTDIR', 'a file')
}

function fileOf(entry: DiskEntry): DiskFile {
  if (entry.kind === 'file') return entry
  throw diskError('EISDIR', 'a folder')
}
