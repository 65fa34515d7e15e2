import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { lutimes, mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLock } from './lock.ts'

let folder: string
let path: string
let children: ChildProcess[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-lock-'))
  path = join(folder, '.lock')
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true })
})

test('one at a time, in one process and through two stores of it', async () => {
  const [one, other] = [createLock(), createLock()]
  let inside = 0
  const turns = Array.from({ length: 30 }, (_, at) =>
    (at % 2 ? one : other)(path, async () => {
      inside += 1
      await new Promise((resolve) => setImmediate(resolve))
      expect(inside).toBe(1)
      inside -= 1
      if (at % 5 === 0) throw new Error('failed inside')
      return at
    }),
  )
  const ended = await Promise.allSettled(turns)
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(24)
  expect(await readdir(folder)).toEqual([])
})

test("a killed process's lock is taken away, by one of many that wait", async () => {
  const holder = await holderOf(path)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  expect(await readdir(folder)).toEqual(['.lock'])
  const lock = createLock()
  const others = [createLock(), createLock(), createLock()]
  let inside = 0
  await Promise.all(
    [lock, ...others].map((each) =>
      each(path, async () => {
        inside += 1
        await new Promise((resolve) => setImmediate(resolve))
        expect(inside).toBe(1)
        inside -= 1
      }),
    ),
  )
  expect(await readdir(folder)).toEqual([])
})

test("a living process's lock is waited for", async () => {
  const holder = await holderOf(path)
  let released = false
  const taken = createLock()(path, async () => released)
  setImmediate(() => {
    released = true
    holder.stdin?.end()
  })
  expect(await taken).toBe(true)
})

test('the lock of another machine counts for a minute', async () => {
  await symlink('1.1@another-machine#1', path)
  const hourAgo = Date.now() / 1000 - 3600
  await lutimes(path, hourAgo, hourAgo)
  expect(await createLock()(path, async () => 'taken')).toBe('taken')
})

test('a process of the same number that began later is another one', async () => {
  const lock = createLock()
  const self = await lock(path, () => readlink(path))
  await symlink(self.replace(/\.\d+@/, '.1@'), path)
  expect(await lock(path, async () => 'taken')).toBe('taken')
})

test('a lock that another took over meanwhile stays theirs, whether the work is done or failed', async () => {
  for (const ending of [async () => 'done', () => Promise.reject(new Error('failed'))]) {
    const work = createLock()(path, async () => {
      await rm(path)
      await symlink('1.1@another-machine#1', path)
      return ending()
    })
    await work.catch(() => undefined)
    expect(await readlink(path)).toBe('1.1@another-machine#1')
    await rm(path)
  }
})

test('the lock of another machine that is half a minute old is waited for', async () => {
  const seconds = Date.now() / 1000
  await symlink('1.1@another-machine#1', path)
  await lutimes(path, seconds - 30, seconds - 30)
  let isFree = false
  const taken = createLock()(path, async () => isFree)
  setTimeout(() => {
    isFree = true
    void rm(path)
  }, 50)
  expect(await taken).toBe(true)
})

/** A process that holds the lock until its stdin ends. */
async function holderOf(lockPath: string): Promise<ChildProcess> {
  const program = `
    const { createLock } = require('./aggregator/src/store/folder/lock.ts')
    void createLock()(${JSON.stringify(lockPath)}, async () => {
      process.stdout.write('held')
      for await (const _ of process.stdin) {}
    })`
  const child = spawn(process.execPath, ['--import', 'tsx', '--eval', program], {
    cwd: new URL('../../../..', import.meta.url),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}
