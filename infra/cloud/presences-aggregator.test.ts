/** The command an administrator types, with a `systemd-run` and an `id` that only tell how they were called. */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HANGING, interrupt } from '../box/interrupt.ts'
import { parseUnit } from '../box/unit-file.ts'
import { missingOf, titleOf } from '../lan/requirements.ts'

const CLOUD = fileURLToPath(new URL('.', import.meta.url))
const missing = missingOf({ programs: ['bash'] })

describe.skipIf(missing)(titleOf('presences-aggregator as a command', missing), () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'presences-command-'))
    const script = await readFile(join(CLOUD, 'presences-aggregator'), 'utf8')
    const here = script
      .replace('/usr/lib/presences', folder)
      .replace('/etc/presences/aggregator.env', join(folder, 'aggregator.env'))
      .replace('exec /usr/bin/node', `exec ${process.execPath}`)
    await program('presences-aggregator', here)
    await program('systemd-run', '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 3\n')
    await program('id', '#!/bin/sh\necho 0\n')
    await writeFile(join(folder, 'presences-aggregator.js'), '')
    await writeFile(join(folder, 'aggregator.env'), '')
  })
  afterEach(() => rm(folder, { recursive: true }))

  test("runs the bundle as the nightly job's unit does, for the one who called", async () => {
    const { stdout } = await call(['doctor'])
    const unit = parseUnit(await readFile(join(CLOUD, 'presences-upload.service'), 'utf8'))
    const names = [
      'User',
      'Group',
      'UMask',
      'LogsDirectory',
      'LogsDirectoryMode',
      'NoNewPrivileges',
    ]
    const expected = names.map((name) => `${name}=${unit.last(name)}`)
    const own = ['UnsetEnvironment=INVOCATION_ID', `EnvironmentFile=${folder}/aggregator.env`]
    const properties = [...stdout.matchAll(/^--property=(.*)$/gm)].map(([, property]) => property)
    expect(properties.sort()).toEqual([...expected, ...own].sort())
    expect(stdout).toContain('\n--setenv=SUDO_USER=alice\n')
  })

  test('passes arguments as they are, and the exit status', async () => {
    const { status, stdout } = await call(['explain', '2026-11-20', 'a b+$c@example.org'])
    expect(status).toBe(3)
    const words = [join(folder, 'presences-aggregator.js'), 'explain', '2026-11-20']
    // systemd makes $ of $$.
    expect(stdout).toContain(`\n${words.join('\n')}\na b+$$c@example.org\n`)
  })

  test.each([
    ['who logged in', 'echo bob', 'bob'],
    ['whoever it is', 'exit 1', 'carol'],
  ])('without sudo, it is %s who called', async (_, logname, name) => {
    await program('logname', `#!/bin/sh\n${logname}\n`)
    await program('id', '#!/bin/sh\n[ "$1" = -un ] && echo carol || echo 0\n')
    expect((await call(['doctor'], {})).stdout).toContain(`\n--setenv=SUDO_USER=${name}\n`)
  })

  test('interrupted, it ends what it began', async () => {
    for (const [name, script] of Object.entries(HANGING)) await program(name, script(folder))
    const { unit, told } = await interrupt(folder, 'presences-aggregator', ['upload'])
    expect(unit).toMatch(/^presences-by-hand-\d+\.service$/)
    expect(told).toBe(`stop ${unit}`)
  })

  test('says so when it may not read the secrets', async () => {
    await program('id', '#!/bin/sh\necho 1000\n')
    const stderr =
      'presences-aggregator: this needs root: sudo presences-aggregator upload --dry-run\n'
    expect(await call(['upload', '--dry-run'])).toEqual({ status: 2, stdout: '', stderr })
  })

  test.each([[[]], [['--help']], [['--version']], [['upload', '-h']]])(
    '%j needs no right, and no settings',
    async (args) => {
      await program('id', '#!/bin/sh\necho 1000\n')
      await rm(join(folder, 'aggregator.env'))
      expect(await call(args)).toEqual({ status: 0, stdout: '', stderr: '' })
    },
  )

  test('says what is not installed', async () => {
    await rm(join(folder, 'aggregator.env'))
    const { status, stderr } = await call(['doctor'])
    expect(status).toBe(2)
    expect(stderr).toContain(`there is no ${folder}/aggregator.env`)
  })

  async function program(name: string, text: string): Promise<void> {
    await writeFile(join(folder, name), text)
    await chmod(join(folder, name), 0o755)
  }

  function call(args: readonly string[], by: NodeJS.ProcessEnv = { SUDO_USER: 'alice' }) {
    const env = { PATH: `${folder}:${process.env.PATH}`, ...by }
    return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      execFile(join(folder, 'presences-aggregator'), args, { env }, (error, stdout, stderr) => {
        resolve({ status: Number(error?.code ?? 0), stdout, stderr })
      })
    })
  }
})
