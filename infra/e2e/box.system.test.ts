/**
 * A box in its cupboard, in real time: a Debian 13 that boots with systemd, on a LAN of namespaces. The
 * package is installed, its timers fire, the bucket goes, the plug is pulled, the cable comes out, the disk
 * fills up, all comes back. Then every minute of looking is in the bucket, once, and every hole is a true one.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  type S3Server,
  startS3Server,
} from '@presences/aggregator/testing/stand-ins/s3/s3-server.ts'
import { decodeMinuteFile, PARTIAL_KEY, parseRawKey } from '@presences/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { formatVersion } from '../build/version.ts'
import { createLan, type Lan } from '../lan/lan.ts'
import { titleOf } from '../lan/requirements.ts'
import { buildPackages } from '../packages/build-packages.ts'
import { createMachine, type Machine } from './box/machine.ts'
import { observe } from './box/observation.ts'
import { missingForBox, rootFileSystem } from './box/root-file-system.ts'

const BOX = fileURLToPath(new URL('../box/', import.meta.url))
const MACS = ['02:00:5E:00:02:01', '02:00:5E:00:02:02', '02:00:5E:00:02:03']
const BUCKET_HOST = 2
const BUCKET = 'coworking'
const KEY = {
  accessKeyId: 'probe',
  secretAccessKey: 'the-probe-secret',
  allow: { putOnly: 'presences/' },
} as const
/** What `pnpm package` would call the commit of a year to come. */
const LATER = formatVersion('1.0.0', { seconds: 4e9, hash: 'f'.repeat(40), isDirty: false })
const SPOOL = '/var/spool/presences'
const TIMERS = ['presences-scan.timer', 'presences-ship.timer']
/** The next minute's scan or shipment, on a slow machine. */
const NEXT_MS = 100_000
/** Where no Debian is kept yet, one is made first. */
const FIRST_MS = 600_000

const missing = missingForBox()

describe.skipIf(missing)(titleOf('a box in its cupboard', missing), () => {
  const observation = observe(Date.now)
  let folder: string
  let debs: readonly string[]
  let lan: Lan
  let s3: S3Server
  let box: Machine
  let configured: () => void

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'presences-box-'))
    debs = await buildPackages(folder)
    const archive = await rootFileSystem()
    s3 = await startS3Server({ buckets: [BUCKET], keys: [KEY] })
    lan = await createLan({ hosts: MACS })
    await lan.serve(BUCKET_HOST, s3.port)
    box = await createMachine({
      archive,
      networkNamespace: lan.boxNamespace,
      disk: { folder: SPOOL, megabytes: 160 },
    })
    await box.boot()
    for (const deb of debs) await box.write(`root/${basename(deb)}`, await readFile(deb))
  }, FIRST_MS)
  afterAll(async () => {
    await box?.remove()
    await lan?.remove()
    await s3?.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('installed with one command: enabled, running, and what is missing is said once', async () => {
    configured = observation.blind('not configured')
    const { stdout } = await ok('apt-get', 'install', '-y', debIn('presences-probe'))
    expect(stdout).toContain('sudo presences-probe doctor')
    expect(await states()).toEqual(['enabled active', 'enabled active'])
    expect((await ok('stat', '-c', '%U:%G %a', ...SETTINGS)).stdout).toBe(
      'root:presences 640\nroot:presences 640\n',
    )

    for (let minute = 0; minute < 3; minute += 1) {
      await ok('systemctl', 'start', 'presences-scan.service', 'presences-ship.service')
    }
    expect((await journal('presences-scan')).match(/Not configured yet/g)).toHaveLength(1)
    expect((await journal('presences-ship')).match(/Not configured yet/g)).toHaveLength(1)
    expect(await failed()).toBe('')

    const doctor = await box.run('presences-probe', ['doctor'])
    expect(doctor.status).toBe(2)
    expect(doctor.stdout).toContain('PROBE_LOCATION: is not set')
  })

  test('configured: the next minute is recorded and shipped, with no word but that', {
    timeout: 2 * NEXT_MS,
  }, async () => {
    await awayFromSecond0()
    await configure()
    expect((await box.run('presences-probe', ['doctor'])).stdout).toContain('FAILS     clock: ')
    expect((await box.run('systemctl', ['start', 'presences-scan.service'])).status).toBe(1)
    expect(await waiting()).toEqual([])

    await setClock()
    const before = await journals()
    configured()
    const doctor = await box.run('presences-probe', ['doctor'])
    expect(doctor.stdout).not.toContain('FAILS')
    expect(doctor.stdout).toContain('works     configuration: location poulailler, probe box')

    await keys(1)
    await said('presences-ship', /^ship: /m)
    const [scan = '', ship = ''] = await journals()
    expect(scan.slice(before[0]?.length)).toMatch(/^\S+\.tsv\t3 devices\n$/)
    expect(ship.slice(before[1]?.length)).toBe('ship: 1 of 1 shipped\n')
    expect((await ok('stat', '-c', '%U', `${SPOOL}/poulailler`)).stdout).toBe('presences\n')
  })

  test('upgraded to a later commit: settings stay, and so does what the administrator disabled', async () => {
    await s3.pause()
    await ok('systemctl', 'disable', '--now', 'presences-ship.timer')
    const before = (await ok('sha256sum', ...SETTINGS)).stdout
    const later = await laterOf(debs[0] ?? '', folder)
    await box.write('root/later.deb', await readFile(later))
    await ok('apt-get', 'install', '-y', '/root/later.deb')
    expect((await ok('dpkg-query', '--show', 'presences-probe')).stdout).toContain(LATER)
    expect((await ok('sha256sum', ...SETTINGS)).stdout).toBe(before)
    expect(await states()).toEqual(['enabled active', 'disabled inactive'])
    await ok('systemctl', 'enable', '--now', 'presences-ship.timer')
  })

  test('the bucket gone, then the plug pulled: the minute waits, over the boot', {
    timeout: 3 * NEXT_MS,
  }, async () => {
    await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), NEXT)
    await said('presences-ship', /^ship: 0 of 1 shipped\. Can't write to bucket:/m)
    const before = await waiting()

    const booted = observation.blind('off, then without the right time')
    await box.kill()
    await box.boot()
    await setClock()
    booted()
    expect(await failed()).toBe('')
    expect(await states()).toEqual(['enabled active', 'enabled active'])
    expect(await waiting()).toEqual(before)
  })

  test('the cable out, then the disk full: loud errors, nothing recorded, what waits is kept', {
    timeout: 2 * NEXT_MS,
  }, async () => {
    await awayFromSecond0()
    const before = await waiting()
    const cableIn = observation.blind('cable out')
    await lan.cableOut()
    await said('presences-scan', /Can't scan eth0: /)

    const roomAgain = observation.blind('disk full')
    await box.run('dd', ['if=/dev/zero', `of=${SPOOL}/.filler`, 'bs=1M'])
    await lan.cableIn()
    cableIn()
    expect((await box.run('systemctl', ['start', 'presences-scan.service'])).status).toBe(1)
    expect(await journal('presences-scan')).toContain('the disk is full')
    expect(await waiting()).toEqual(before)

    await awayFromSecond0()
    await ok('rm', `${SPOOL}/.filler`)
    roomAgain()
    await s3.resume()
  })

  test('all is back: every minute of looking is in the bucket once, every hole is a true one', {
    timeout: 3 * NEXT_MS,
  }, async () => {
    await keys(3)
    await ok('systemctl', 'stop', ...TIMERS)
    expect(await waiting()).toEqual([])

    const truth = [...observation.minutes()]
    const words = truth.map(([, wasLookedAt]) => (wasLookedAt ? 'looked at' : 'hole'))
    // Installing may have taken it from one minute into the next.
    expect(words.slice(words.indexOf('looked at'))).toEqual([
      ...['looked at', 'looked at', 'hole', 'looked at'],
    ])
    const looked = truth.flatMap(([minute, wasLookedAt]) => (wasLookedAt ? [minute] : []))
    expect(s3.keysOf(BUCKET).map(minuteOf).sort()).toEqual(looked)

    const stored = s3.requests.filter(({ status }) => status === 200)
    expect(stored.map(({ method, key }) => `${method} ${key}`).sort()).toEqual(
      s3.keysOf(BUCKET).map((key) => `PUT ${key}`),
    )
    for (const key of s3.keysOf(BUCKET)) {
      const { macs, faults, cut } = decodeMinuteFile(s3.read(BUCKET, key) ?? Buffer.alloc(0))
      expect({ macs, faults, cut }).toEqual({ macs: MACS, faults: [], cut: false })
    }
  })

  test('nmap and neighbours, too, see all within the sandbox of the unit', {
    timeout: NEXT_MS,
  }, async () => {
    await ok('systemctl', 'stop', ...TIMERS)
    // They take up to ten seconds, and a scan ends with its minute.
    await earlyInMinute()
    const settings = (await ok('cat', '/etc/presences/probe.env')).stdout
    const others = 'PROBE_SCANNERS=nmap,neighbours\nPROBE_ID=others\n'
    await box.write('etc/presences/probe.env', `${settings}${others}`)
    await ok('systemctl', 'start', 'presences-scan.service')

    const { stdout } = await ok('find', SPOOL, '-name', '*-others.tsv')
    const path = stdout.trim()
    const { macs, meta } = decodeMinuteFile(Buffer.from((await ok('cat', path)).stdout))
    // The bridge has an IPv6 address, and neighbours looks there as well.
    expect(macs.filter((mac) => MACS.includes(mac))).toEqual(MACS)
    expect(meta.get('seen')).toMatch(/^nmap:3,neighbours:[34]$/)
    expect(meta.get(PARTIAL_KEY)).toBeUndefined()
    await ok('rm', path)
  })

  test('purged with a minute that was never shipped: it is kept, and that is said', async () => {
    const unshipped = `${SPOOL}/poulailler/2026-11-22/20261122T0812Z-box.tsv`
    const packed = `${SPOOL}/.packed-poulailler-2026-11-21-open-20261121T0800Z-2.gz`
    for (const path of [unshipped, packed]) await ok('install', '-D', '/dev/null', path)
    const { stdout } = await ok('apt-get', 'purge', '-y', 'presences-probe')
    expect(stdout).toContain(`kept ${SPOOL}: it holds minutes that were never shipped (files: 2)`)
    await ok('ls', unshipped, packed)
    expect((await box.run('ls', SETTINGS)).status).toBe(2)

    await ok('apt-get', 'install', '-y', debIn('presences-probe'))
    await ok('rm', unshipped, packed)
    expect((await ok('apt-get', 'purge', '-y', 'presences-probe')).stdout).not.toContain('kept')
    // The folder itself is a disk's here.
    expect((await ok('ls', '-A', SPOOL)).stdout).toBe('')
  })

  test("the server's package: timer and service enabled, and what is missing is said once", async () => {
    await ok('apt-get', 'install', '-y', debIn('presences-aggregator'))
    const units = ['presences-upload.timer', 'presences-aggregator.service']
    expect((await ok('systemctl', 'is-enabled', ...units)).stdout).toBe('enabled\nenabled\n')
    await vi.waitFor(
      async () => expect(await failed()).toContain('presences-aggregator.service'),
      NEXT,
    )
    expect((await journal('presences-aggregator')).match(/ADMIN_TOKENS: /g)).toHaveLength(1)
    const { stdout } = await ok(
      'systemctl',
      'show',
      '-p',
      'NextElapseUSecRealtime',
      'presences-upload.timer',
    )
    expect(stdout).toMatch(/ (20|21):15:00 UTC$/m)

    await ok('apt-get', 'purge', '-y', 'presences-aggregator')
    expect((await box.run('ls', ['/etc/presences'])).status).toBe(2)
  })

  const NEXT = { timeout: NEXT_MS, interval: 300 }
  const SETTINGS = ['/etc/presences/probe.env', '/etc/presences/rclone.conf']

  async function configure(): Promise<void> {
    const [env, conf] = await Promise.all(
      ['probe.env.example', 'rclone.conf.example'].map((name) => readFile(join(BOX, name), 'utf8')),
    )
    const endpoint = `http://${lan.hosts[BUCKET_HOST]?.address}:${s3.port}`
    await box.write(
      'etc/presences/probe.env',
      (env ?? '')
        .replace('PROBE_LOCATION=', 'PROBE_LOCATION=poulailler')
        .replace('PROBE_REMOTE=', `PROBE_REMOTE=bucket:${BUCKET}`),
    )
    await box.write(
      'etc/presences/rclone.conf',
      (conf ?? '')
        .replace(/^endpoint.*$/m, `endpoint = ${endpoint}`)
        .replace(/(access_key_id = ).*/, `$1${KEY.accessKeyId}`)
        .replace(/(secret_access_key = ).*/, `$1${KEY.secretAccessKey}`),
    )
  }

  /** The mark that systemd-timesyncd leaves: it runs in no container, nor is a clock set by a test. */
  async function setClock(): Promise<void> {
    await ok('install', '-D', '/dev/null', '/run/systemd/timesync/synchronized')
  }

  async function ok(command: string, ...args: string[]) {
    const finished = await box.run(command, args)
    if (finished.status !== 0)
      throw new Error(
        `${command} ${args.join(' ')} ended with ${finished.status}: ${finished.stdout}${finished.stderr}`,
      )
    return finished
  }

  function debIn(name: string): string {
    const path = debs.find((each) => basename(each).startsWith(name)) ?? ''
    return `/root/${basename(path)}`
  }

  /** "enabled active" of each timer. */
  async function states(): Promise<string[]> {
    const [enabled, active] = await Promise.all(
      ['is-enabled', 'is-active'].map(async (what) =>
        (await box.run('systemctl', [what, ...TIMERS])).stdout.trim().split('\n'),
      ),
    )
    return TIMERS.map((_, index) => `${enabled?.[index]} ${active?.[index]}`)
  }

  async function failed(): Promise<string> {
    return (await ok('systemctl', '--failed', '--no-legend', '--plain')).stdout
  }

  /** What a unit has said in all boots. */
  async function journal(unit: string): Promise<string> {
    return (await ok('journalctl', '--unit', `${unit}.service`, '--output', 'cat', '--no-pager'))
      .stdout
  }

  function journals(): Promise<string[]> {
    return Promise.all(['presences-scan', 'presences-ship'].map(journal))
  }

  function said(unit: string, words: RegExp): Promise<void> {
    return vi.waitFor(async () => expect(await journal(unit)).toMatch(words), NEXT)
  }

  /** The minute files in the spool, and the bytes of each. */
  async function waiting(): Promise<string[]> {
    const { stdout } = await ok(
      'find',
      SPOOL,
      '-name',
      '*.tsv',
      '-not',
      '-name',
      '.*',
      '-exec',
      'sha256sum',
      '{}',
      '+',
    )
    return stdout.split('\n').filter(Boolean).sort()
  }

  function keys(count: number): Promise<void> {
    return vi.waitFor(() => expect(s3.keysOf(BUCKET)).toHaveLength(count), NEXT)
  }
})

async function earlyInMinute(): Promise<void> {
  const second = (Date.now() / 1000) % 60
  if (second > 20) await sleep((66 - second) * 1000)
}

/** So that what is done next falls into no scan. */
async function awayFromSecond0(): Promise<void> {
  const second = (Date.now() / 1000) % 60
  if (second > 56) await sleep((66 - second) * 1000)
  else if (second < 6) await sleep((6 - second) * 1000)
}

/** The same package, as a commit of later would give it. */
async function laterOf(deb: string, folder: string): Promise<string> {
  const run = promisify(execFile)
  const [tree, later] = [join(folder, 'later'), join(folder, 'later.deb')]
  await run('dpkg-deb', ['--raw-extract', deb, tree])
  const control = join(tree, 'DEBIAN/control')
  const text = await readFile(control, 'utf8')
  await writeFile(control, text.replace(/^Version: .*$/m, `Version: ${LATER}`))
  await run('dpkg-deb', ['--root-owner-group', '--build', tree, later])
  return later
}

function minuteOf(key: string): number | undefined {
  const parsed = parseRawKey(key)
  return parsed?.kind === 'minute' ? parsed.minute : undefined
}
