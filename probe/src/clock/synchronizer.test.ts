/** With programs that answer as timedatectl does. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askSynchronizer } from './synchronizer.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'synchronizer-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function timedatectl(script: string): void {
  writeFileSync(join(folder, 'timedatectl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

const ask = () => askSynchronizer(`${folder}:/usr/bin:/bin`, join(folder, 'mark'))

test.each([
  ['echo yes', true, 'timedatectl: synchronized yes'],
  ['echo no', false, 'timedatectl: synchronized no'],
  ['true', false, 'timedatectl: synchronized ?'],
  ['echo yes; exit 1', false, 'timedatectl does not answer'],
])('timedatectl that does %s', async (script, isSynchronized, finding) => {
  timedatectl(script)
  expect(await ask()).toEqual({ isSynchronized, finding, markMs: undefined })
})

test('it asks for the one line that is read', async () => {
  timedatectl('test "$*" = "show --property=NTPSynchronized --value" && echo yes')
  expect((await ask()).isSynchronized).toBe(true)
})

test('without timedatectl nothing is known but the mark', async () => {
  writeFileSync(join(folder, 'mark'), '')
  utimesSync(join(folder, 'mark'), 5, 5)
  expect(await askSynchronizer(folder, join(folder, 'mark'))).toEqual({
    isSynchronized: false,
    finding: 'there is no timedatectl',
    markMs: 5000,
  })
})
