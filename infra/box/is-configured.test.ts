/** What a box's units say of settings that were not filled in: once, not each minute. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const SCRIPT = fileURLToPath(new URL('is-configured', import.meta.url))
const MISSING = { status: 1, stderr: '' }
const SILENT = { ...MISSING, stdout: '' }

let folder: string
let conf: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-configured-'))
  conf = join(folder, 'rclone.conf')
  await writeFile(conf, 'secret_access_key = CHANGE-ME\n')
})
afterEach(() => rm(folder, { recursive: true }))

test('filled in: no word', async () => {
  await writeFile(conf, 'secret_access_key = hunter2\n')
  expect(await ask({ PROBE_REMOTE: 'bucket:b' })).toEqual({ status: 0, stdout: '', stderr: '' })
})

test('not filled in: all that is missing is said, once', async () => {
  expect(await ask()).toEqual({
    ...MISSING,
    stdout: `Not configured yet: PROBE_REMOTE is not set in /etc/presences/probe.env; ${conf} still says CHANGE-ME. To do: fill it in, then: sudo presences-probe doctor (said once; what is filled in counts from the next minute on)\n`,
  })
  expect(await ask()).toEqual(SILENT)
  expect(await ask({ PROBE_REMOTE: '' })).toEqual(SILENT)
})

test('half filled in: what is left is said, once', async () => {
  await ask()
  const half = { PROBE_REMOTE: 'bucket:b' }
  expect((await ask(half)).stdout).toContain(`Not configured yet: ${conf} still says CHANGE-ME.`)
  expect(await ask(half)).toEqual(SILENT)
})

test('emptied later: said again', async () => {
  const half = { PROBE_REMOTE: 'bucket:b' }
  await rm(conf)
  const said = await ask(half)
  expect(said.stdout).toContain(`${conf} can't be read.`)
  await writeFile(conf, '')
  expect(await ask(half)).toEqual({ status: 0, stdout: '', stderr: '' })
  await rm(conf)
  expect(await ask(half)).toEqual(said)
})

test('after a boot: said again', async () => {
  await ask()
  await rm(join(folder, 'said'))
  expect((await ask()).stdout).toContain('Not configured yet')
})

function ask(settings: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, RUNTIME_DIRECTORY: folder, ...settings }
  return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    execFile(SCRIPT, ['PROBE_REMOTE', conf], { env }, (error, stdout, stderr) => {
      resolve({ status: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}
