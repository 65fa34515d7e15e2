/** The program as the system runs it: what becomes of its output. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test.each([
  ['is taken', '/dev/null', 0],
  // Every write to it fails for want of room.
  ['is lost', '/dev/full', 1],
])('work that is done, and its output %s', async (_, path, code) => {
  const output = openSync(path, 'w')
  const words = ['--import', 'tsx', join(import.meta.dirname, 'main.ts'), '--version']
  const program = spawn(process.execPath, words, { stdio: ['ignore', output, 'ignore'] })
  closeSync(output)
  expect(await once(program, 'close')).toEqual([code, null])
})
