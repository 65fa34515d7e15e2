/**
 * The disk of a box, in memory: files and folders as programs see them, and what is left of them when the
 * power goes. POSIX's promises are kept and no kinder ones: bytes are safe once their file was synced, a
 * name once its folder was; all else may be there after a power cut, or not, or in part, each on its own.
 */
import type { Random } from '../../random.ts'

export interface DiskFile {
  readonly kind: 'file'
  /** Never changed in place. */
  bytes: Buffer
  /** What a power cut leaves for certain. */
  safe: Buffer
  modified: number
}

export interface DiskFolder {
  readonly kind: 'folder'
  readonly entries: Map<string, DiskEntry>
  /** Of each name that is not safe, what it stood for since the last sync, the oldest first. */
  readonly before: Map<string, (DiskEntry | undefined)[]>
  modified: number
}

export type DiskEntry = DiskFile | DiskFolder

export interface Disk {
  /** Bytes that still fit; a name takes some too. */
  room: number
  /** What a kernel does to a disk that failed; until the next boot. */
  isReadOnly: boolean
  /** `undefined` when there is none. */
  find(path: string): DiskEntry | undefined
  /** Throws ENOENT when there is none. */
  at(path: string): DiskEntry
  /** Names `entry`. Throws EEXIST when the name is taken. */
  name(path: string, entry: DiskEntry): void
  /** Takes a file's name, or an empty folder's, away. */
  remove(path: string): void
  truncate(file: DiskFile): void
  /** Adds as much as there is room for, then throws ENOSPC. */
  append(file: DiskFile, bytes: Buffer): void
  sync(entry: DiskEntry): void
  /** Forgets what was not safe, or not, as chance has it; the disk is whole again. */
  powerCut(random: Random): void
}

const NAME_BYTES = 32
const NOTHING = Buffer.alloc(0)

export const newFile = (modified: number): DiskFile => ({
  kind: 'file',
  bytes: NOTHING,
  safe: NOTHING,
  modified,
})

export const newFolder = (modified: number): DiskFolder => ({
  kind: 'folder',
  entries: new Map(),
  before: new Map(),
  modified,
})

/** An empty disk; `now` is the time that the box's clock shows. */
export function createDisk(now: () => number): Disk {
  const root = newFolder(now())
  const unsafe = new Set<DiskEntry>()
  /** By path, until a folder goes: most paths are of the same few folders. */
  const folders = new Map<string, DiskFolder>()
  const disk: Disk = {
    room: Number.POSITIVE_INFINITY,
    isReadOnly: false,
    find,
    at,
    name,
    remove,
    truncate,
    append,
    sync,
    powerCut,
  }
  return disk

  function find(path: string): DiskEntry | undefined {
    if (path === '') return root
    const known = folders.get(path)
    if (known) return known
    const end = path.lastIndexOf('/')
    const folder = find(path.slice(0, end))
    const entry = folder?.kind === 'folder' ? folder.entries.get(path.slice(end + 1)) : undefined
    if (entry?.kind === 'folder') folders.set(path, entry)
    return entry
  }

  function at(path: string): DiskEntry {
    const entry = find(path)
    if (entry) return entry
    throw diskError('ENOENT', path)
  }

  function name(path: string, entry: DiskEntry): void {
    refuseReadOnly(path)
    const { folder, own } = placeOf(path)
    if (folder.entries.has(own)) throw diskError('EEXIST', path)
    if (disk.room < NAME_BYTES) throw diskError('ENOSPC', path)
    disk.room -= NAME_BYTES
    change(folder, own, entry)
  }

  function remove(path: string): void {
    refuseReadOnly(path)
    const { folder, own } = placeOf(path)
    const entry = at(path)
    if (entry.kind === 'folder' && entry.entries.size > 0) throw diskError('ENOTEMPTY', path)
    if (entry.kind === 'folder') folders.clear()
    change(folder, own, undefined)
  }

  function truncate(file: DiskFile): void {
    refuseReadOnly('a file')
    setBytes(file, NOTHING)
  }

  function append(file: DiskFile, bytes: Buffer): void {
    refuseReadOnly('a file')
    const fitting = bytes.subarray(0, disk.room)
    disk.room -= fitting.length
    setBytes(file, Buffer.concat([file.bytes, fitting]))
    if (fitting.length < bytes.length) throw diskError('ENOSPC', 'a file')
  }

  function sync(entry: DiskEntry): void {
    // What can't be written stays unsafe.
    if (unsafe.has(entry)) refuseReadOnly('a file')
    if (entry.kind === 'file') entry.safe = entry.bytes
    else entry.before.clear()
    unsafe.delete(entry)
  }

  function powerCut(random: Random): void {
    for (const entry of unsafe) {
      if (entry.kind === 'file') {
        entry.bytes = tornBytes(entry, random)
        entry.safe = entry.bytes
        continue
      }
      for (const [own, states] of entry.before) {
        if (random.chance(0.5)) continue
        const state = random.pick(states)
        if (state) entry.entries.set(own, state)
        else entry.entries.delete(own)
      }
      entry.before.clear()
    }
    unsafe.clear()
    folders.clear()
    disk.isReadOnly = false
    disk.room = Number.POSITIVE_INFINITY
  }

  function change(folder: DiskFolder, own: string, entry: DiskEntry | undefined): void {
    const states = folder.before.get(own) ?? []
    folder.before.set(own, states)
    states.push(folder.entries.get(own))
    if (entry) folder.entries.set(own, entry)
    else folder.entries.delete(own)
    folder.modified = now()
    unsafe.add(folder)
  }

  function setBytes(file: DiskFile, bytes: Buffer): void {
    file.bytes = bytes
    file.modified = now()
    unsafe.add(file)
  }

  function placeOf(path: string): { readonly folder: DiskFolder; readonly own: string } {
    const end = path.lastIndexOf('/')
    const folder = at(path.slice(0, end))
    if (folder.kind === 'folder') return { folder, own: path.slice(end + 1) }
    throw diskError('ENOTDIR', path)
  }

  function refuseReadOnly(path: string): void {
    if (disk.isReadOnly) throw diskError('EROFS', path)
  }
}

/** An error as node's file functions throw it. */
export function diskError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

/** Nothing new of a file, all of it, a part, or a part and then zeros: its length was safe before its bytes. */
function tornBytes({ bytes, safe }: DiskFile, random: Random): Buffer {
  if (random.chance(0.3)) return bytes
  // An append leaves what was there before alone; what was written anew may lose it all.
  const first = safe.length <= bytes.length && bytes.subarray(0, safe.length).equals(safe)
  const from = first ? safe.length : 0
  const whole = random.between(from, bytes.length)
  const kept = bytes.subarray(0, whole)
  if (random.chance(0.6)) return Buffer.from(kept)
  return Buffer.concat([kept, Buffer.alloc(bytes.length - whole)])
}
