/** The command an administrator types, with a `systemd-run` and an `id` that only tell how they were called. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { missingOf, titleOf } from '../lan/requirements.ts'
import { HANGING, interrupt } from './interrupt.ts'
import { parseUnit } from './unit-file.ts'

const BOX = fileURLToPath(new URL('.', import.meta.url))
const missing = missingOf({ programs: ['bash'] })

describe.skipIf(missing)(titleOf('presences-probe as a command', missing), () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'presences-command-'))
    const script = await readFile(join(BOX, 'presences-probe'), 'utf8')
    const here = script
      .replace('/usr/lib/presences', folder)
      .replaceAll('/usr/bin/node', process.execPath)
    await program('presences-probe', here)
    await program('systemd-run', '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 3\n')
    await program('id', '#!/bin/sh\necho 0\n')
    await writeFile(join(folder, 'presences-probe.js'), 'console.log(process.argv.slice(2))')
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('runs the bundle as the units do', async () => {
    const { status, stdout } = await call(['doctor', '--json'])
    expect(status).toBe(3)
    expect(stdout).toContain(`\n${join(folder, 'presences-probe.js')}\ndoctor\n--json\n`)
    const [scan, shipping] = await Promise.all(
      ['presences-scan.service', 'presences-ship.service'].map(async (unit) =>
        parseUnit(await readFile(join(BOX, unit), 'utf8')),
      ),
    )
    const names = ['User', 'Group', 'UMask', 'AmbientCapabilities', 'CapabilityBoundingSet']
    const expected = ['EnvironmentFile', ...names, 'NoNewPrivileges'].map(
      (name) => `${name}=${scan?.last(name)}`,
    )
    const properties = [...stdout.matchAll(/^--property=(.*)$/gm)].map(([, property]) => property)
    expect(properties.sort()).toEqual(
      [...expected, `Environment=${shipping?.last('Environment')}`].sort(),
    )
  })

  test('passes arguments as they are', async () => {
    const { stdout } = await call(['ship', 'a b', '$HOME'])
    // systemd makes $ of $$.
    expect(stdout).toContain('\nship\na b\n$$HOME\n')
  })

  test('interrupted, it ends what it began', async () => {
    for (const [name, script] of Object.entries(HANGING)) await program(name, script(folder))
    const { unit, told } = await interrupt(folder, 'presences-probe', ['doctor'])
    expect(unit).toMatch(/^presences-probe-by-hand-\d+\.service$/)
    expect(told).toBe(`stop ${unit}`)
  })

  test.each([[[]], [['--help']], [['-V']], [['help', 'scan']], [['scan', '--help']]])(
    '%j needs no right',
    async (args) => {
      await program('id', '#!/bin/sh\necho 1000\n')
      const { status, stdout } = await call(args)
      expect(status).toBe(0)
      expect(stdout).toMatch(/^\[/)
    },
  )

  test('says so when it may not', async () => {
    await program('id', '#!/bin/sh\necho 1000\n')
    expect(await call(['doctor'])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'presences-probe: this needs root: sudo presences-probe doctor\n',
    })
  })

  async function program(name: string, text: string): Promise<void> {
    await rm(join(folder, name), { force: true })
    await writeFile(join(folder, name), text, { mode: 0o755 })
  }

  function call(args: readonly string[]) {
    const env = { PATH: `${folder}:${process.env.PATH}` }
    return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      execFile(join(folder, 'presences-probe'), args, { env }, (error, stdout, stderr) => {
        resolve({ status: Number(error?.code ?? 0), stdout, stderr })
      })
    })
  }
})
