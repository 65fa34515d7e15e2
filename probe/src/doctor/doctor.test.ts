import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { recordedArpScan } from '../../testing/recorded.ts'
import type { Clock } from '../clock/clock.ts'
import { parseArpScan } from '../scan/arp-scan/arp-scan-output.ts'
import type { Look } from '../scan/scanner.ts'
import { DEFAULT_RCLONE_CONFIG } from '../ship/ship-config.ts'
import { SHIPPED_FILE } from '../spool/contents.ts'
import { type Check, exitCodeOf, formatChecks, withPage } from './check.ts'
import { checkClock } from './clock.ts'
import { checkNetworks } from './networks.ts'
import { pageOf } from './page.ts'
import { checkRclone, checkScannerPrograms } from './programs.ts'
import { checkRemote } from './remote.ts'
import { checkRoom, checkSpool } from './spool-state.ts'

const NOW = new Date('2026-11-22T07:12:34Z')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const check = (state: Check['state']): Check => ({ subject: 'disk', state, finding: 'y' })

test.each([
  [['works', 'works'], 0],
  [['works', 'degraded'], 1],
  [['degraded', 'fails'], 3],
  [['fails', 'misconfigured', 'degraded'], 2],
] as const)('%j ends with %i', (states, code) => {
  expect(exitCodeOf(states.map(check))).toBe(code)
})

test('the report tells what to do below what does not work, and where to read on', () => {
  const checks: Check[] = [
    { subject: 'clock', state: 'works', finding: 'it is noon' },
    { subject: 'disk', state: 'degraded', finding: '3 MB are free', advice: 'free space' },
  ]
  expect(formatChecks(checks)).toBe(
    'works     clock: it is noon\ndegraded  disk: 3 MB are free\n          to do: free space\n' +
      '          page: /usr/share/doc/presences-probe/DEPANNAGE.md#disque\n',
  )
})

test.each([
  ['configuration', 'configuration'],
  ['ip', 'programmes'],
  ['rclone', 'rclone'],
  ['nmap on eth0.20', 'reseau'],
  ['unifi on site:default', 'unifi'],
  ['spool', 'dossier'],
  ['spool /mnt/on card', 'dossier'],
  ['spool /mnt/look on me', 'dossier'],
  ['order of minutes', 'ordre'],
] as const)('%s is explained under %s', (subject, anchor) => {
  expect(pageOf(subject)).toBe(`/usr/share/doc/presences-probe/DEPANNAGE.md#${anchor}`)
})

test('programs are told of the page too, where something does not work', () => {
  expect(withPage(check('works'))).not.toHaveProperty('page')
  expect(withPage(check('degraded'))).toMatchObject({ page: pageOf('disk') })
})

test.each([
  [
    { isRight: true, finding: 'trusted' },
    'works',
    'it is 2026-11-22T08:12:04+01:00 in Europe/Paris, trusted',
  ],
  [
    { isRight: false, reason: 'nobody knows', advice: 'ask' },
    'fails',
    'it is 2026-11-22T08:12:04+01:00 in Europe/Paris; nobody knows: nothing is recorded',
  ],
] as const)('a clock of which %o %s', async (verdict, state, finding) => {
  const clock: Clock = { check: async () => verdict, hasStepped: () => false }
  const check = await checkClock(new Date('2026-11-22T07:12:04Z'), 'Europe/Paris', clock)
  expect(check).toMatchObject({ state, finding })
})

describe('networks', () => {
  const { macs } = parseArpScan(recordedArpScan('several-hosts').stdout)
  const failure = { reason: 'there is no link', advice: 'check the cable' }
  const look = (parts: Partial<Look>): Look => ({
    network: 'eth0',
    macs: [],
    unreadable: [],
    ...parts,
  })
  const states = async (looks: Look[]) => {
    const checks = await checkNetworks([{ name: 'arp-scan', look: async () => looks }], 1000)
    return checks.map(({ state }) => state)
  }

  test.each([
    ['answers', [look({ macs })], ['works']],
    ['nobody, not even the router', [look({})], ['degraded']],
    ['strange output', [look({ macs, unreadable: [{ line: 1, reason: '?' }] })], ['degraded']],
    ['no network at all', [look({ failure }), look({ failure })], ['fails', 'fails']],
    ['one of two', [look({ macs }), look({ failure })], ['works', 'degraded']],
  ])('%s', async (_, looks, expected) => {
    expect(await states(looks)).toEqual(expected)
  })
})

describe('programs', () => {
  const limits = () => ({ searchPath: `${folder}:/bin`, timeoutMs: 10_000 })
  const install = (name: string, script: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }

  test('the version tells that it works', async () => {
    install('arp-scan', 'printf "\\narp-scan 1.10.0\\n\\nCopyright\\n" >&2')
    expect(await checkScannerPrograms(['arp-scan'], limits())).toMatchObject([
      { state: 'works', finding: 'arp-scan 1.10.0' },
    ])
  })

  test('what says its version can forge no line and fill no screen', async () => {
    install(
      'arp-scan',
      `printf 'arp-scan 1.10.0\\033[2J 02:00:00:00:00:0a'; head -c 9999 /dev/zero | tr '\\0' x`,
    )
    const [check] = await checkScannerPrograms(['arp-scan'], {
      ...limits(),
      searchPath: `${folder}:/usr/bin:/bin`,
    })
    expect(check?.finding).toMatch(/^arp-scan 1\.10\.0 \[2J 02:00:…:0A/)
    expect(check?.finding).toHaveLength(200)
  })

  test('without arp-scan nothing is seen; without rclone minutes wait', async () => {
    expect(
      await checkScannerPrograms(['arp-scan'], { ...limits(), searchPath: folder }),
    ).toMatchObject([
      { state: 'fails', finding: 'it is not installed', advice: 'sudo apt install arp-scan' },
    ])
    expect(await checkRclone({ ...limits(), searchPath: folder })).toMatchObject({
      state: 'degraded',
    })
  })

  test('one scanner of two without its program is no end', async () => {
    install('nmap', 'echo "Nmap version 7.93 ( https://nmap.org )"')
    const checks = await checkScannerPrograms(['arp-scan', 'nmap'], {
      ...limits(),
      searchPath: folder,
    })
    expect(checks.map(({ subject, state }) => [subject, state])).toEqual([
      ['arp-scan', 'degraded'],
      ['nmap', 'works'],
    ])
  })

  test('one that does not run', async () => {
    install('rclone', 'exit 1')
    expect(await checkRclone(limits())).toMatchObject({
      state: 'degraded',
      finding: 'it does not run (status 1)',
      advice: 'sudo apt install --reinstall rclone',
    })
    chmodSync(join(folder, 'rclone'), 0o644)
    expect(await checkRclone({ ...limits(), searchPath: folder })).toMatchObject({
      finding: 'it does not run (spawn rclone EACCES)',
      advice: 'sudo apt install --reinstall rclone',
    })
  })
})

describe('remote', () => {
  const CONF = '/etc/rclone.conf'
  const SECRET = 'hunter2'
  const example = readFileSync(
    join(import.meta.dirname, '../../../infra/box/rclone.conf.example'),
    'utf8',
  )
  const filled = example.replaceAll('CHANGE-ME', SECRET)
  const env = (parts: Record<string, string> = {}) => ({
    PROBE_REMOTE: 'bucket:my-bucket',
    RCLONE_CONFIG: CONF,
    ...parts,
  })
  const files =
    (text: string, path = CONF) =>
    (asked: string) =>
      asked === path ? text : undefined

  test('the example, filled in, works, and shows no key', () => {
    const check = checkRemote(env(), files(filled))
    expect(check).toMatchObject({ subject: 'remote', state: 'works' })
    expect(check.finding).toContain('bucket:my-bucket (https://s3.gra.io.cloud.ovh.net) is set up')
    expect(check.finding).toContain('the age of the oldest file under "shipping"')
    expect(JSON.stringify(check)).not.toContain(SECRET)
  })

  test('without RCLONE_CONFIG it is where the unit has it', () => {
    const { RCLONE_CONFIG: _, ...unset } = env()
    expect(checkRemote(unset, files(filled, DEFAULT_RCLONE_CONFIG)).state).toBe('works')
    const unit = readFileSync(
      join(import.meta.dirname, '../../../infra/box/presences-ship.service'),
      'utf8',
    )
    expect(unit).toContain(`\nEnvironment=RCLONE_CONFIG=${DEFAULT_RCLONE_CONFIG}\n`)
  })

  test.each([
    ['the example as it is', env(), example, 'access_key_id is still CHANGE-ME; secret_access_key'],
    ['no PROBE_REMOTE', {}, filled, 'PROBE_REMOTE is not set'],
    ['no bucket', env({ PROBE_REMOTE: 'bucket:' }), filled, 'PROBE_REMOTE names no remote'],
    ['no remote', env({ PROBE_REMOTE: 'my-bucket' }), filled, 'PROBE_REMOTE names no remote'],
    ['another remote', env({ PROBE_REMOTE: 'nosuch:b' }), filled, 'has no section [nosuch]'],
    ['no file', env({ RCLONE_CONFIG: '/nope' }), filled, 'RCLONE_CONFIG: there is no file /nope'],
    ['no type', env(), '[bucket]\nprovider = Other\n[x]\ntype = s3\n', 'type is missing'],
    ['no endpoint', env(), filled.replace(/^endpoint.*$/m, ''), 'endpoint is missing'],
    ['an empty endpoint', env(), filled.replace(/^endpoint.*$/m, 'endpoint ='), 'endpoint is'],
    ['no key', env(), filled.replace(/^access_key_id.*$/m, ''), 'access_key_id is missing'],
  ])('%s is misconfigured', (_, environment: Record<string, string>, text, finding) => {
    const check = checkRemote(environment, files(text))
    expect(check).toMatchObject({ state: 'misconfigured', advice: expect.any(String) })
    expect(check.finding).toContain(finding)
    expect(JSON.stringify(check)).not.toContain(SECRET)
  })

  test('a file that can not be read is told with its cause', () => {
    const readText = () => {
      throw new Error('EACCES: permission denied')
    }
    expect(checkRemote(env(), readText)).toMatchObject({
      state: 'misconfigured',
      finding: `RCLONE_CONFIG: can't read ${CONF}: EACCES: permission denied`,
    })
  })

  test.each([
    ['http://s3.example.org', 'degraded'],
    ['http://127.0.0.1:9000', 'works'],
    ['http://[::1]:9000', 'works'],
    ['http://localhost/', 'works'],
    ['HTTP://S3.example.org', 'degraded'],
    ['http://localhost.example.org', 'degraded'],
    ['http://127.example.org', 'degraded'],
    ['s3.example.org', 'works'],
  ])('an endpoint %s %s', (endpoint, state) => {
    const text = filled.replace(/^endpoint.*$/m, `endpoint = ${endpoint}`)
    expect(checkRemote(env(), files(text)).state).toBe(state)
  })

  test.each([
    ['AWS needs no endpoint', '[bucket]\ntype = s3\nprovider = AWS\nenv_auth = true\n'],
    ['nor does another kind of remote', '# a\n[bucket]\ntype = sftp\nhost = x\n'],
  ])('%s', (_, text) => {
    expect(checkRemote(env(), files(text)).state).toBe('works')
  })
})

describe('spool', () => {
  const put = (name: string) => {
    mkdirSync(join(folder, 'poulailler/2026-11-22'), { recursive: true })
    writeFileSync(join(folder, 'poulailler/2026-11-22', name), 'x')
  }
  const find = async (subject: string) =>
    (await checkSpool(folder, 512e6, NOW)).find((check) => check.subject.startsWith(subject))

  test('an empty one works', async () => {
    const checks = await checkSpool(folder, 512e6, NOW)
    expect(checks.map(({ subject, state }) => [subject, state])).toEqual([
      [`spool ${folder}`, 'works'],
      ['disk', 'works'],
      ['budget', 'works'],
      ['shipping', 'works'],
      ['order of minutes', 'works'],
    ])
    expect(readdirSync(folder)).toEqual([])
  })

  test.each([
    [99_999_999, 'degraded', '99 MB are free'],
    [100_000_000, 'works', '100 MB are free'],
  ])('a disk with %i bytes %s', (bytes, state, finding) => {
    expect(checkRoom(bytes)).toMatchObject({ state, finding })
  })

  test.each([
    ['20261122T0642Z-box.tsv', 'works', '1 file waits, the oldest since 30 min'],
    ['20261122T0641Z-box.tsv', 'degraded', '1 file waits, the oldest since 31 min'],
    ['20261122T0513Z-box.tsv', 'degraded', '1 file waits, the oldest since 119 min'],
    ['20261122T0512Z-box.tsv', 'degraded', '1 file waits, the oldest since 2 h'],
    ['20261121T0712Z-box.tsv', 'degraded', '1 file waits, the oldest since 24 h'],
    ['20261120T0713Z-box.tsv', 'degraded', '1 file waits, the oldest since 47 h'],
    ['20261120T0712Z-box.tsv', 'degraded', '1 file waits, the oldest since 2 days'],
    ['20261112T0712Z-box.tsv', 'degraded', '1 file waits, the oldest since 10 days'],
    ['.20261112T0712Z-box.tsv.1.tmp', 'works', 'no file waits'],
  ])('with %s shipping %s', async (name, state, finding) => {
    put(name)
    expect(await find('shipping')).toMatchObject({ state, finding })
  })

  test('packs wait too, from their first minute on', async () => {
    put('20261122T0712Z-box.tsv')
    writeFileSync(join(folder, '.packed-poulailler-2026-11-20-open-20261120T0712Z-840.gz'), 'x')
    expect(await find('shipping')).toMatchObject({
      state: 'degraded',
      finding: '841 files wait (840 packed), the oldest since 2 days',
    })
  })

  test('the last shipment is the time of a file', async () => {
    const then = new Date(NOW.getTime() - 3 * 60_000)
    writeFileSync(join(folder, SHIPPED_FILE), '')
    utimesSync(join(folder, SHIPPED_FILE), then, then)
    expect(await find('shipping')).toMatchObject({
      state: 'works',
      finding: 'no file waits; last shipped 3 min ago',
    })
  })

  test.each([
    ['half of it', 2, 'works'],
    ['more than half', 3, 'degraded'],
    ['all but nothing', 4, 'fails'],
  ])('a budget of which %s is used', async (_, files, state) => {
    for (let file = 0; file < files; file += 1) put(`20261122T070${file}Z-box.tsv`)
    const checks = await checkSpool(folder, 4 * 4096, NOW)
    expect(checks.find(({ subject }) => subject === 'budget')).toMatchObject({ state })
  })

  test('files from the future tell of a wrong clock', async () => {
    put('20261122T0712Z-box.tsv')
    expect(await find('order')).toMatchObject({ state: 'works' })
    put('20261122T0713Z-box.tsv')
    expect(await find('order')).toMatchObject({ state: 'degraded' })
  })

  test('a missing one is not made', async () => {
    const [missing] = await checkSpool(join(folder, 'missing'), 512e6, NOW)
    expect(missing?.finding).toContain('it is missing')
  })

  test('one that can not be written', async () => {
    mkdirSync(join(folder, '.doctor.tmp'))
    expect(await checkSpool(folder, 512e6, NOW)).toMatchObject([
      { state: 'fails' },
      { subject: 'disk' },
      { subject: 'budget' },
      { subject: 'shipping' },
      { subject: 'order of minutes' },
    ])
  })

  test('one that is a file', async () => {
    writeFileSync(join(folder, 'file'), '')
    const checks = await checkSpool(join(folder, 'file'), 512e6, NOW)
    expect(checks.map(({ subject, state }) => [subject.split(' ')[0], state])).toEqual([
      ['spool', 'fails'],
      ['disk', 'works'],
      ['shipping', 'degraded'],
    ])
  })
})
