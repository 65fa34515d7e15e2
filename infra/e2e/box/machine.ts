/**
 * A machine for tests: a Debian that boots with systemd in a container of systemd-nspawn, on a network
 * namespace of the caller's, with a disk of its own for one folder. It sees nothing of this machine's files,
 * /tmp included, nor of its network. It shares its clock and kernel: MemoryMax, TasksMax and IPAddressDeny
 * are not enforced, and nothing in it may set the time.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Finished } from '../../lan/lan.ts'
import { CACHE } from './root-file-system.ts'

export interface MachineOptions {
  /** An archive of `rootFileSystem`. */
  readonly archive: string
  readonly networkNamespace: string
  /** A folder that is a disk of its own: it can be filled, and outlives a power cut. */
  readonly disk: { readonly folder: string; readonly megabytes: number }
}

export interface Machine {
  /** Starts it, and waits until systemd has started all there is. Throws with its console's last words. */
  boot(): Promise<void>
  /** Ends every process in it at once, as pulling the plug does. */
  kill(): Promise<void>
  /** Runs a program in it, as root. A status other than 0 is a result, not an error. */
  run(command: string, args?: readonly string[]): Promise<Finished>
  /** Writes a file in it, as root; one that is there keeps its owner and mode. */
  write(path: string, content: string | Uint8Array): Promise<void>
  /** Ends it and takes everything away. Safe to call twice. */
  remove(): Promise<void>
}

const PREFIX = 'box-'
const BOOT_MS = 60_000
const RUN_MS = 120_000

const runHere = promisify(execFile)

/** Unpacks a machine, which is not running yet. What was made is taken away again when it fails. */
export async function createMachine(options: MachineOptions): Promise<Machine> {
  removeLeftovers()
  const name = `${PREFIX}${process.pid}`
  const folder = join(CACHE, name)
  const root = join(folder, 'root')
  const disk = join(folder, 'disk')
  const groups = cgroupRoots().map((path) => join(path, `presences-${name}`))
  let container: { nspawn: ChildProcess; init: number } | undefined

  async function kill(): Promise<void> {
    if (!container) return
    const { nspawn, init } = container
    container = undefined
    const gone = new Promise((resolve) => nspawn.once('exit', resolve))
    endNow(init)
    if (nspawn.exitCode === null && nspawn.signalCode === null) await gone
  }

  const removeNow = () => {
    if (container) endNow(container.init)
    container = undefined
    takeAway(folder, groups)
  }

  process.once('exit', removeNow)
  try {
    for (const path of [root, disk, ...groups]) await mkdir(path, { recursive: true })
    await runHere('mount', ['-t', 'tmpfs', '-o', `size=${options.disk.megabytes}m`, 'disk', disk])
    await runHere('tar', ['--directory', root, '--extract', '--file', options.archive])
    await writeFile(join(root, 'etc/hostname'), 'box\n')
    // The journal outlives a power cut.
    await mkdir(join(root, 'var/log/journal'), { recursive: true })
  } catch (cause) {
    removeNow()
    throw cause
  }

  return {
    async boot() {
      const words = [
        ...['--quiet', '--register=no', '--keep-unit', '--boot', '--console=pipe'],
        ...['--resolv-conf=off', '--timezone=off', '--link-journal=no'],
        ...[`--machine=presences-${name}`, `--directory=${root}`],
        `--bind=${disk}:${options.disk.folder}`,
      ]
      // In control groups of its own, and ended by the kernel should this process be.
      const script =
        'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ >"$1/cgroup.procs"; shift; n=$((n - 1)); done; exec "$@"'
      const nspawn = spawn(
        'setpriv',
        [
          ...['--pdeathsig', 'KILL', 'sh', '-c', script, 'sh', String(groups.length), ...groups],
          // Not nspawn's --network-namespace-path: /sys/class/net would be this machine's, cables and all.
          // Nor `ip netns exec`, which hides the control groups.
          ...[
            'nsenter',
            `--net=/run/netns/${options.networkNamespace}`,
            'systemd-nspawn',
            ...words,
          ],
        ],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { PATH: process.env.PATH, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
        },
      )
      let consoleText = ''
      for (const stream of [nspawn.stdout, nspawn.stderr]) {
        stream.on('data', (text) => {
          consoleText = `${consoleText}${text}`.slice(-4_000)
        })
      }
      const deadline = performance.now() + BOOT_MS
      while (performance.now() < deadline && nspawn.exitCode === null) {
        const init = childOf(nspawn.pid)
        if (init) {
          container = { nspawn, init }
          const { stdout } = await enter(init, 'systemctl', ['is-system-running'])
          // Degraded: it is up, and a unit has failed: for the test to judge.
          if (/^(running|degraded)$/.test(stdout.trim())) return
        }
        await sleep(200)
      }
      await kill()
      nspawn.kill('SIGKILL')
      throw new Error(`Can't boot a machine in ${BOOT_MS / 1000} s: ${consoleText}`)
    },
    kill,
    run: (command, args = []) => {
      if (!container) throw new Error(`Can't run ${command}: the machine is off`)
      return enter(container.init, command, args)
    },
    write: (path, content) => writeFile(join(root, path), content),
    remove: async () => {
      await kill()
      removeNow()
      process.off('exit', removeNow)
    },
  }
}

/** Runs a program in the namespaces of a container, with nothing of this environment. */
function enter(init: number, command: string, args: readonly string[]): Promise<Finished> {
  const env = [
    'env',
    '-i',
    'PATH=/usr/sbin:/usr/bin',
    'LC_ALL=C.UTF-8',
    'DEBIAN_FRONTEND=noninteractive',
  ]
  const words = ['--target', String(init), '--all', ...env, command, ...args]
  return new Promise((resolve) => {
    execFile('nsenter', words, { timeout: RUN_MS }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code ?? -1) : 0, stdout, stderr })
    })
  })
}

/** The first process of a namespace takes all others with it. */
function endNow(init: number): void {
  try {
    process.kill(init, 'SIGKILL')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause
  }
}

function childOf(pid: number | undefined): number | undefined {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
    return child ? Number(child) : undefined
  } catch {
    // It has ended.
    return undefined
  }
}

/** Machines of test processes that were killed. */
function removeLeftovers(): void {
  for (const name of existsSync(CACHE) ? readdirSync(CACHE) : []) {
    const pid = new RegExp(`^${PREFIX}(\\d+)$`).exec(name)?.[1]
    if (!pid || existsSync(`/proc/${pid}`)) continue
    takeAway(
      join(CACHE, name),
      cgroupRoots().map((path) => join(path, `presences-${name}`)),
    )
  }
}

function takeAway(folder: string, groups: readonly string[]): void {
  spawnSync('umount', ['--lazy', join(folder, 'disk')])
  rmSync(folder, { recursive: true, force: true })
  for (const group of groups) spawnSync('find', [group, '-depth', '-type', 'd', '-delete'])
}

/** Where control groups are made: the unified hierarchy, and systemd's old one where there is one. */
function cgroupRoots(): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  return mounts.flatMap((line) => {
    const [, path = '', kind = '', flags = ''] = line.split(' ')
    return kind === 'cgroup2' || (kind === 'cgroup' && flags.includes('name=systemd')) ? [path] : []
  })
}
