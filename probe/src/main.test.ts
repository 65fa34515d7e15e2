/** The program as the system runs it: what becomes of its output, and of a signal. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'main-'))
  const day = join(folder, 'poulailler/2026-11-22')
  mkdirSync(day, { recursive: true })
  writeFileSync(join(day, '20261122T0712Z-box.tsv'), '')
  utimesSync(join(day, '20261122T0712Z-box.tsv'), 1, 1)
  writeFileSync(join(folder, 'rclone.conf'), '[bucket]\ntype = s3\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

function start(args: readonly string[], stdout: 'pipe' | number = 'pipe') {
  return spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'main.ts'), ...args],
    {
      stdio: ['ignore', stdout, 'ignore'],
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        PROBE_LOCATION: 'poulailler',
        PROBE_SPOOL: folder,
        PROBE_REMOTE: 'bucket:minutes',
        RCLONE_CONFIG: join(folder, 'rclone.conf'),
      },
    },
  )
}

test.each([
  ['is taken', '/dev/null', 0],
  // Every write to it fails for want of room.
  ['is lost', '/dev/full', 1],
])('work that is done, and its output %s', async (_, path, code) => {
  const output = openSync(path, 'w')
  const program = start(['--version'], output)
  closeSync(output)
  expect(await once(program, 'close')).toEqual([code, null])
})

test('a reader that has read enough is no failure', async () => {
  const program = start(['--help'])
  program.stdout?.destroy()
  expect((await once(program, 'close'))[0]).toBe(0)
})

describe('told to end while it ships', () => {
  let program: ChildProcess
  /** Of what it runs, and waits for. */
  const pid = () => Number(readFileSync(join(folder, 'pid'), 'utf8'))

  async function shipWith(hanging: 'rclone' | 'flock'): Promise<void> {
    const script = `#!/bin/sh\necho $$ >${folder}/pid.new\nmv ${folder}/pid.new ${folder}/pid\nexec sleep 600\n`
    writeFileSync(join(folder, hanging), script, { mode: 0o755 })
    program = start(['ship'])
    await vi.waitFor(() => expect(pid()).toBeGreaterThan(0), 20_000)
  }

  test('it ends rclone, and then in order', async () => {
    await shipWith('rclone')
    program.kill('SIGTERM')
    expect(await once(program, 'close')).toEqual([3, null])
    expect(() => process.kill(pid(), 0)).toThrow('ESRCH')
  })

  test('what can not be ended in order is, when it is told again', async () => {
    await shipWith('flock')
    try {
      await vi.waitFor(() => {
        program.kill('SIGTERM')
        expect(program.signalCode).toBe('SIGTERM')
      }, 20_000)
    } finally {
      process.kill(pid(), 'SIGKILL')
    }
  })
})
