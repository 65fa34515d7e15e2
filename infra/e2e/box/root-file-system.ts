/**
 * Debian 13 as a box has it before the package is installed, made once from the mirror that this system's apt
 * uses, and kept as an archive whose name tells what is in it.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { missingOf } from '../../lan/requirements.ts'
import { missingToBuild } from '../../packages/build-packages.ts'
import { debianMirror } from './debian-mirror.ts'

/** Where archives are kept, and machines live while they run: on a disk, and not in /tmp, which may be memory. */
export const CACHE = '/var/cache/presences'
const SUITE = 'trixie'
/** What the packages depend on, recommend and suggest, since a machine under test has no way to a mirror. */
const PACKAGES = [
  ...['systemd', 'systemd-sysv', 'dbus', 'systemd-timesyncd', 'ca-certificates'],
  ...['iproute2', 'iputils-ping', 'nodejs', 'rclone', 'arp-scan', 'nmap'],
]
const PROGRAMS = [
  ...(['mmdebstrap', 'systemd-nspawn', 'nsenter', 'setpriv', 'tar', 'ip'] as const),
  ...(['mount', 'umount', 'find'] as const),
]

/** What a machine under test lacks here, for people; `undefined` when one can be booted. */
export function missingForBox(): string | undefined {
  return missingOf({ programs: PROGRAMS, root: true }) ?? missingToBuild()
}

/**
 * The archive's path; makes the archive when there is none (half a minute). Throws with what is wrong with the
 * system's mirror, or with mmdebstrap's words.
 */
export async function rootFileSystem(): Promise<string> {
  const archive = archivePath()
  if (existsSync(archive)) return archive
  await mkdir(CACHE, { recursive: true })
  const unfinished = join(CACHE, `.${process.pid}.tar`)
  try {
    const { source, settings } = await debianMirror(SUITE)
    await makeDebian(unfinished, source, settings)
    await rename(unfinished, archive)
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string }
    throw new Error(`Can't make a Debian ${SUITE}: ${stderr.slice(-2_000) || message}`)
  } finally {
    await rm(unfinished, { force: true })
  }
  return archive
}

async function makeDebian(
  file: string,
  source: string,
  settings: readonly string[],
): Promise<void> {
  const words = ['--variant=minbase', `--include=${PACKAGES.join(',')}`]
  const making = promisify(execFile)(
    'mmdebstrap',
    [...words, ...settings.map((line) => `--aptopt=${line}`), SUITE, file, '-'],
    { env: { ...process.env, LC_ALL: 'C' } },
  )
  // One that has failed reads no further: its own words say why.
  making.child.stdin?.on('error', () => undefined).end(source)
  await making
}

function archivePath(): string {
  const content = JSON.stringify([SUITE, PACKAGES, process.arch])
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  return join(CACHE, `debian-${SUITE}-${hash}.tar`)
}
