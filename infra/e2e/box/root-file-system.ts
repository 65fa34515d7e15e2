/**
 * Debian 13 as a box has it before the package is installed, made once from a mirror and kept as an archive
 * whose name tells what is in it.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { missingOf } from '../../lan/requirements.ts'
import { missingToBuild } from '../../packages/build-packages.ts'

/** Where archives are kept, and machines live while they run: on a disk, and not in /tmp, which may be memory. */
export const CACHE = '/var/cache/presences'
const MIRROR = { host: 'deb.debian.org', path: '/debian', suite: 'trixie' } as const
/** What the packages depend on, recommend and suggest, since a machine under test has no way to a mirror. */
const PACKAGES = [
  ...['systemd', 'systemd-sysv', 'dbus', 'systemd-timesyncd', 'ca-certificates'],
  ...['iproute2', 'iputils-ping', 'nodejs', 'rclone', 'arp-scan', 'nmap'],
]
const PROGRAMS = ['mmdebstrap', 'systemd-nspawn', 'nsenter', 'setpriv', 'tar', 'ip']
const MIRROR_MS = 5_000

/** What a machine under test lacks here, for people; `undefined` when one can be booted. */
export async function missingForBox(): Promise<string | undefined> {
  const missing = missingOf({ programs: PROGRAMS, root: true }) ?? missingToBuild()
  if (missing !== undefined || existsSync(archivePath())) return missing
  return (await answers(MIRROR.host)) ? undefined : `needs a Debian mirror (${MIRROR.host})`
}

/** The archive's path; makes the archive when there is none (half a minute). Throws with mmdebstrap's words. */
export async function rootFileSystem(): Promise<string> {
  const archive = archivePath()
  if (existsSync(archive)) return archive
  await mkdir(CACHE, { recursive: true })
  const unfinished = join(CACHE, `.${process.pid}.tar`)
  const words = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, MIRROR.suite, unfinished]
  try {
    await promisify(execFile)('mmdebstrap', [...words, `http://${MIRROR.host}${MIRROR.path}`], {
      env: { ...process.env, LC_ALL: 'C' },
    })
    await rename(unfinished, archive)
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string }
    throw new Error(`Can't make a Debian ${MIRROR.suite}: ${stderr.slice(-2_000) || message}`)
  } finally {
    await rm(unfinished, { force: true })
  }
  return archive
}

function archivePath(): string {
  const content = JSON.stringify([MIRROR, PACKAGES, process.arch])
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  return join(CACHE, `debian-${MIRROR.suite}-${hash}.tar`)
}

function answers(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 80, timeout: MIRROR_MS })
    const end = (answered: boolean) => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false)).once('timeout', () => end(false))
  })
}
