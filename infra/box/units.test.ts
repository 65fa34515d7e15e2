/** The units of box and cloud, and the files an administrator copies, as systemd and the programs read them. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { run as runAggregator } from '@presences/aggregator/cli.ts'
import {
  chargeConfig,
  heartbeatConfig,
  probesConfig,
  SECRETS,
  serveConfig,
  VARIABLES,
} from '@presences/aggregator/config.ts'
import { systemEffects as aggregatorEffects } from '@presences/aggregator/effects.ts'
import { run as runProbe, systemEffects } from '@presences/probe/cli.ts'
import { PROBE_SECRETS, parseProbeConfig, probeVariables } from '@presences/probe/config.ts'
import { scanBudgetMs } from '@presences/probe/record/record-minute.ts'
import { RUNTIME_FOLDER } from '@presences/probe/runtime/runtime-folder.ts'
import { unifiVariables } from '@presences/probe/scan/unifi/unifi-config.ts'
import { bucketVariables } from '@presences/probe/ship/ship-config.ts'
import { ExitCode, parseConfig } from '@presences/shared'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { missingOf, titleOf } from '../lan/requirements.ts'
import { parseUnit, secondsOfSpan, type UnitFile } from './unit-file.ts'

const INFRA = fileURLToPath(new URL('..', import.meta.url))
/** Each unit there is, as `box/presences-scan.timer`, and what it says. */
const UNITS: ReadonlyMap<string, UnitFile> = new Map<string, UnitFile>(
  ['box', 'cloud'].flatMap((side) =>
    readdirSync(join(INFRA, side))
      .filter((name) => name.endsWith('.service') || name.endsWith('.timer'))
      .map((name) => [`${side}/${name}`, parseUnit(text(`${side}/${name}`))] as const),
  ),
)
const SERVICES = [...UNITS.keys()].filter((path) => path.endsWith('.service'))
const TIMERS = [...UNITS.keys()].filter((path) => path.endsWith('.timer'))

const missing = missingOf({ programs: ['systemd-analyze'] })

describe.skipIf(missing)(titleOf('the units', missing), () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'presences-units-'))
    for (const path of [...SERVICES, ...TIMERS]) await writeUnit(path, (text) => text)
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each([...SERVICES, ...TIMERS])('systemd finds nothing to say about %s', async (path) => {
    expect(await verify(path)).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('systemd would say so about an unknown key, with exit status 0', async () => {
    const path = await writeUnit('box/presences-scan.service', (text) =>
      text.replace('Type=oneshot', 'Type=oneshot\nTypo=yes'),
    )
    const { stderr } = await run('systemd-analyze', ['verify', '--man=no', path])
    await writeUnit('box/presences-scan.service', (text) => text)
    expect(stderr).toContain('Typo')
  })

  test.each(SERVICES)('%s is exposed by 2.0 at most', async (path) => {
    const { stdout } = await run('systemd-analyze', [
      'security',
      '--offline=true',
      join(INFRA, path),
    ])
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1])
    expect(exposure).toBeGreaterThan(0)
    expect(exposure).toBeLessThanOrEqual(2)
  })

  test.each([
    ['box/presences-scan.timer', '2026-11-23 07:59:30', ['08:00:00', '08:01:00']],
    ['box/presences-ship.timer', '2026-11-23 07:59:30', ['08:00:20', '08:01:20']],
    // The night the clocks go back: 22:15 in Paris is another time in UTC.
    ['cloud/presences-upload.timer', '2026-10-24 12:00:00', ['20:15:00', '21:15:00']],
    ['cloud/presences-heartbeat.timer', '2026-11-23 07:59:30', ['07:59:45', '08:00:45']],
    ['cloud/presences-probes.timer', '2026-11-23 07:59:30', ['08:00:00', '08:05:00']],
  ])('%s elapses when it should', async (path, base, expected) => {
    const expression = unit(path).last('OnCalendar') ?? ''
    const args = ['calendar', `--base-time=${base} UTC`, '--iterations=2', expression]
    const { status, stdout } = await run('systemd-analyze', args)
    expect(status).toBe(0)
    const times = stdout.matchAll(/(\d\d:\d\d:\d\d) UTC$/gm)
    expect([...times].map((match) => match[1])).toEqual(expected)
  })

  /** Writes a unit with programs that exist here, and gives its path. */
  async function writeUnit(path: string, change: (text: string) => string): Promise<string> {
    const text = await readFile(join(INFRA, path), 'utf8')
    const target = join(folder, basename(path))
    const here = change(text)
      .replaceAll('/usr/bin/node', process.execPath)
      .replaceAll('/usr/lib/presences/is-configured', join(INFRA, 'box/is-configured'))
    await writeFile(target, here)
    return target
  }

  function verify(path: string) {
    return run('systemd-analyze', ['verify', '--man=no', join(folder, basename(path))])
  }
})

describe('what the units say', () => {
  test('each service is shut in like the others, but for what it needs', () => {
    const sandbox = (path: string) => {
      const { service, all } = unit(path)
      const names = [...service].filter((name) => !OF_ITS_OWN.has(name))
      return Object.fromEntries(names.map((name) => [name, all(name)]))
    }
    const common = sandbox('cloud/presences-upload.service')
    expect(common).toMatchObject({ NoNewPrivileges: ['yes'], UMask: ['0027'] })
    for (const path of SERVICES) {
      const { PrivateUsers, ...shared } = { ...common, ...NEEDS[path] }
      // Of a user namespace of its own arp-scan would have no right in the room's network.
      const expected = path.endsWith('scan.service') ? shared : { PrivateUsers, ...shared }
      expect(sandbox(path), path).toEqual(expected)
    }
  })

  test.each(SERVICES)('%s runs a command there is, as a user the package makes', async (path) => {
    const part = path.startsWith('box/') ? 'probe' : 'aggregator'
    const [node, program, command = ''] = unit(path).last('ExecStart')?.split(' ') ?? []
    expect([node, program]).toEqual(['/usr/bin/node', `/usr/lib/presences/presences-${part}.js`])
    const lines: string[] = []
    const out = (line: string) => void lines.push(`${line}\n`)
    if (part === 'probe') await runProbe(['--help'], { ...systemEffects(), out })
    else await runAggregator(['--help'], { ...aggregatorEffects(), printLine: out })
    expect(lines.join('')).toContain(`\n  ${command} `)
    const user = part === 'probe' ? 'presences' : 'presences-aggregator'
    expect([unit(path).last('User'), unit(path).last('Group')]).toEqual([user, user])
    const folder = path.split('/')[0]
    expect(text(`${folder}/presences-${part}.sysusers`)).toContain(`\nu ${user} - `)
    expect(unit(path).all('EnvironmentFile')).toEqual([
      part === 'probe' ? '-/etc/presences/probe.env' : '/etc/presences/aggregator.env',
    ])
  })

  test.each(SERVICES)('%s may not take all of the memory', (path) => {
    const { last } = unit(path)
    expect(last('MemoryMax')).toBe(path.endsWith('scan.service') ? '256M' : '512M')
    // Unless it is told, node ends itself at half of what the unit may take.
    const heap = path.startsWith('cloud/') ? 'NODE_OPTIONS=--max-old-space-size=384' : undefined
    expect(
      unit(path)
        .all('Environment')
        .find((each) => each.startsWith('NODE_')),
    ).toBe(heap)
  })

  test.each([
    ['cloud/presences-aggregator.service', serveConfig],
    ['cloud/presences-heartbeat.service', heartbeatConfig],
    ['cloud/presences-probes.service', probesConfig],
    ['cloud/presences-upload.service', chargeConfig],
  ])('%s gets only the settings that its command reads', (path, schema) => {
    const read = new Set(Object.keys(schema.shape))
    const unread = VARIABLES.filter((name) => !read.has(name)).flatMap((name) =>
      (SECRETS as readonly string[]).includes(name) ? [name, `${name}_FILE`] : [name],
    )
    const unset = unit(path)
      .all('UnsetEnvironment')
      .flatMap((names) => names.split(' '))
    expect(unset.toSorted()).toEqual(unread.toSorted())
  })

  test.each(TIMERS)(
    '%s starts the service of its name, and is started with the machine',
    (path) => {
      const { last } = unit(path)
      const service = path.replace('.timer', '.service')
      expect(SERVICES).toContain(service)
      expect([last('Unit'), last('WantedBy')]).toEqual([basename(service), 'timers.target'])
      // What a timer starts is not started with the machine too.
      expect(unit(service).last('WantedBy')).toBeUndefined()
      expect(unit(service).last('Type')).toBe('oneshot')
      // systemd may be a minute late else. Whether probes live is asked when nobody else works.
      expect(last('AccuracySec')).toBe(path.includes('-probes.') ? undefined : '1s')
      expect(last('RandomizedDelaySec')).toBe(path.includes('-probes.') ? '60' : undefined)
      // A night that was missed is caught up, a minute that was is over.
      expect(last('Persistent')).toBe(path.includes('-upload.') ? 'true' : undefined)
    },
  )

  test('the service that is no job is started with the machine, and again after a failure', () => {
    const { last } = unit('cloud/presences-aggregator.service')
    expect([last('WantedBy'), last('Type')]).toEqual(['multi-user.target', 'exec'])
    expect(secondsOfSpan(last('TimeoutStopSec'))).toBe(30)
    expect(secondsOfSpan(last('RestartSec'))).toBe(5)
  })

  test.each(SERVICES)('%s is tried again only where that may help', (path) => {
    const { last } = unit(path)
    const isTried = /presences-(aggregator|upload)\./.test(path)
    expect(last('Restart')).toBe(isTried ? 'on-failure' : undefined)
    // A wrong configuration will still be wrong.
    expect(last('RestartPreventExitStatus')).toBe(isTried ? String(ExitCode.usage) : undefined)
  })

  test.each(SERVICES)('%s asks for a right clock and the network where it needs them', (path) => {
    const words = (name: string) => unit(path).last(name)?.split(' ') ?? []
    expect(words('After').includes('time-sync.target')).toBe(!path.includes('-aggregator.'))
    expect(words('After').includes('network-online.target')).toBe(!path.includes('-scan.'))
    expect(words('Wants').includes('network-online.target')).toBe(!path.includes('-scan.'))
  })

  test('the clock is waited for by asking those that know when it is right', () => {
    expect(unit('box/presences-scan.service').last('Wants')).toBe(
      'time-sync.target systemd-time-wait-sync.service chrony-wait.service',
    )
  })

  test.each(SERVICES)(
    '%s tells the journal what it says, each minute no more than that',
    (path) => {
      const isOften = /presences-(scan|ship|probes|heartbeat)\./.test(path)
      const levels = isOften ? ['notice', 'notice'] : [undefined, undefined]
      expect([unit(path).last('SyslogLevel'), unit(path).last('LogLevelMax')]).toEqual(levels)
    },
  )

  test('a scan ends by itself before its unit ends it, and that before the next one', () => {
    const limit = secondsOfSpan(unit('box/presences-scan.service').last('TimeoutStartSec'))
    const longest = scanBudgetMs(new Date(0), 0) / 1000
    expect(limit).toBeGreaterThan(longest + 1)
    expect(limit).toBeLessThan(60)
  })

  test('a shipment ends by itself before its unit ends it', () => {
    const limit = secondsOfSpan(unit('box/presences-ship.service').last('TimeoutStartSec'))
    // Two minutes, the last batch of five begun at their end, and some packing.
    expect(limit).toBeGreaterThan(120 + 300 + 60)
  })

  test('the tries of a night are of one day', () => {
    const { last } = unit('cloud/presences-upload.service')
    const tries = Number(last('StartLimitBurst'))
    const longest =
      tries * secondsOfSpan(last('TimeoutStartSec')) +
      (tries - 1) * secondsOfSpan(last('RestartSec'))
    expect(tries).toBe(4)
    // From 22:15 on.
    expect(longest).toBeLessThan(105 * 60)
    expect(secondsOfSpan(last('StartLimitIntervalSec'))).toBeGreaterThan(longest)
  })

  test.each([
    ['cloud/presences-heartbeat.service', 60],
    ['cloud/presences-probes.service', 300],
  ])('%s ends before it is started again', (path, seconds) => {
    expect(secondsOfSpan(unit(path).last('TimeoutStartSec'))).toBeLessThan(seconds)
  })

  test('what a box remembers outlives a run, not a boot, and is where the program looks for it', () => {
    for (const name of ['presences-scan', 'presences-ship']) {
      const { last } = unit(`box/${name}.service`)
      expect([last('RuntimeDirectory'), last('RuntimeDirectoryPreserve')]).toEqual(['%N', 'yes'])
    }
    expect(RUNTIME_FOLDER).toBe('/run/presences-scan')
  })

  test("a box's units may write to the spool, and wait until they are filled in", () => {
    const { spool } = parseProbeConfig({ PROBE_LOCATION: 'poulailler' }, 'a-host')
    for (const [name, needed] of [
      ['presences-scan', 'PROBE_LOCATION'],
      // systemd puts its own value in.
      ['presences-ship', `PROBE_REMOTE $\{RCLONE_CONFIG}`],
    ]) {
      const { last } = unit(`box/${name}.service`)
      expect(last('ReadWritePaths')).toBe(spool)
      expect(last('ExecCondition')).toBe(`/usr/lib/presences/is-configured ${needed}`)
    }
  })

  test('shipping leaves a small machine to the scan', () => {
    const { last } = unit('box/presences-ship.service')
    expect([last('Nice'), last('IOSchedulingClass')]).toEqual(['10', 'idle'])
  })

  test('where failed posts are written down nobody else may read', () => {
    for (const name of ['presences-upload', 'presences-aggregator']) {
      const { last } = unit(`cloud/${name}.service`)
      expect([last('LogsDirectory'), last('LogsDirectoryMode')]).toEqual(['presences', '0750'])
    }
  })
})

const noTmpfiles = missingOf({ programs: ['systemd-sysusers', 'systemd-tmpfiles'], root: true })

describe.skipIf(noTmpfiles)(titleOf('the files that systemd makes', noTmpfiles), () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'presences-tmpfiles-'))
    await mkdir(join(root, 'etc'))
  })
  afterEach(() => rm(root, { recursive: true }))

  /** As at an installation, and at each boot; gives modes and owners by path. */
  async function make(side: 'box' | 'cloud', part: 'probe' | 'aggregator') {
    for (const example of ['probe.env.example', 'rclone.conf.example', 'aggregator.env.example']) {
      const folder = join(root, `usr/share/presences-${part}`)
      await mkdir(folder, { recursive: true })
      await cp(join(INFRA, side, example), join(folder, example)).catch(() => undefined)
    }
    const files = join(INFRA, side, `presences-${part}`)
    expect(await run('systemd-sysusers', [`--root=${root}`, `${files}.sysusers`])).toMatchObject({
      status: 0,
    })
    const made = await run('systemd-tmpfiles', ['--create', `--root=${root}`, `${files}.tmpfiles`])
    expect(made).toMatchObject({ status: 0, stderr: '' })
    const ids = await readFile(join(root, 'etc/group'), 'utf8')
    return async (path: string) => {
      const { mode, uid, gid } = await stat(join(root, path))
      const group = ids.split('\n').find((line) => line.split(':')[2] === String(gid))
      return `${(mode & 0o777).toString(8)} ${uid === 0 ? 'root' : 'user'} ${group?.split(':')[0]}`
    }
  }

  test('on a box: a spool and settings that nobody else can read', async () => {
    const of = await make('box', 'probe')
    expect(await of('var/spool/presences')).toBe('750 user presences')
    expect(await of('etc/presences/probe.env')).toBe('640 root presences')
    expect(await of('etc/presences/rclone.conf')).toBe('640 root presences')
  })

  test('on a server: settings that root alone can read', async () => {
    const of = await make('cloud', 'aggregator')
    expect(await of('etc/presences/aggregator.env')).toMatch(/^600 root /)
  })

  test.each([
    ['box', 'probe', 'probe.env'],
    ['box', 'probe', 'rclone.conf'],
    ['cloud', 'aggregator', 'aggregator.env'],
  ] as const)(
    'what was filled in (%s, %s: %s) stays, and is shut again',
    async (side, part, name) => {
      await make(side, part)
      const path = join(root, 'etc/presences', name)
      await writeFile(path, 'filled in')
      await chmod(path, 0o666)
      const of = await make(side, part)
      expect(await readFile(path, 'utf8')).toBe('filled in')
      expect(await of(join('etc/presences', name))).toMatch(/^6[04]0 root /)
    },
  )

  test('what waits in a spool stays, however long', async () => {
    await make('box', 'probe')
    const path = join(root, 'var/spool/presences/minute.tsv')
    await writeFile(path, '')
    await utimes(path, 1, 1)
    const files = join(INFRA, 'box/presences-probe.tmpfiles')
    await run('systemd-tmpfiles', ['--clean', `--root=${root}`, files])
    expect((await stat(path)).size).toBe(0)
  })
})

describe('the files an administrator copies', () => {
  test('probe.env.example names each variable, and its defaults', async () => {
    const example = await readExample('box/probe.env.example')
    const schemas = [probeVariables('a-host'), bucketVariables(), unifiVariables()]
    const known = schemas.flatMap(({ shape }) => Object.keys(shape))
    // The unit says where rclone's is; a secret comes from its file.
    const named = known
      .filter((name) => name !== 'RCLONE_CONFIG')
      .map((name) => (isSecret(name) ? `${name}_FILE` : name))
    expect(example.names).toEqual(new Set(named))

    const location = { PROBE_LOCATION: 'poulailler' }
    const plain = parseProbeConfig({ ...example.set, ...location }, 'a-host')
    const { PROBE_ID, PROBE_INTERFACES, ...defaults } = example.all
    expect(parseProbeConfig({ ...defaults, ...location }, 'a-host')).toEqual(plain)
    expect(parseProbeConfig({ ...example.all, ...location }, 'a-host')).toMatchObject({
      probe: PROBE_ID,
      interfaces: [PROBE_INTERFACES],
    })
  })

  test('probe.env.example, left as it is, records under no room and ships nowhere', async () => {
    const { set, all } = await readExample('box/probe.env.example')
    expect(set).toEqual({})
    expect(() => parseProbeConfig(all, 'a-host')).toThrow('PROBE_LOCATION: is not set')
  })

  test('aggregator.env.example names each variable, and its defaults', async () => {
    const example = await readExample('cloud/aggregator.env.example')
    expect(example.names).toEqual(new Set(VARIABLES))
    expect(SECRETS.filter((secret) => !example.names.has(secret))).toEqual([])

    const tokens = { ADMIN_TOKENS: 'a-token-of-sixteen-or-more' }
    expect(parseConfig(serveConfig, { ...example.all, ...tokens })).toEqual(
      parseConfig(serveConfig, { ...example.set, ...tokens }),
    )
  })

  test('aggregator.env.example, copied and left as it is, lets nobody in', async () => {
    const { all } = await readExample('cloud/aggregator.env.example')
    expect(() => parseConfig(serveConfig, all)).toThrow('ADMIN_TOKENS')
  })

  test('nobody looks after the probes before aggregator.env is filled in', async () => {
    const { set } = await readExample('cloud/aggregator.env.example')
    const condition = unit('cloud/presences-probes.service').last('ExecCondition') ?? ''
    const script = condition.slice("/bin/sh -c '".length, -1)
    // The unit's user has the settings from systemd, and may not read their file.
    const ask = (settings: Readonly<Record<string, string>>) =>
      run('/bin/sh', ['-c', script], { PATH: process.env.PATH, ...settings })
    expect(await ask(set)).toMatchObject({ status: 1, stderr: '' })
    const filled = Object.entries(set).map(([name, value]) => [
      name,
      value.replaceAll('CHANGE-ME', 'done'),
    ])
    expect(await ask(Object.fromEntries(filled))).toMatchObject({ status: 0, stderr: '' })
  })

  test("a box's key may store files of its own room, and nothing else", async () => {
    const stores = {
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      Resource: ['arn:aws:s3:::my-bucket/presences/my-room/*'],
    }
    expect((await readPolicy('box/user-policy.ovh.json')).Statement).toMatchObject([stores])
    const { Statement } = await readPolicy('box/bucket-policy.json')
    const sendsAcl = {
      ...stores,
      Action: ['s3:PutObjectAcl'],
      Condition: { StringEquals: { 's3:x-amz-acl': ['private', 'bucket-owner-full-control'] } },
    }
    expect(Statement).toMatchObject([stores, sendsAcl])
  })

  test("the aggregator's key may not change what probes saw, nor delete", async () => {
    for (const path of ['cloud/bucket-policy.json', 'cloud/user-policy.ovh.json']) {
      const { Statement } = await readPolicy(path)
      const actions = Statement.flatMap(({ Action }) => Action)
      expect(new Set(actions)).toEqual(new Set(['s3:ListBucket', 's3:GetObject', 's3:PutObject']))
      const writable = Statement.filter(({ Action }) => Action.includes('s3:PutObject'))
      const prefixes = writable.flatMap(({ Resource }) =>
        Resource.map((name) => basename(join(name, '..'))),
      )
      expect(prefixes).toEqual(['rollups', 'members', 'ledger', 'jobs'])
    }
  })
})

/** What each unit has to say by itself: what it runs, with what, when it is over. */
const OF_ITS_OWN = new Set([
  ...['Type', 'ExecStart', 'ExecCondition', 'EnvironmentFile', 'Environment', 'User', 'Group'],
  'UnsetEnvironment',
  ...['RuntimeDirectory', 'RuntimeDirectoryPreserve', 'LogsDirectory', 'LogsDirectoryMode'],
  ...['Restart', 'RestartSec', 'RestartPreventExitStatus', 'TimeoutStartSec', 'TimeoutStopSec'],
  'MemoryMax',
  ...['SyslogLevel', 'LogLevelMax', 'ReadWritePaths', 'Nice', 'IOSchedulingClass'],
])
/** What a service may more, or less, than the others, and why: see the units. */
const NEEDS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'box/presences-scan.service': {
    AmbientCapabilities: ['CAP_NET_RAW'],
    CapabilityBoundingSet: ['CAP_NET_RAW'],
    RestrictAddressFamilies: ['AF_PACKET AF_INET AF_INET6 AF_NETLINK AF_UNIX'],
    SystemCallFilter: ['@system-service', '~@privileged @resources', 'capset setuid'],
  },
  'box/presences-ship.service': { ProcSubset: ['pid'] },
}

function unit(path: string): UnitFile {
  const found = UNITS.get(path)
  if (!found) throw new Error(`There is no unit ${path}`)
  return found
}

function text(path: string): string {
  return readFileSync(join(INFRA, path), 'utf8')
}

function isSecret(name: string): boolean {
  return (PROBE_SECRETS as readonly string[]).includes(name)
}

interface Policy {
  readonly Statement: readonly {
    readonly Effect: string
    readonly Action: readonly string[]
    readonly Resource: readonly string[]
  }[]
}

async function readPolicy(path: string): Promise<Policy> {
  return JSON.parse(await readFile(join(INFRA, path), 'utf8')) as Policy
}

/** An example: what it sets, and all it names when the lines `#NAME=value` are taken in too. */
async function readExample(path: string) {
  const text = await readFile(join(INFRA, path), 'utf8')
  const withoutEmpty = (env: ReturnType<typeof parseEnv>) =>
    Object.fromEntries(Object.entries(env).filter(([, value]) => value)) as Record<string, string>
  const all = parseEnv(text.replaceAll(/^#(?=[A-Z0-9_]+=)/gm, ''))
  return {
    set: withoutEmpty(parseEnv(text)),
    all: withoutEmpty(all),
    names: new Set(Object.keys(all)),
  }
}

function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { env }, (error, stdout, stderr) => {
      resolve({ status: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}
