/** The Debian packages, as built: what dpkg would install, what lintian thinks of it. Installing one is tested in e2e/. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingOf, titleOf } from '../lan/requirements.ts'
import { buildPackages, missingToBuild } from './build-packages.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FILES = {
  'presences-probe': [
    '-rwxr-xr-x /usr/bin/presences-probe',
    '-rw-r--r-- /usr/lib/systemd/system/presences-scan.service',
    '-rw-r--r-- /usr/lib/systemd/system/presences-scan.timer',
    '-rw-r--r-- /usr/lib/systemd/system/presences-ship.service',
    '-rw-r--r-- /usr/lib/systemd/system/presences-ship.timer',
    '-rw-r--r-- /usr/lib/sysusers.d/presences-probe.conf',
    '-rw-r--r-- /usr/lib/tmpfiles.d/presences-probe.conf',
    '-rw-r--r-- /usr/share/doc/presences-probe/DEPANNAGE.md',
    '-rw-r--r-- /usr/share/doc/presences-probe/README.md',
    '-rw-r--r-- /usr/share/doc/presences-probe/TROUBLES.md',
    '-rw-r--r-- /usr/share/man/man1/presences-probe.1.gz',
  ],
  'presences-aggregator': [
    '-rwxr-xr-x /usr/bin/presences-aggregator',
    '-rw-r--r-- /usr/lib/systemd/system/presences-aggregator.service',
    '-rw-r--r-- /usr/lib/systemd/system/presences-heartbeat.service',
    '-rw-r--r-- /usr/lib/systemd/system/presences-heartbeat.timer',
    '-rw-r--r-- /usr/lib/systemd/system/presences-probes.service',
    '-rw-r--r-- /usr/lib/systemd/system/presences-probes.timer',
    '-rw-r--r-- /usr/lib/systemd/system/presences-upload.service',
    '-rw-r--r-- /usr/lib/systemd/system/presences-upload.timer',
    '-rw-r--r-- /usr/lib/sysusers.d/presences-aggregator.conf',
    '-rw-r--r-- /usr/lib/tmpfiles.d/presences-aggregator.conf',
    '-rw-r--r-- /usr/share/doc/presences-aggregator/README.md',
    '-rw-r--r-- /usr/share/doc/presences-aggregator/presences.rules.yml',
    '-rw-r--r-- /usr/share/man/man1/presences-aggregator.1.gz',
  ],
} as const

const run = promisify(execFile)
const missing = missingToBuild()

describe.skipIf(missing)(titleOf('the Debian packages', missing), () => {
  let folder: string
  let paths: readonly string[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'presences-debs-'))
    paths = await buildPackages(join(folder, 'once'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const pathOf = (name: string) => paths.find((path) => basename(path).startsWith(name)) ?? ''

  test('have the version that their programs say', async () => {
    const versions = await Promise.all(
      ['probe', 'aggregator'].map(async (part) => {
        const name = `presences-${part}`
        const program = join(ROOT, part, 'dist', `${name}.js`)
        const said = (await run(process.execPath, [program, '--version'])).stdout.trim()
        expect(basename(pathOf(name))).toBe(`${name}_${said}_all.deb`)
        expect((await run('dpkg-deb', ['--field', pathOf(name), 'Version'])).stdout).toBe(
          `${said}\n`,
        )
        return said
      }),
    )
    expect(new Set(versions).size).toBe(1)
  })

  test.each(['presences-probe', 'presences-aggregator'] as const)(
    '%s holds what it needs',
    async (name) => {
      const listed = (await run('dpkg-deb', ['--contents', pathOf(name)])).stdout.split('\n')
      const files = listed.map((line) => {
        const [mode, , , , , path = ''] = line.split(/\s+/)
        return `${mode} ${path.slice(1)}`
      })
      expect(files).toEqual(expect.arrayContaining([...FILES[name]]))
      expect(files).toContain(`-rwxr-xr-x /usr/lib/presences/${name}.js`)
      // What a unit, a message or a tmpfiles.d line names is there.
      const unpacked = join(folder, name)
      await run('dpkg-deb', ['--extract', pathOf(name), unpacked])
      for (const file of files.filter((each) => /systemd\/system|tmpfiles\.d/.test(each))) {
        const path = file.split(' ')[1] ?? ''
        if (file.startsWith('d')) continue
        const text = await readFile(join(unpacked, path), 'utf8')
        for (const [named] of text.matchAll(/\/usr\/(?:lib|share)\/(?:doc\/)?presences[^\s]*/g)) {
          await expect(stat(join(unpacked, named)), `${path}: ${named}`).resolves.toBeDefined()
        }
      }
    },
  )

  test.each(['presences-probe', 'presences-aggregator'])(
    '%s leaves no file for dpkg to ask about',
    async (name) => {
      const { stdout } = await run('dpkg-deb', ['--info', pathOf(name)])
      expect(stdout).not.toContain('conffiles')
    },
  )

  test('the same commit gives the same bytes', async () => {
    const again = await buildPackages(join(folder, 'again'))
    for (const [index, path] of again.entries()) {
      expect((await readFile(path)).equals(await readFile(paths[index] ?? ''))).toBe(true)
    }
  })

  const noLintian = missingOf({ programs: ['lintian'] })
  test.skipIf(noLintian).each(['presences-probe', 'presences-aggregator'])(
    titleOf('lintian has neither errors nor warnings for %s', noLintian),
    async (name) => {
      const words = ['--allow-root', '--fail-on', 'error,warning', pathOf(name)]
      const { stdout } = await run('lintian', words)
      expect(stdout).toBe('')
    },
  )
})
