/** The units of box and cloud, and the files an administrator copies, as systemd and the programs read them. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { SECRETS, serveConfig, VARIABLES } from '@presences/aggregator/config.ts'
import { parseProbeConfig } from '@presences/probe/config.ts'
import { parseConfig } from '@presences/shared'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingOf, titleOf } from '../lan/requirements.ts'

const INFRA = fileURLToPath(new URL('..', import.meta.url))
const SERVICES = [
  'box/presences-scan.service',
  'box/presences-ship.service',
  'cloud/presences-upload.service',
  'cloud/presences-aggregator.service',
  'cloud/presences-probes.service',
  'cloud/presences-heartbeat.service',
]
const TIMERS = [
  'box/presences-scan.timer',
  'box/presences-ship.timer',
  'cloud/presences-upload.timer',
  'cloud/presences-probes.timer',
  'cloud/presences-heartbeat.timer',
]
/** Of the design, section 8. */
const PROBE_VARIABLES = [
  'PROBE_LOCATION',
  'PROBE_ID',
  'PROBE_INTERFACES',
  'PROBE_SCANNERS',
  'PROBE_SPOOL',
  'PROBE_SPOOL_MAX_MB',
  'PROBE_CLOCK',
  'TIMEZONE',
  'PROBE_REMOTE',
  'PROBE_BANDWIDTH',
  'UNIFI_URL',
  'UNIFI_USERNAME',
  'UNIFI_PASSWORD_FILE',
  'UNIFI_FINGERPRINT',
  'UNIFI_CA_FILE',
  'UNIFI_SITES',
  'UNIFI_CLIENTS',
]

const missing = missingOf({ programs: ['systemd-analyze'] })

describe.skipIf(missing)(titleOf('the units', missing), { timeout: 60_000 }, () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'presences-units-'))
    for (const path of [...SERVICES, ...TIMERS]) await writeUnit(path, (text) => text)
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('all of them are tested here', async () => {
    const names = [...(await readdir(join(INFRA, 'box'))), ...(await readdir(join(INFRA, 'cloud')))]
    const units = names.filter((name) => /\.(service|timer)$/.test(name)).sort()
    expect([...SERVICES, ...TIMERS].map((path) => basename(path)).sort()).toEqual(units)
  })

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
  ])('%s elapses when it should', async (path, base, expected) => {
    const text = await readFile(join(INFRA, path), 'utf8')
    const expression = /^OnCalendar=(.*)$/m.exec(text)?.[1] ?? ''
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

describe('the files an administrator copies', () => {
  test('probe.env.example names each variable, and its defaults', async () => {
    const example = await readExample('box/probe.env.example')
    expect(example.names).toEqual(new Set(PROBE_VARIABLES))

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
    const unit = await readFile(join(INFRA, 'cloud/presences-probes.service'), 'utf8')
    const condition = /^ExecCondition=\/bin\/sh -c '(.*)'$/m.exec(unit)?.[1] ?? ''
    // The unit's user has the settings from systemd, and may not read their file.
    const ask = (settings: Readonly<Record<string, string>>) =>
      run('/bin/sh', ['-c', condition], { PATH: process.env.PATH, ...settings })
    expect(await ask(set)).toMatchObject({ status: 1, stderr: '' })
    const filled = Object.entries(set).map(([name, value]) => [
      name,
      value.replaceAll('CHANGE-ME', 'done'),
    ])
    expect(await ask(Object.fromEntries(filled))).toMatchObject({ status: 0, stderr: '' })
  })

  test("the probe's key may store minute files, and nothing else", async () => {
    const stores = {
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      Resource: ['arn:aws:s3:::my-bucket/presences/*'],
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
