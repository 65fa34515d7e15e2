/** How rclone is ended. What it is told, and what comes of it, is tested on the real one in infra/box. */
import { getEventListeners } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { rcloneMove } from './rclone.ts'

let folder: string
let lock: FileHandle
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rclone-'))
  program('echo begun\nexec sleep 600')
  lock = await open(join(folder, 'lock'), 'a')
})
afterEach(async () => {
  await lock.close()
  rmSync(folder, { recursive: true })
})

function program(script: string): void {
  writeFileSync(join(folder, 'rclone'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

function move(timeoutMs: number, stop: AbortSignal, searchPath = `${folder}:/usr/bin:/bin`) {
  return rcloneMove(
    [],
    { timeoutMs, stop },
    {
      folder,
      remote: 'bucket:b',
      configPath: '/none',
      bandwidth: undefined,
      searchPath,
      home: undefined,
      lock: lock.fd,
    },
  )
}

test('one that does not end is ended', async () => {
  expect((await move(300, new AbortController().signal)).end).toBe('timed-out')
})

test('one that is asked for after the run was told to end is ended at once', async () => {
  expect((await move(300_000, AbortSignal.abort())).end).toEqual({ signal: 'SIGKILL' })
})

test('one that is not there, and one that may not be run, are told apart', async () => {
  const { signal } = new AbortController()
  expect((await move(300_000, signal, join(folder, 'none'))).end).toBe('missing')
  chmodSync(join(folder, 'rclone'), 0o644)
  expect((await move(300_000, signal, folder)).end).toEqual({ notStarted: 'spawn rclone EACCES' })
})

test('what node throws when it starts one is told as well', async () => {
  // A byte of 0 in an argument, which no system takes.
  const end = (await move(300_000, new AbortController().signal, `${folder}\0`)).end
  expect(end).toEqual({ notStarted: expect.stringContaining('null bytes') })
})

test.each([
  ['has ended', () => program('exit 1')],
  ['could not be started', () => rmSync(join(folder, 'rclone'))],
])('nothing waits for one that %s', async (_, prepare) => {
  prepare()
  const { signal } = new AbortController()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    await move(300_000, signal, `${folder}:/bin`)
    expect([vi.getTimerCount(), getEventListeners(signal, 'abort')]).toEqual([0, []])
  } finally {
    vi.useRealTimers()
  }
})

test('it holds the lock too: should this process be killed, it is not free', async () => {
  program('readlink /proc/self/fd/3')
  const { log } = await move(300_000, new AbortController().signal)
  expect(log).toBe(`${join(folder, 'lock')}\n`)
})
