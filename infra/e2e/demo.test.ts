/** What the README promises first: the demo runs through, and every amount is as it was written down by hand. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { missingOf, titleOf } from '../lan/requirements.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const missing = missingOf({ programs: ['rclone'] })

test.skipIf(missing !== undefined)(titleOf('the demo comes to its end', missing), async () => {
  const run = promisify(execFile)
  // As `pnpm demo` runs it once the programs are built: this loader is none of the test runner's.
  const { stdout } = await run(join(ROOT, 'node_modules/.bin/tsx'), ['infra/demo/demo.ts'], {
    cwd: ROOT,
  })
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('Every amount is as it must be.')
})
