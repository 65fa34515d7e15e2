/** The commands from their arguments to their exit code, with a recorded arp-scan on the path. */
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { decodeMinuteFile, parseConfig } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { type Box, makeBox } from '../testing/box.ts'
import {
  fingerprintOf,
  startUnifiController,
  type UnifiController,
} from '../testing/unifi-controller.ts'
import { systemEffects } from './cli.ts'
import { parseProbeConfig, probeIdOf } from './config.ts'
import { unifiSchema } from './scan/unifi/unifi-config.ts'
import { DEFAULT_RCLONE_CONFIG } from './ship/ship-config.ts'

let box: Box
let folder: string
beforeEach(() => {
  box = makeBox()
  folder = box.folder
})
afterEach(() => box.remove())

const replay = (name: string) => box.replay(name)
const command = (...args: Parameters<Box['command']>) => box.command(...args)

test('scan writes a minute file and prints its path and the number of devices', async () => {
  replay('several-hosts')
  const path = join(folder, 'spool/poulailler/2026-11-22/20261122T0712Z-box.tsv')
  expect(await command(['scan'])).toEqual({ code: 0, out: `${path}\t5 devices\n`, err: '' })
  const { macs, meta, faults, cut } = decodeMinuteFile(readFileSync(path))
  expect([macs.length, faults, cut]).toEqual([5, [], false])
  expect(Object.fromEntries(meta)).toEqual({
    version: packageJson.version,
    scanner: 'arp-scan',
    interfaces: 'lo',
    duration_ms: '0',
    devices: '5',
  })
})

test('a partial scan is recorded and ends with 1', async () => {
  replay('several-hosts')
  const { code, out, err } = await command(['scan'], { PROBE_INTERFACES: 'lo,missing0' })
  expect([code, out.split('\t')[1]]).toEqual([1, '5 devices\n'])
  expect(err).toBe(
    "Can't scan missing0: there is no such interface. To do: set PROBE_INTERFACES to one that 'ip link' lists\n",
  )
})

test('a second scan in one minute ends with 1 and keeps the first', async () => {
  replay('several-hosts')
  await command(['scan'])
  replay('empty-lan')
  const { code, out, err } = await command(['scan'])
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain('was recorded already, and that is kept')
})

test('a scan that can not look leaves no file and ends with 3', async () => {
  replay('no-permission')
  const { code, out, err } = await command(['scan'])
  expect([code, out]).toEqual([3, ''])
  expect(err).toContain("Can't scan lo: arp-scan is not permitted to use the network. To do:")
  expect(readdirSync(folder)).toEqual(['arp-scan'])
})

test('a spool that can not be written ends with 3, in one line', async () => {
  replay('several-hosts')
  const { code, err } = await command(['scan'], { PROBE_SPOOL: join(folder, 'arp-scan') })
  expect(code).toBe(3)
  expect(err).toMatch(/^Can't write .* a file stands where a folder is needed\..*\n$/)
})

test.each([['scan'], ['watch']])(
  '%s names every fault of the configuration, and ends with 2',
  async (name) => {
    const { code, err } = await command([name], { PROBE_LOCATION: '', TIMEZONE: 'Mars' })
    expect(code).toBe(2)
    expect(err).toMatch(/PROBE_LOCATION: is not set.*\n.*TIMEZONE: is no time zone/)
  },
)

test('a .env file is read', async () => {
  const readText = () => 'PROBE_LOCATION=UPPER\n'
  const { err } = await command(['scan'], { PROBE_LOCATION: '' }, { readText })
  expect(err).toContain('PROBE_LOCATION: must be made of a-z')
})

test.each([
  [['scan', '--fast'], "unknown option '--fast'"],
  [['scan', 'eth0'], 'too many arguments'],
  [['spy'], "unknown command 'spy'"],
  [[], 'Usage: presences-probe'],
])('%j is bad usage', async (args, message) => {
  const { code, out, err } = await command(args)
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain(message)
})

test('--version and --help', async () => {
  expect(await command(['--version'])).toMatchObject({ code: 0, out: `${packageJson.version}\n` })
  const help = await command(['--help'])
  expect([help.code, help.err]).toEqual([0, ''])
  expect(help.out).toContain('PROBE_LOCATION')
})

test('--help tells the defaults that are in force', async () => {
  const defaults = parseProbeConfig({ PROBE_LOCATION: 'poulailler' }, 'the host name')
  const unifi = parseConfig(unifiSchema(), {
    UNIFI_URL: 'https://a',
    UNIFI_USERNAME: 'b',
    UNIFI_PASSWORD: 'c',
  })
  const { out } = await command(['--help'])
  const told = Object.fromEntries(
    [...out.matchAll(/^ {2}([A-Z_]+) .*\((.+)\)$/gm)].map(([, name, text]) => [name, text]),
  )
  expect(told).toEqual({
    PROBE_LOCATION: 'required',
    PROBE_ID: 'the host name',
    PROBE_INTERFACES: "the default route's",
    PROBE_SCANNERS: defaults.scanners.join(','),
    PROBE_CLOCK: defaults.clock,
    PROBE_SPOOL: defaults.spool,
    PROBE_SPOOL_MAX_MB: String(defaults.spoolMaxBytes / 1e6),
    PROBE_BANDWIDTH: 'all there are',
    TIMEZONE: defaults.timeZone,
    RCLONE_CONFIG: DEFAULT_RCLONE_CONFIG,
    UNIFI_SITES: unifi.sites.join(','),
    UNIFI_CLIENTS: unifi.clients.join(','),
  })
  expect([defaults.probe, defaults.interfaces]).toEqual([probeIdOf('the host name'), undefined])
  expect(out).toContain('\n  PROBE_REMOTE ')
})

test('scan records nothing while the clock is not known to be right, and says what to do', async () => {
  replay('several-hosts')
  const answers = (answer: string) => box.program('timedatectl', `echo ${answer}`)
  answers('no')
  const synchronized = { PROBE_CLOCK: 'synchronized' }
  const refused = await command(['scan'], synchronized)
  expect(refused).toMatchObject({ code: 3, out: '' })
  expect(refused.err).toMatch(
    /^Can't record this minute: nothing has set the clock .*timedatectl: synchronized no.* To do: /,
  )
  answers('yes')
  expect((await command(['scan'], synchronized)).code).toBe(0)
  // Known for as long as the machine runs: the system is not asked again.
  answers('no')
  const now = () => new Date('2026-11-22T07:13:04Z')
  const next = { now, uptimeMs: () => 120_000 }
  expect((await command(['scan'], synchronized, next)).code).toBe(0)
  const stepped = await command(['scan'], synchronized, { ...next, uptimeMs: () => 180_000 })
  expect(stepped.err).toContain('the clock was set back by 60 s, and not from the network')
})

describe('status', () => {
  const asJson = ['status', '--json']

  test('tells the last scan, what waits, the clock; and scans nothing', async () => {
    replay('several-hosts')
    await command(['scan'])
    box.program('arp-scan', 'echo scanned >&2; exit 1')
    const { code, out } = await command(
      ['status'],
      {},
      { now: () => new Date('2026-11-22T07:12:34Z') },
    )
    expect(out.replaceAll(/\d+ MB are free/g, 'N MB are free')).toBe(
      [
        `presences-probe ${packageJson.version}, poulailler, box`,
        'works     last scan: 30 s ago (2026-11-22T07:12:04Z), 5 devices',
        'works     budget: 0 of 512 MB wait to be shipped',
        'works     shipping: 1 file waits, the oldest since 0 min',
        'works     order of minutes: no file is from the future',
        'works     disk: N MB are free',
        'works     clock: it is 2026-11-22T08:12:34+01:00 in Europe/Paris, trusted (PROBE_CLOCK)',
        '',
      ].join('\n'),
    )
    expect(code).toBe(0)
  })

  test('is the same for programs', async () => {
    replay('several-hosts')
    await command(['scan'])
    const status = JSON.parse((await command(asJson)).out)
    expect(status).toMatchObject({
      version: packageJson.version,
      location: 'poulailler',
      probe: 'box',
      now: '2026-11-22T07:12:04.000Z',
      lastScan: { begun: '2026-11-22T07:12:04.000Z', outcome: 'written', devices: 5, problems: [] },
      spool: { waiting: 1, packed: 0, maxBytes: 512e6, oldest: '2026-11-22T07:12:00.000Z' },
      lastShipment: null,
    })
    expect(status.freeBytes).toBeGreaterThan(0)
    expect(status.checks).toHaveLength(6)
  })

  test('where nothing remembers the scan, what was recorded tells of it, shipped or not', async () => {
    replay('several-hosts')
    const env = { RUNTIME_DIRECTORY: join(folder, 'none') }
    await command(['scan'], env)
    const [records = ''] = readdirSync(join(folder, 'spool')).filter((name) =>
      name.startsWith('.recorded-'),
    )
    rmSync(join(folder, 'spool/poulailler'), { recursive: true })
    const then = new Date('2026-11-22T07:11:34Z')
    utimesSync(join(folder, 'spool', records), then, then)
    const { code, out } = await command(['status'], env)
    expect(out).toContain(
      'works     last scan: a minute was last recorded 30 s ago (2026-11-22T07:11:34Z)\n',
    )
    expect(code).toBe(0)
    const status = JSON.parse((await command(asJson, env)).out)
    expect(status).toMatchObject({ lastScan: null, lastRecorded: '2026-11-22T07:11:34.000Z' })
  })

  test('where no scan is known it ends with 3', async () => {
    const { code, out } = await command(['status'])
    expect(code).toBe(3)
    expect(out).toContain('FAILS     last scan: none, as far as is known\n')
    expect(out).toMatch(/to do: .*\n {10}page: .*DEPANNAGE\.md#dernier-passage\n/)
    const { checks } = JSON.parse((await command(asJson)).out)
    expect(checks[0].page).toMatch(/DEPANNAGE\.md#dernier-passage$/)
    expect(out).toContain(`degraded  spool: ${join(folder, 'spool')} can't be listed\n`)
  })

  test('where the configuration is at fault it says so, and ends with 2', async () => {
    const { code, out } = await command(['status'], { PROBE_LOCATION: '' })
    expect(code).toBe(2)
    expect(out).toMatch(/^FAILS {5}configuration: PROBE_LOCATION: is not set/)
    expect(out).toMatch(/\n {10}page: .*DEPANNAGE\.md#configuration\n$/)
    const { checks } = JSON.parse((await command(asJson, { PROBE_LOCATION: '' })).out)
    expect(checks).toMatchObject([{ subject: 'configuration', state: 'misconfigured' }])
  })

  test('a scan that could not be written is the last one', async () => {
    replay('several-hosts')
    expect((await command(['scan'], { PROBE_SPOOL: join(folder, 'arp-scan') })).code).toBe(3)
    const { out } = await command(['status'])
    expect(out).toMatch(/FAILS {5}last scan: 0 s ago .*, not recorded\n {10}to do: Can't write /)
  })

  test('no whole MAC address is shown', async () => {
    replay('several-hosts')
    await command(['scan'])
    expect((await command(asJson)).out).not.toMatch(/(?:[0-9A-F]{2}:){5}/i)
  })
})

test('watch scans each minute until it is told to end', async () => {
  replay('several-hosts')
  const stop = new AbortController()
  let clock = Date.parse('2026-11-22T07:12:04Z')
  const lines: string[] = []
  const { code } = await command(
    ['watch'],
    {},
    {
      now: () => new Date(clock),
      sleep: async (ms) => {
        clock += ms
      },
      stopSignal: () => stop.signal,
      out: (text) => {
        lines.push(text)
        if (lines.length === 2) stop.abort()
      },
    },
  )
  expect(code).toBe(0)
  expect(lines.map((line) => line.slice(line.lastIndexOf('/') + 1))).toEqual([
    '20261122T0713Z-box.tsv\t5 devices\n',
    '20261122T0714Z-box.tsv\t5 devices\n',
  ])
})

test('doctor goes on where the configuration is at fault, and ends with 2', async () => {
  replay('several-hosts')
  const { code, out } = await command(['doctor', '--json'], { PROBE_LOCATION: '' })
  const { checks } = JSON.parse(out)
  expect(code).toBe(2)
  expect(checks[0]).toMatchObject({
    subject: 'configuration',
    state: 'misconfigured',
    page: expect.stringMatching(/DEPANNAGE\.md#configuration$/),
  })
  const subjects = checks.map((check: { subject: string }) => check.subject)
  expect(subjects).toEqual(['configuration', 'arp-scan', 'rclone', 'remote'])
})

test('doctor looks at the network with the real scanner', async () => {
  replay('no-ipv4')
  const readText = (path: string) =>
    path === '/rclone.conf' ? '[bucket]\ntype = sftp\n' : undefined
  const env = { PROBE_REMOTE: 'bucket:minutes', RCLONE_CONFIG: '/rclone.conf' }
  const { code, out } = await command(['doctor'], env, { readText })
  expect(code).toBe(3)
  expect(out).toContain('FAILS     arp-scan on lo: the interface has no IPv4 address\n')
})

describe('with a controller', () => {
  let controller: UnifiController
  beforeEach(async () => {
    replay('several-hosts')
    controller = await startUnifiController()
    controller.sites = { default: [{ mac: '02:00:00:00:02:af' }, { mac: '02:00:5e:00:00:0a' }] }
    writeFileSync(join(folder, 'password'), `${controller.password}\n`)
  })
  afterEach(() => controller.close())

  const env = (parts: Record<string, string> = {}) => ({
    PROBE_SCANNERS: 'arp-scan,unifi',
    UNIFI_URL: controller.origin,
    UNIFI_USERNAME: controller.username,
    UNIFI_PASSWORD_FILE: join(folder, 'password'),
    UNIFI_FINGERPRINT: fingerprintOf('controller'),
    RUNTIME_DIRECTORY: folder,
    ...parts,
  })
  const { readText } = systemEffects()

  test('scan writes down the union, and who saw how many', async () => {
    const { code, out, err } = await command(['scan'], env(), { readText })
    expect([code, err]).toEqual([0, ''])
    const [path = '', count] = out.split('\t')
    expect(count).toBe('6 devices\n')
    const { meta } = decodeMinuteFile(readFileSync(path))
    expect([meta.get('seen'), meta.get('interfaces')]).toEqual([
      'arp-scan:5,unifi:2',
      'lo,site:default',
    ])
    expect(existsSync(join(folder, 'unifi.json'))).toBe(true)
  })

  test('scan without the controller records what arp-scan saw, in part', async () => {
    await controller.close()
    const { code, out, err } = await command(['scan'], env(), { readText })
    expect([code, out.split('\t')[1]]).toEqual([1, '5 devices\n'])
    expect(err).toMatch(
      /^Can't scan site:default with unifi: nothing listens at UNIFI_URL\. To do: .*\n$/,
    )
  })

  test('doctor says that it answers', async () => {
    const { out } = await command(['doctor'], env(), { readText })
    expect(out).toContain('works     unifi on site:default: 2 answered\n')
  })

  test('doctor shows the fingerprint that is missing or wrong, to be compared', async () => {
    for (const fingerprint of ['', 'AB'.repeat(32)]) {
      const { code, out } = await command(['doctor'], env({ UNIFI_FINGERPRINT: fingerprint }), {
        readText,
      })
      expect(code).not.toBe(0)
      expect(out.replaceAll(':', '')).toContain(`UNIFI_FINGERPRINT=${fingerprintOf('controller')}`)
      expect(out).toContain('compare with what the controller itself shows')
    }
  })

  test('no secret is shown, whatever is wrong', async () => {
    for (const parts of [{ UNIFI_URL: 'x' }, { UNIFI_USERNAME: 'x' }, { UNIFI_SITES: 'x' }]) {
      for (const name of ['scan', 'doctor']) {
        const { out, err } = await command([name], env(parts), { readText })
        expect(out + err).not.toContain(controller.password)
      }
    }
  })
})

test('doctor looks at what ships', async () => {
  replay('several-hosts')
  const env = { PROBE_REMOTE: 'nosuch:bucket', RCLONE_CONFIG: '/nope' }
  const { code, out } = await command(['doctor'], env)
  expect(code).toBe(2)
  expect(out).toContain('FAILS     remote: RCLONE_CONFIG: there is no file /nope\n')
})

test.each([['scan'], ['doctor']])(
  '%s with a .env that can not be read ends with 2',
  async (name) => {
    replay('several-hosts')
    const readText = (path: string) => {
      if (path === '.env') throw new Error("EACCES: permission denied, open '.env'")
      return undefined
    }
    const { code, out, err } = await command([name], {}, { readText })
    expect(code).toBe(2)
    expect(out + err).toContain(".env: can't read it: EACCES: permission denied")
  },
)

test('the machine reads files: none is undefined, one that can not be read throws', () => {
  const { readText } = systemEffects()
  expect(readText(join(folder, 'none'))).toBeUndefined()
  expect(() => readText(folder)).toThrow(/^EISDIR/)
})

test.each([
  ['uptimeMs', () => uptime() * 1000],
  ['elapsedMs', () => process.hrtime().reduce((seconds, ns) => seconds * 1e3 + ns / 1e6)],
] as const)('%s counts milliseconds', (name, known) => {
  const before = known()
  const ms = systemEffects()[name]()
  expect(ms).toBeGreaterThanOrEqual(before)
  expect(ms).toBeLessThanOrEqual(known())
})

test('a process has a name that none had before it, also by the same number', () => {
  expect(systemEffects().processName).not.toBe(systemEffects().processName)
})

test('who is told to end sleeps no longer', async () => {
  const stop = new AbortController()
  const slept = systemEffects().sleep(3_600_000, stop.signal)
  stop.abort()
  expect(await slept).toBeUndefined()
  expect(await systemEffects().sleep(3_600_000, stop.signal)).toBeUndefined()
})

test('what was typed is shown as text, and a list of faults as lines', async () => {
  const typed = await command(['--\u{1b}[2J\n[INFO] all is well'])
  expect(typed.err).toContain('--\\u001b[2J\\u000a[INFO] all is well')
  const { err } = await command(['scan'], { PROBE_LOCATION: '', TIMEZONE: 'Mars' })
  expect(err.split('\n').filter((line) => line.startsWith('  - '))).toHaveLength(2)
})
