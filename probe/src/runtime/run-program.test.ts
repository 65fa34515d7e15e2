/** Programs of a folder of the test's own: what becomes of each way to end. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runProgram } from './run-program.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-program-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function run(script: string, timeoutMs = 10_000) {
  writeFileSync(join(folder, 'program'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'program'), 0o755)
  return runProgram('program', ['a b', '$HOME'], {
    searchPath: `${folder}:/usr/bin:/bin`,
    timeoutMs,
  })
}

test('its arguments reach it as they are, and nothing of our environment does', async () => {
  expect(await run('echo "$1|$2|$HOME|$LC_ALL"; echo warning >&2; exit 3')).toEqual({
    end: 'exited',
    code: 3,
    stdout: 'a b|$HOME||C\n',
    stderr: 'warning\n',
  })
})

test('one that is not there, and one that may not be run', async () => {
  const limits = { searchPath: folder, timeoutMs: 10_000 }
  expect(await runProgram('nobody', [], limits)).toEqual({ end: 'missing' })
  writeFileSync(join(folder, 'plain'), '')
  expect(await runProgram('plain', [], limits)).toMatchObject({
    end: 'failed',
    reason: 'spawn plain EACCES',
  })
})

test('what it started is ended with it, and does not hold it up', async () => {
  const start = `sleep 600 & echo $! > ${folder}/pid; echo seen; wait`
  expect(await run(start, 1_000)).toEqual({ end: 'timed-out', stdout: 'seen\n' })
  const pid = readFileSync(join(folder, 'pid'), 'utf8').trim()
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 5_000)
})

test('what it started in a group of its own, and nobody can end, does not hold it up either', async () => {
  const start = `setsid sleep 600 & echo $! > ${folder}/pid; echo seen`
  try {
    expect(await run(start, 1_000)).toEqual({ end: 'timed-out', stdout: 'seen\n' })
  } finally {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGKILL')
  }
})

test('one that is killed tells what it had printed', async () => {
  expect(await run('echo seen; kill -9 $$')).toEqual({
    end: 'failed',
    reason: 'killed by SIGKILL',
    stdout: 'seen\n',
  })
})

test.each(['exec yes', 'exec yes >&2'])(
  'one that prints without end is ended: %s',
  async (script) => {
    const { end, ...rest } = await run(script)
    expect([end, 'reason' in rest && rest.reason]).toEqual(['failed', 'it printed too much'])
  },
)

test.each([
  ['ended', () => run('exit 0')],
  ['was too late', () => run('exec sleep 600', 50)],
  ['is not there', () => runProgram('nobody', [], { searchPath: folder, timeoutMs: 10_000 })],
])('nothing waits for one that %s', async (_, work) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const end = work()
    // Time passes for those alone that are late; the others end by themselves.
    vi.advanceTimersByTime(50)
    await end
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

/** A killed child whose parent has gone stays as a zombie where nobody is init. */
function isRunning(pid: string): boolean {
  const status = `/proc/${pid}/status`
  return existsSync(status) && !/^State:\tZ/m.test(readFileSync(status, 'utf8'))
}
