/**
 * From the bundles to two Debian packages: a source tree is laid out as debhelper wants it, then built. Their
 * version is what the bundles say of themselves. The same commit gives the same bytes: the only time in them is
 * the commit's.
 */
import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { secondsOf } from '../build/version.ts'
import { missingOf } from '../lan/requirements.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PACKAGES = ['presences-probe', 'presences-aggregator'] as const
const BUNDLES = [
  'probe/dist/presences-probe.js',
  'aggregator/dist/presences-aggregator.js',
] as const
/** What debhelper takes by name: `<package>.<file>`, `<package>.<unit>.<kind>` where the unit is called otherwise. */
const DEBHELPER_FILES = {
  'box/presences-probe.sysusers': 'presences-probe.sysusers',
  'box/presences-probe.tmpfiles': 'presences-probe.tmpfiles',
  'box/presences-scan.service': 'presences-probe.presences-scan.service',
  'box/presences-scan.timer': 'presences-probe.presences-scan.timer',
  'box/presences-ship.service': 'presences-probe.presences-ship.service',
  'box/presences-ship.timer': 'presences-probe.presences-ship.timer',
  'cloud/presences-aggregator.sysusers': 'presences-aggregator.sysusers',
  'cloud/presences-aggregator.tmpfiles': 'presences-aggregator.tmpfiles',
  'cloud/presences-aggregator.service': 'presences-aggregator.service',
  'cloud/presences-upload.service': 'presences-aggregator.presences-upload.service',
  'cloud/presences-upload.timer': 'presences-aggregator.presences-upload.timer',
  'cloud/presences-probes.service': 'presences-aggregator.presences-probes.service',
  'cloud/presences-probes.timer': 'presences-aggregator.presences-probes.timer',
  'cloud/presences-heartbeat.service': 'presences-aggregator.presences-heartbeat.service',
  'cloud/presences-heartbeat.timer': 'presences-aggregator.presences-heartbeat.timer',
} as const

const run = promisify(execFile)

/** The Debian packages that a build needs and this machine lacks, as a command to paste; `undefined` when all is there. */
export function missingToBuild(): string | undefined {
  const missing = missingOf({ programs: ['dpkg-buildpackage', 'dh', 'dh_installsysusers'] })
  return missing && `${missing}: sudo apt-get install -y --no-install-recommends debhelper dpkg-dev`
}

/**
 * Builds both packages from the bundles in `dist` into `folder` and gives their paths, the probe's first. Throws
 * when a tool or a bundle is missing, or the bundles are of two builds.
 */
export async function buildPackages(folder: string): Promise<[probe: string, aggregator: string]> {
  const missing = missingToBuild()
  if (missing) throw new Error(`Can't build the packages: ${missing}`)
  const [version = '', other] = await Promise.all(BUNDLES.map(versionOf))
  if (version !== other) {
    throw new Error(
      `Can't build the packages: the probe's bundle is ${version}, the aggregator's ${other}. To do: pnpm build`,
    )
  }
  const made = await mkdtemp(join(tmpdir(), 'presences-packages-'))
  try {
    const source = join(made, 'presences')
    const seconds = timeOf(version)
    await layOut(source, version, seconds)
    await run('dpkg-buildpackage', ['--build=binary', '--no-sign', '--no-check-builddeps'], {
      cwd: source,
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC', SOURCE_DATE_EPOCH: String(seconds) },
    }).catch((cause: { stdout: string; stderr: string }) => {
      throw new Error(`dpkg-buildpackage failed:\n${cause.stdout}${cause.stderr}`)
    })
    await mkdir(folder, { recursive: true })
    const names = PACKAGES.map((name) => `${name}_${version}_all.deb`)
    for (const name of names) await copyFile(join(made, name), join(folder, name))
    return names.map((name) => join(folder, name)) as [string, string]
  } finally {
    await rm(made, { recursive: true })
  }
}

async function layOut(source: string, version: string, seconds: number): Promise<void> {
  const infra = join(ROOT, 'infra')
  await mkdir(source)
  for (const bundle of BUNDLES) {
    await copyFile(join(ROOT, bundle), join(source, basename(bundle)))
  }
  for (const part of ['box', 'cloud', 'packages/debian']) {
    await cp(join(infra, part), join(source, basename(part)), { recursive: true })
  }
  for (const page of await readdir(join(infra, 'packages'))) {
    if (page.endsWith('.1')) await copyFile(join(infra, 'packages', page), join(source, page))
  }
  for (const [from, to] of Object.entries(DEBHELPER_FILES)) {
    await copyFile(join(infra, from), join(source, 'debian', to))
  }
  await writeFile(join(source, 'debian/changelog'), changelogOf(version, seconds))
}

function changelogOf(version: string, seconds: number): string {
  const date = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000')
  return `presences (${version}) stable; urgency=medium

  * What changed is in the history of the source tree.

 -- Presences maintainers <maintainers@presences.example>  ${date}
`
}

async function versionOf(bundle: string): Promise<string> {
  const asked = run(process.execPath, [join(ROOT, bundle), '--version'])
  const { stdout } = await asked.catch(() => {
    throw new Error(`Can't build the packages: ${bundle} is missing or broken. To do: pnpm build`)
  })
  return stdout.trim()
}

/** The time of all files in the packages, in seconds since 1970: what the caller says, or the commit's. */
function timeOf(version: string): number {
  const given = process.env.SOURCE_DATE_EPOCH
  return given ? Number(given) : (secondsOf(version) ?? Math.floor(Date.now() / 1000))
}
