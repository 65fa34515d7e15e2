/** A spool in a folder of the test's own, with what else may lie there. */
import * as nodeFs from 'node:fs/promises'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSpoolContents } from './contents.ts'

const MINUTE = 'room/2026-11-22/20261122T0712Z-box.tsv'

let spool: string
beforeEach(async () => {
  spool = await mkdtemp(join(tmpdir(), 'spool-contents-'))
  await mkdir(join(spool, 'room/2026-11-22'), { recursive: true })
  await writeFile(join(spool, MINUTE), '')
})
afterEach(() => rm(spool, { recursive: true }))

/** The real one, but for a folder that this user may not read (root may read all of them). */
function closed(folder: string) {
  const readdir = async (path: string, options: object) => {
    if (path === join(spool, folder)) throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
    return nodeFs.readdir(path, options)
  }
  return { readdir: readdir as typeof nodeFs.readdir }
}

test("a disk's lost+found, which is root's, holds up nothing", async () => {
  await mkdir(join(spool, 'lost+found'))
  const { minutes, strangers } = await readSpoolContents(closed('lost+found'), spool)
  expect([minutes.map(({ path }) => path), strangers]).toEqual([[MINUTE], []])
})

test("a location's folder that may not be read is not taken for an empty one", async () => {
  await expect(readSpoolContents(closed('room/2026-11-22'), spool)).rejects.toThrow('EACCES')
  await expect(readSpoolContents(closed('room'), spool)).rejects.toThrow('EACCES')
  await expect(readSpoolContents(closed(''), spool)).rejects.toThrow('EACCES')
})

test('a link with the name of a minute file is none: what it leads to is not shipped', async () => {
  const link = 'room/2026-11-22/20261122T0713Z-box.tsv'
  await symlink('/etc/passwd', join(spool, link))
  const { minutes, strangers } = await readSpoolContents(nodeFs, spool)
  expect([minutes.map(({ path }) => path), strangers]).toEqual([[MINUTE], [link]])
})

test('what is no minute file is told by its path, however deep it lies', async () => {
  await mkdir(join(spool, 'photos+more/2025'), { recursive: true })
  await writeFile(join(spool, 'photos+more/2025/one.jpg'), '')
  const { strangers } = await readSpoolContents(nodeFs, spool)
  expect(strangers).toEqual(['photos+more/2025/one.jpg'])
})

test('packs lie at the top; other dot names, there or deeper, are nothing of ours', async () => {
  const pack = '.packed-room-2026-11-20-open-20261120T0800Z-3.gz'
  for (const path of [
    pack,
    '.recorded-room-2026-11-20',
    '.shipped',
    'room/.keep',
    `room/${pack}`,
  ]) {
    await writeFile(join(spool, path), '')
  }
  const { minutes, packs, strangers } = await readSpoolContents(nodeFs, spool)
  expect(minutes.map(({ path }) => path)).toEqual([MINUTE])
  expect(packs).toMatchObject([{ file: pack, location: 'room', day: '2026-11-20', count: 3 }])
  expect(strangers).toEqual([])
})

test('a spool with nothing in it', async () => {
  await rm(join(spool, 'room'), { recursive: true })
  expect(await readSpoolContents(nodeFs, spool)).toEqual({ minutes: [], packs: [], strangers: [] })
})
