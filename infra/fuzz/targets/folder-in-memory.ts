/** As much of `node:fs/promises` as the spool's readers use, over files in this process. */
import { basename, dirname } from 'node:path'
import type { UnpackFs } from '@presences/probe/spool/pack/unpack.ts'
import type { RecordsFs } from '@presences/probe/spool/recorded-minutes.ts'

export interface FolderInMemory {
  readonly fs: RecordsFs & UnpackFs
  readonly read: (path: string) => Buffer
  readonly paths: () => string[]
}

export function folderInMemory(given: Readonly<Record<string, Buffer>>): FolderInMemory {
  const files = new Map(Object.entries(given))
  const read = (path: string) => files.get(path) ?? Buffer.alloc(0)
  const stat = async (path: string) => ({ uid: 0, gid: 0, size: read(path).length })
  const handle = (path: string) => ({
    stat: () => stat(path),
    read: async (buffer: Buffer, offset: number, length: number, position: number) => ({
      buffer,
      bytesRead: read(path).copy(buffer, offset, position, position + length),
    }),
    appendFile: async (text: string) => {
      files.set(path, Buffer.concat([read(path), Buffer.from(text)]))
    },
    chown: async () => {},
    datasync: async () => {},
    sync: async () => {},
    close: async () => {},
  })
  const fs = {
    stat,
    open: async (path: string) => handle(path),
    mkdir: async () => undefined,
    chown: async () => {},
    readdir: async (folder: string) =>
      [...files.keys()].filter((path) => dirname(path) === folder).map((path) => basename(path)),
    readFile: async (path: string, encoding?: BufferEncoding) =>
      encoding === undefined ? read(path) : read(path).toString(encoding),
    writeFile: async (path: string, bytes: Buffer) => {
      files.set(path, bytes)
    },
    link: async (from: string, to: string) => {
      if (files.has(to)) throw new Error(`EEXIST: file already exists, link '${basename(to)}'`)
      files.set(to, read(from))
    },
    unlink: async (path: string) => {
      files.delete(path)
    },
  }
  // What it lacks of the real one, nobody there asks for.
  return { fs: fs as unknown as RecordsFs & UnpackFs, read, paths: () => [...files.keys()] }
}
