import { describe, expect, test } from 'vitest'
import { randomOf } from '../../random.ts'
import { createDisk, type DiskFile, newFile, newFolder } from './disk.ts'
import { openDisk } from './disk-files.ts'

const CALM = { endsAt: Number.POSITIVE_INFINITY, failsAt: 0, hasCompany: false }
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed)

function diskWith(fate = CALM, seed = 0) {
  const disk = createDisk(() => 0)
  disk.name('/spool', newFolder(0))
  disk.sync(disk.at(''))
  return { disk, ...openDisk(disk, () => 0, fate, randomOf(seed)) }
}

const textOf = (file: unknown) => (file as DiskFile).bytes.toString('utf8')

/** What may be left of `/spool/a`, over many power cuts; `undefined` for nothing. */
async function leftAfter(
  work: (opened: ReturnType<typeof diskWith>) => Promise<unknown>,
): Promise<Set<string | undefined>> {
  const left = new Set<string | undefined>()
  for (const seed of SEEDS) {
    const opened = diskWith(CALM, seed)
    await work(opened)
    opened.disk.powerCut(randomOf(seed))
    const entry = opened.disk.find('/spool/a')
    left.add(entry && textOf(entry))
  }
  return left
}

describe('a power cut', () => {
  test('may bring back a name that was taken away', async () => {
    const left = await leftAfter(async ({ fs }) => {
      const file = await fs.open('/spool/a', 'w')
      await file.writeFile('text')
      await file.sync()
      await (await fs.open('/spool', 'r')).sync()
      await fs.unlink('/spool/a')
    })
    expect(left).toEqual(new Set(['text', undefined]))
  })

  test.each([
    ['leaves what was synced, and its folder', true, new Set(['text'])],
    ['may take a name whose folder was not synced', false, new Set(['text', undefined])],
  ])('%s', async (_, isFolderSynced, expected) => {
    const left = await leftAfter(async ({ fs }) => {
      const file = await fs.open('/spool/a', 'w')
      await file.writeFile('text')
      await file.sync()
      if (isFolderSynced) await (await fs.open('/spool', 'r')).sync()
    })
    expect(left).toEqual(expected)
  })

  test('tears what was not synced: none, a part, zeros at the end, all', async () => {
    const left = await leftAfter(async ({ fs }) => {
      await (await fs.open('/spool/a', 'w')).writeFile('text')
      await (await fs.open('/spool', 'r')).sync()
    })
    for (const torn of ['', 'te', 'te\0\0', 'text']) expect(left).toContain(torn)
    for (const text of left) expect(text).toMatch(/^(t|te|tex|text)?\0*$/)
  })

  test('leaves what was safe before something was added', async () => {
    const left = await leftAfter(async ({ fs }) => {
      const file = await fs.open('/spool/a', 'a+')
      await file.appendFile('one\n')
      await file.datasync()
      await (await fs.open('/spool', 'r')).sync()
      await file.appendFile('two\n')
    })
    expect([...left].every((text) => text?.startsWith('one\n'))).toBe(true)
    expect(left).toContain('one\n')
    expect(left).toContain('one\ntwo\n')
  })
})

test('a full disk takes what fits, then nothing', async () => {
  const { disk, fs } = diskWith()
  const file = await fs.open('/spool/a', 'w')
  disk.room = 2
  await expect(file.writeFile('text')).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(textOf(disk.at('/spool/a'))).toBe('te')
  await expect(fs.mkdir('/spool/folder')).rejects.toMatchObject({ code: 'ENOSPC' })
  await fs.unlink('/spool/a')
})

test('a disk that failed is read-only until the box starts again', async () => {
  const { disk, fs } = diskWith({ ...CALM, failsAt: 3 })
  const file = await fs.open('/spool/a', 'w')
  await file.writeFile('text')
  await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
  await expect(file.sync()).rejects.toMatchObject({ code: 'EROFS' })
  await expect(fs.unlink('/spool/a')).rejects.toMatchObject({ code: 'EROFS' })
  expect(await fs.readdir('/spool')).toEqual(['a'])
  disk.powerCut(randomOf(1))
  disk.name('/spool/b', newFile(0))
})

test('a program that ends does nothing more', async () => {
  const { disk, fs, ended } = diskWith({ ...CALM, endsAt: 2 })
  const program = async () => {
    const file = await fs.open('/spool/a', 'w')
    try {
      await file.writeFile('text')
    } finally {
      await fs.unlink('/spool/a')
    }
  }
  expect(await Promise.race([program(), ended])).toBe('ended')
  expect(textOf(disk.at('/spool/a'))).toBe('')
})

test('names are as node has them: taken, missing, folders that are not empty', async () => {
  const { fs } = diskWith()
  expect(await fs.mkdir('/spool/room/day', { recursive: true })).toBe('/spool/room')
  expect(await fs.mkdir('/spool/room/day', { recursive: true })).toBeUndefined()
  await expect(fs.open('/spool/none/a', 'w')).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(fs.link('/spool/none', '/spool/b')).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(fs.unlink('/spool/room')).rejects.toMatchObject({ code: 'ENOTEMPTY' })
  await (await fs.open('/spool/a', 'w')).close()
  await (await fs.open('/spool/b', 'w')).close()
  await expect(fs.link('/spool/a', '/spool/b')).rejects.toMatchObject({ code: 'EEXIST' })
})
