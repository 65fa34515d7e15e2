/** What a test needs of this machine, and the reason to show when it is not there. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Each program that a test, the demo, the benchmark or a build runs, and its Debian package. What is not
 * essential there is in `infra/setup.sh` too: a run needs nothing else of the machine.
 */
export const PACKAGE_OF = {
  'arp-scan': 'arp-scan',
  bash: 'bash',
  dh: 'debhelper',
  dh_installsysusers: 'debhelper',
  dpkg: 'dpkg',
  'dpkg-buildpackage': 'dpkg-dev',
  faketime: 'faketime',
  find: 'findutils',
  flock: 'util-linux',
  git: 'git',
  ip: 'iproute2',
  lintian: 'lintian',
  man: 'man-db',
  mawk: 'mawk',
  mmdebstrap: 'mmdebstrap',
  mount: 'mount',
  nmap: 'nmap',
  nsenter: 'util-linux',
  ping: 'iputils-ping',
  rclone: 'rclone',
  setpriv: 'util-linux',
  'systemd-analyze': 'systemd',
  'systemd-nspawn': 'systemd-container',
  'systemd-sysusers': 'systemd',
  'systemd-tmpfiles': 'systemd',
  tar: 'tar',
  umount: 'mount',
  unshare: 'util-linux',
} as const

export type Program = keyof typeof PACKAGE_OF

/** Packages that no Debian is without. */
export const ESSENTIAL: ReadonlySet<string> = new Set([
  'bash',
  'dpkg',
  'findutils',
  'tar',
  'util-linux',
])

export interface Requirements {
  readonly programs: readonly Program[]
  readonly root?: boolean
}

/** Administrators' programs are not on every user's path. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']

/** What is missing, for people; `undefined` when the test can run. */
export function missingOf({ programs, root = false }: Requirements): string | undefined {
  const missing: string[] = programs.filter((program) => !isProgram(program))
  if (root && process.getuid?.() !== 0) missing.push('root')
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`
}

/** A suite's title, with the reason when it is skipped. */
export function titleOf(title: string, missing: string | undefined): string {
  return missing === undefined ? title : `${title} (skipped: ${missing})`
}

function isProgram(name: Program): boolean {
  return FOLDERS.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
