/** What writing and reading leave behind: the file, and nothing else. */
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readWhole, writeDurably } from './file.ts'
import { createFolderStore } from './folder-store.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-file-'))
})
afterEach(() => rm(folder, { recursive: true }))

const bytes = Buffer.from('new')
const write = (name: string, onlyNew: boolean) =>
  writeDurably(join(folder, name), bytes, { onlyNew, previous: undefined })

describe('a write', () => {
  test.each([true, false])('leaves its file alone in the folder, only new: %s', async (onlyNew) => {
    await write('a', onlyNew)
    expect(await readdir(folder)).toEqual(['a'])
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('new')
  })

  test('that another program came before leaves that one, and no temporary file', async () => {
    await writeFile(join(folder, 'a'), 'theirs')
    await expect(write('a', true)).rejects.toThrow('EEXIST')
    expect(await readdir(folder)).toEqual(['a'])
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('theirs')
  })

  test('that a folder stands in the way of leaves no temporary file', async () => {
    await mkdir(join(folder, 'a/b'), { recursive: true })
    await expect(write('a', false)).rejects.toThrow(/EISDIR|ENOTEMPTY/)
    expect(await readdir(folder)).toEqual(['a'])
  })

  test.each([true, false])('may be read by whom the umask lets, only new: %s', async (onlyNew) => {
    await write('a', onlyNew)
    const { mode } = await stat(join(folder, 'a'))
    expect(mode & 0o777).toBe(0o666 & ~process.umask())
  })
})

test('nothing that was read, written, listed or refused stays open', async () => {
  const store = createFolderStore(folder)
  const keys = async () => {
    const found: string[] = []
    for await (const { key } of store.list('')) found.push(key)
    return found
  }
  await store.put('a/day', bytes)
  await store.put('a/day', bytes, { ifAbsent: true })
  await store.put('a/day', bytes, { ifMatch: 'another' })
  await store.put('a/day/minute', bytes)
  await store.put('a/day', bytes)
  await store.get('a/day')
  await store.get('a/none')
  await expect(store.put('x'.repeat(300), bytes)).rejects.toThrow('ENAMETOOLONG')
  expect(await readWhole(join(folder, 'a'), 1)).toBeUndefined()
  expect(await keys()).toEqual(['a/day', 'a/day/minute'])
  expect(await store.folders('a/')).toEqual(['day'])
  expect(await openBelow(folder)).toEqual([])
  expect((await readdir(folder, { recursive: true })).sort()).toEqual([
    'a',
    'a/day',
    'a/day/.object',
    'a/day/minute',
  ])
})

/** What this process has open there. */
async function openBelow(path: string): Promise<string[]> {
  const numbers = await readdir('/proc/self/fd')
  const opened = await Promise.all(
    numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')),
  )
  return opened.filter((each) => each.startsWith(path))
}
