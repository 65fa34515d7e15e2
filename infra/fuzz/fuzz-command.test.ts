import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** The command itself, with its bundle and its threads: the other tests call what is inside. */
test('the command bundles the readers, and tells what came of their inputs', async () => {
  const fuzz = fileURLToPath(new URL('fuzz.ts', import.meta.url))
  const args = ['--import', 'tsx', fuzz, '--inputs', '50', '--target', 'MAC address']
  const { stdout } = await promisify(execFile)('node', args, {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  })
  expect(stdout).toMatch(/ inputs for 1 readers: .* 0 failed/)
})
