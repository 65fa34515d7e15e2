import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { storeContract } from '../../../testing/store-contract.ts'
import { type Store, StoreError } from '../store.ts'
import { createFolderStore } from './folder-store.ts'

const WORKSPACE = new URL('../../../..', import.meta.url)
const created: string[] = []
let root: string
let store: Store

afterAll(() => Promise.all(created.map((folder) => rm(folder, { recursive: true, force: true }))))

storeContract('a folder', async () => createFolderStore(await newFolder()))

describe('a folder', () => {
  beforeEach(async () => {
    root = await newFolder()
    store = createFolderStore(root)
  })

  test('has no file of a time to come, whatever its copier says', async () => {
    await writeFile(join(root, 'key'), '')
    const tomorrow = new Date(Date.now() + 86_400_000)
    await utimes(join(root, 'key'), tomorrow, tomorrow)
    for await (const { modified } of store.list('')) {
      expect(modified.getTime()).toBeLessThanOrEqual(Date.now())
    }
    expect.assertions(1)
  })

  test('holds objects as files of the same name, and nothing else', async () => {
    await store.put('presences/room/2026-10-23', Buffer.from('old day'))
    await store.put('presences/room/2026-10-24/minute.tsv', Buffer.from('minute'))
    await store.put('presences/room/2026-10-24/minute.tsv', Buffer.from('again'))
    expect(await readFile(join(root, 'presences/room/2026-10-23'), 'utf8')).toBe('old day')
    expect(await filesIn(root)).toEqual([
      'presences/room/2026-10-23',
      'presences/room/2026-10-24/minute.tsv',
    ])
    await store.put('presences/room/2026-10-23/minute.tsv', Buffer.from('minute'))
    expect(await filesIn(root)).toEqual([
      'presences/room/2026-10-23/.object',
      'presences/room/2026-10-23/minute.tsv',
      'presences/room/2026-10-24/minute.tsv',
    ])
  })

  test('shows files that others put there, but no dot names', async () => {
    await mkdir(join(root, 'presences/room/.hidden'), { recursive: true })
    await mkdir(join(root, 'presences/empty/deeper'), { recursive: true })
    for (const name of ['a', '.tmp-1', '.a.partial', '.hidden/a']) {
      await writeFile(join(root, 'presences/room', name), name)
    }
    await symlink('/etc', join(root, 'presences/room/.link'))
    expect(await keysOf('')).toEqual(['presences/room/a'])
    expect(await store.folders('presences/')).toEqual(['room'])
    expect(await store.folders('presences/room/')).toEqual([])
  })

  test('an etag changes when another program changes the file in place', async () => {
    await store.put('a', Buffer.from('one'))
    const before = await store.get('a')
    await appendFile(join(root, 'a'), ' two')
    const after = await store.get('a')
    expect(String(after?.bytes)).toBe('one two')
    expect(after?.etag).not.toBe(before?.etag)
    const outcome = await store.put('a', Buffer.from('x'), { ifMatch: before?.etag ?? '' })
    expect(outcome).toEqual({ outcome: 'conflict' })
  })

  test('etags do not repeat, however quick the writes', async () => {
    const etags = new Set<string>()
    for (let at = 0; at < 300; at += 1) {
      const written = await store.put('a', Buffer.from('same'))
      if (written.outcome === 'written') etags.add(written.etag)
    }
    expect(etags.size).toBe(300)
  })

  describe('an object stopped on its way into a folder', () => {
    const key = 'room/2026-10-23'

    beforeEach(async () => {
      await store.put(key, Buffer.from('old day'))
      await mkdir(join(root, 'room/.converting-2026-10-23'))
      await rename(join(root, key), join(root, 'room/.converting-2026-10-23/.object'))
    })

    test('is read, listed and protected as ever', async () => {
      expect(String((await store.get(key))?.bytes)).toBe('old day')
      expect(await keysOf('')).toEqual([key])
      expect(await store.folders('')).toEqual(['room'])
      expect(await store.put(key, Buffer.from('x'), { ifAbsent: true })).toEqual({
        outcome: 'conflict',
      })
    })

    test.each([
      ['an object in the folder', `${key}/x`],
      ['the object', key],
    ])('arrives when %s is written', async (_, written) => {
      const etag = (await store.get(key))?.etag
      await store.put(written, Buffer.from('new'))
      await store.put(`${key}/y`, Buffer.from('y'))
      const expected = { [key]: 'old day', [`${key}/y`]: 'y', [written]: 'new' }
      expect(await contents()).toEqual(expected)
      expect(await filesIn(root)).toContain(`${key}/y`)
      if (written !== key) expect((await store.get(key))?.etag).toBe(etag)
    })

    test('arrives in a folder that was made meanwhile', async () => {
      await mkdir(join(root, key))
      await writeFile(join(root, key, 'x'), 'x')
      expect(await contents()).toEqual({ [key]: 'old day', [`${key}/x`]: 'x' })
      await store.put(key, Buffer.from('new'))
      expect(await contents()).toEqual({ [key]: 'new', [`${key}/x`]: 'x' })
      expect(await filesIn(root)).toEqual([`${key}/.object`, `${key}/x`])
      expect(await readdir(join(root, 'room'))).toEqual(['2026-10-23'])
    })
  })

  test.each([
    ['', 'a key has no empty part'],
    ['/etc/passwd', 'a key has no empty part'],
    ['a//b', 'a key has no empty part'],
    ['a/', 'a key has no empty part'],
    ['../a', 'no part of a key begins with a dot'],
    ['a/../../b', 'no part of a key begins with a dot'],
    ['a/.', 'no part of a key begins with a dot'],
    ['a/.object', 'no part of a key begins with a dot'],
    ['a\0b', 'a key holds no NUL'],
  ])('the key %j is refused', async (key, reason) => {
    await expect(store.get(key)).rejects.toThrow(reason)
    await expect(store.put(key, Buffer.from('x'))).rejects.toThrow(reason)
    expect(await filesIn(root)).toEqual([])
  })

  test.each(['../', 'a/../../', '/', './'])('nothing is listed outside: %j', async (prefix) => {
    expect(await keysOf(prefix)).toEqual([])
    expect(await store.folders(prefix)).toEqual([])
  })

  test.each([
    ['is missing', async () => rm(root, { recursive: true }), 'ENOENT: there is no folder'],
    [
      'is a file',
      async () => {
        await rm(root, { recursive: true })
        await writeFile(root, '')
      },
      'ENOTDIR: ',
    ],
  ])('a root that %s is an error for all, and is not made', async (_, spoil, cause) => {
    await spoil()
    const works: [string, () => Promise<unknown>][] = [
      [`Read "${root}/a/b": `, () => store.get('a/b')],
      [`Write "${root}/a/b": `, () => store.put('a/b', Buffer.from('x'))],
      [`List "${root}": `, () => keysOf('')],
      [`List "${root}/a/": `, () => store.folders('a/')],
    ]
    for (const [verb, work] of works) {
      const error = await work().catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(StoreError)
      expect((error as StoreError).message.startsWith(verb + cause), String(error)).toBe(true)
    }
    expect(await readdir(root).catch(() => 'still none')).toBe('still none')
  })

  test('a name that the disk can not hold is said so', async () => {
    await expect(store.put('x'.repeat(300), Buffer.from('x'))).rejects.toThrow('ENAMETOOLONG')
    expect(await store.get('x'.repeat(300))).toBeUndefined()
    const longest = 'x'.repeat(255)
    await store.put(longest, Buffer.from('x'))
    expect(await keysOf('x')).toEqual([longest])
  })

  test('processes that add to one ledger lose no entry', async () => {
    const program = (writer: number) => `
      const { createFolderStore } = require('./aggregator/src/store/folder/folder-store.ts')
      const { addEntry } = require('./aggregator/testing/add-entry.ts')
      void (async () => {
        const store = createFolderStore(${JSON.stringify(root)})
        for (let at = 0; at < 25; at += 1) await addEntry(store, 'ledger', '${writer}-' + at)
      })()`
    const writers = [0, 1, 2, 3].map((writer) => runProgram(program(writer)))
    const statuses = await Promise.all(writers.map((child) => once(child, 'exit')))
    expect(statuses.map(([status]) => status)).toEqual([0, 0, 0, 0])
    const entries = String((await store.get('ledger'))?.bytes).split(',')
    const expected = [0, 1, 2, 3].flatMap((writer) =>
      Array.from({ length: 25 }, (_, at) => `${writer}-${at}`),
    )
    expect(entries.sort()).toEqual(expected.sort())
    expect(await filesIn(root)).toEqual(['ledger'])
  })

  test('a process killed at any moment leaves no torn and loses no object', async () => {
    const program = `
      const { createFolderStore } = require('./aggregator/src/store/folder/folder-store.ts')
      void (async () => {
        const store = createFolderStore(${JSON.stringify(root)})
        for (let at = 0; ; at += 1) {
          const key = 'day/' + process.pid + '-' + at
          await store.put(key, Buffer.alloc(5000, 'o'))
          process.stdout.write(key + '\\n')
          await store.put(key + '/in', Buffer.alloc(5000, 'i'))
          process.stdout.write(key + '/in\\n')
          await store.put('same', Buffer.alloc(5000, String(at % 10)))
        }
      })()`
    const confirmed: string[] = []
    for (let round = 0; round < 12; round += 1) {
      const child = runProgram(program)
      let text = ''
      const wanted = 1 + round * 3
      child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (text.split('\n').length > wanted) child.kill('SIGKILL')
      })
      await once(child, 'close')
      confirmed.push(...text.split('\n').filter((line) => line !== ''))
      const found = await contents()
      for (const [key, content] of Object.entries(found)) {
        const whole = key === 'same' ? /^(\d)\1{4999}$/ : /^(o{5000}|i{5000})$/
        expect(content, key).toMatch(whole)
      }
      expect(Object.keys(found)).toEqual(expect.arrayContaining(confirmed))
      // Whatever the killed one held does not stand in the way.
      expect((await store.put('same', Buffer.alloc(5000, '0'))).outcome).toBe('written')
    }
  })
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'folder-store-'))
  created.push(folder)
  return folder
}

function runProgram(program: string): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', '--eval', program], {
    cwd: WORKSPACE,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function keysOf(prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys
}

/** Every object listed, as text. */
async function contents(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const key of await keysOf('')) found[key] = String((await store.get(key))?.bytes)
  return found
}

/** Every file under a folder, those with dot names too. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}
