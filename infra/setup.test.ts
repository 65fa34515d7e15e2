import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ESSENTIAL, PACKAGE_OF } from './lan/requirements.ts'

const SETUP = fileURLToPath(new URL('setup.sh', import.meta.url))
/** What a run needs of the machine. What no Debian is without may be there or not. */
const PROGRAMS = Object.keys(PACKAGE_OF)
const PACKAGES = [...new Set<string>(Object.values(PACKAGE_OF))]
/** What the script itself is made of. */
const TOOLS = ['sh', 'env', 'cut', 'sort', 'tr', 'head', 'tail', 'mktemp', 'rm']

let folder: string
let bin: string
let lists: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-setup-'))
  bin = join(folder, 'bin')
  await mkdir(bin)
  lists = join(folder, 'lists')
  await mkdir(lists)
  await writeFile(join(lists, 'mirror.example_debian_dists_trixie_InRelease'), '')
  await mkdir(join(folder, 'tmp'))
  for (const tool of TOOLS) await symlink(which(tool), join(bin, tool))
  await program('node', 'echo v20.19.2')
  await program('id', 'echo 1000')
  await program('true')
})
afterEach(() => rm(folder, { recursive: true }))

test('all is there: one line', async () => {
  for (const name of PROGRAMS) await program(name, 'echo rclone v1.60.1')
  expect(await run()).toEqual({
    status: 0,
    stdout: 'setup: all is there (Node v20.19.2, rclone v1.60.1)\n',
    stderr: '',
  })
})

test('without the right to install: the command to paste, and a failure when the demo can not run', async () => {
  const { status, stderr } = await run()
  expect(status).toBe(1)
  expect(stderr).toContain('MISSING rclone')
  const [, named = ''] = / && sudo apt-get install -y (.*)\n$/.exec(stderr) ?? []
  const isWanted = (name: string) => !ESSENTIAL.has(name)
  expect(named.split(' ').filter(isWanted)).toEqual(PACKAGES.filter(isWanted).sort())
})

test('what only leads to skipped tests is a warning', async () => {
  for (const name of ['rclone', 'flock']) await program(name)
  const { status, stderr } = await run()
  expect(status).toBe(0)
  expect(stderr).toContain('WARNING: no arp-scan: tests of real scans are skipped\n')
  expect(stderr).not.toContain('MISSING')
})

test.each([
  ['root', async () => program('id', 'echo 0')],
  ['sudo that asks nothing', async () => program('sudo', 'shift; exec "$@"')],
])('with %s: installs what is missing, and no more', async (_who, allow) => {
  await allow()
  const missing = ['rclone', 'flock']
  for (const name of PROGRAMS) if (!missing.includes(name)) await program(name)
  const log = join(folder, 'apt.log')
  await program(
    'apt-get',
    `echo "$@" >>${log}; case $1 in install) for p in rclone flock; do printf '#!/bin/sh\\n' >${bin}/$p; /bin/chmod +x ${bin}/$p; done ;; esac`,
  )
  expect(await run()).toEqual({
    status: 0,
    stdout: 'setup: installing rclone util-linux\n',
    stderr: '',
  })
  expect(await readdir(join(folder, 'tmp'))).toEqual([])
  expect(await readFile(log, 'utf8')).toBe(
    'update -qq\ninstall -y -qq --no-install-recommends rclone util-linux\n',
  )
})

test('all is there but what the mirrors have: apt is told to ask them, once', async () => {
  await rm(lists, { recursive: true })
  for (const name of PROGRAMS) await program(name)
  await program('id', 'echo 0')
  const log = join(folder, 'apt.log')
  const answer = `/bin/mkdir ${lists}; echo >${lists}/mirror.example_debian_dists_trixie_InRelease`
  await program('apt-get', `echo "$@" >>${log}; ${answer}`)
  expect(await run()).toEqual({
    status: 0,
    stdout: 'setup: installing nothing, asking the mirrors what there is\n',
    stderr: '',
  })
  expect((await run()).stdout).toContain('all is there')
  expect(await readFile(log, 'utf8')).toBe('update -qq\n')
})

test('without the right to ask the mirrors: the command to paste', async () => {
  await rm(lists, { recursive: true })
  for (const name of [...PROGRAMS, 'apt-get']) await program(name)
  const { status, stderr } = await run()
  expect(status).toBe(0)
  expect(stderr).toBe(
    'setup: WARNING: apt knows no mirror: the test of a box that boots fails. To do: sudo apt-get update\n',
  )
})

test('apt-get that fails: its words, then the command to paste', async () => {
  await program('id', 'echo 0')
  await program('apt-get', 'echo "E: no network" >&2; exit 100')
  const { status, stderr } = await run()
  expect(status).toBe(1)
  expect(stderr).toContain('E: no network')
  expect(await readdir(join(folder, 'tmp'))).toEqual([])
  expect(stderr).toContain('sudo apt-get install -y')
})

test.each(['v18.20.4', 'v20.18.1', 'v20.2.0', 'v9.0.0'])('Node %s is refused', async (version) => {
  await program('node', `echo ${version}`)
  const { status, stderr } = await run()
  expect(status).toBe(1)
  expect(stderr).toContain(`Node 20.19 or newer is needed, here is ${version}`)
})

test.each(['v20.19.0', 'v20.20.2', 'v22.1.0', 'v24.0.0', 'v26.0.0'])(
  'Node %s is accepted',
  async (version) => {
    await program('node', `echo ${version}`)
    for (const name of PROGRAMS) await program(name)
    expect((await run()).status).toBe(0)
  },
)

/** Runs a copy of the script that looks for programs in `bin` alone. */
async function run() {
  const text = await readFile(SETUP, 'utf8')
  const copy = join(folder, 'setup.sh')
  await writeFile(
    copy,
    text.replace(/^PATH=.*$/m, `PATH=${bin}`).replace(/^LISTS=.*$/m, `LISTS=${lists}`),
  )
  const env = { ...process.env, TMPDIR: join(folder, 'tmp') }
  const { status, stdout, stderr } = spawnSync('/bin/sh', [copy], { encoding: 'utf8', env })
  return { status, stdout, stderr }
}

async function program(name: string, body = ''): Promise<void> {
  await rm(join(bin, name), { force: true })
  await writeFile(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
}

function which(name: string): string {
  return spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()
}
