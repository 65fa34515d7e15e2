/**
 * The probe's bundle with the other real scanners, alone and together, on a LAN of network namespaces.
 * (arp-scan alone: arp-scan.system.test.ts.)
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  fingerprintOf,
  startUnifiController,
  type UnifiController,
} from '@presences/probe/testing/unifi-controller.ts'
import { decodeMinuteFile, PARTIAL_KEY } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLan, type Finished, type Lan } from '../lan/lan.ts'
import { missingOf, titleOf } from '../lan/requirements.ts'

const PROBE = fileURLToPath(new URL('../../probe/dist/presences-probe.js', import.meta.url))
const MACS = ['02:00:5E:00:02:01', '02:00:5E:00:02:02', '02:00:5E:00:02:03']
/** As the unit runs a scan: nobody in particular, with this one capability, who can gain no other. */
const AS_THE_UNIT = [
  ...['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'],
  ...['--inh-caps=+net_raw', '--ambient-caps=+net_raw', '--bounding-set=-all,+net_raw'],
]

/** Late in its minute a scan has less time than some of these need: all begin in its first second. */
const EARLY = ['faketime', '-f', '@2026-11-23 12:00:01']

let lan: Lan
let spool: string
let scans = 0

async function makeLan(): Promise<void> {
  lan = await createLan({ hosts: MACS })
  spool = await mkdtemp(join(tmpdir(), 'presences-spool-'))
}

async function removeLan(): Promise<void> {
  await lan.remove()
  await rm(spool, { recursive: true })
}

interface Scan extends Finished {
  readonly macs: readonly string[]
  readonly meta: ReadonlyMap<string, string>
  readonly files: number
}

/** One scan, under a probe name of its own: several fall into one minute here. */
async function scan(env: Record<string, string>, before: readonly string[] = []): Promise<Scan> {
  scans += 1
  const [program = '', ...args] = [...EARLY, ...before, process.execPath, PROBE, 'scan']
  const finished = await lan.run(lan.boxNamespace, program, args, {
    env: {
      PROBE_LOCATION: 'poulailler',
      PROBE_ID: `box${scans}`,
      PROBE_SPOOL: spool,
      PROBE_CLOCK: 'trusted',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      ...env,
    },
  })
  const names = await readdir(spool, { recursive: true })
  const files = names.filter((name) => name.endsWith(`-box${scans}.tsv`))
  const read = files[0] ? decodeMinuteFile(await readFile(join(spool, files[0]))) : undefined
  return { ...finished, macs: read?.macs ?? [], meta: read?.meta ?? new Map(), files: files.length }
}

async function ip(words: string, namespace = lan.boxNamespace): Promise<void> {
  expect(await lan.run(namespace, 'ip', words.split(' '))).toMatchObject({ status: 0 })
}

/** The addresses of either family that the box's kernel knows of a host; IPv6's stay reachable for a while, too. */
async function addressesOf(mac: string): Promise<string[]> {
  const { stdout } = await lan.run(lan.boxNamespace, 'ip', ['-j', 'neigh', 'show', 'dev', 'eth0'])
  const known = JSON.parse(stdout) as { dst: string; lladdr?: string }[]
  const own = known.filter(({ lladdr }) => lladdr?.toUpperCase() === mac)
  expect(own).not.toEqual([])
  return own.map(({ dst }) => dst)
}

/** Who was seen, without the bridge, which is on the LAN by IPv6 too. */
function hostsOf({ macs }: Scan): string[] {
  return macs.filter((mac) => MACS.includes(mac))
}

async function waitFor(isSo: () => Promise<boolean>): Promise<void> {
  await vi.waitFor(async () => expect(await isSo()).toBe(true), { timeout: 10_000, interval: 100 })
}

/** In a mount namespace of its own the program can't be run. */
function withBroken(program: string): string[] {
  const script = `mount --bind /dev/null "$(command -v ${program})" && exec "$@"`
  return ['unshare', '--mount', 'sh', '-c', script, 'sh']
}

const noNmap = missingOf({ programs: ['ip', 'faketime', 'nmap', 'setpriv'], root: true })

describe.skipIf(noNmap)(titleOf('scans with nmap', noNmap), () => {
  beforeEach(makeLan)
  afterEach(removeLan)

  test('every host is seen, by a user with nothing but CAP_NET_RAW', async () => {
    await lan.run(lan.boxNamespace, 'chown', ['65534', spool])
    const { status, stderr, macs, meta } = await scan({ PROBE_SCANNERS: 'nmap' }, AS_THE_UNIT)
    expect({ status, stderr, macs }).toEqual({ status: 0, stderr: '', macs: MACS })
    expect([meta.get('scanner'), meta.get('interfaces')]).toEqual(['nmap', 'eth0'])
  })

  test('without the right to look there is no minute', async () => {
    const { status, stderr, files } = await scan({ PROBE_SCANNERS: 'nmap' }, [
      ...AS_THE_UNIT.slice(0, 5),
      '--bounding-set=-all',
    ])
    expect([status, files]).toEqual([3, 0])
    expect(stderr).toContain("Can't scan eth0: nmap is not permitted to use the network. To do:")
  })

  test('everybody gone is an empty minute; the cable out is no minute at all', async () => {
    for (const index of MACS.keys()) await lan.hostLeave(index)
    const empty = await scan({ PROBE_SCANNERS: 'nmap' })
    expect([empty.status, empty.files, empty.macs]).toEqual([0, 1, []])
    await lan.cableOut()
    const out = await scan({ PROBE_SCANNERS: 'nmap', PROBE_INTERFACES: 'eth0' })
    expect([out.status, out.files]).toEqual([3, 0])
    expect(out.stderr).toContain("Can't scan eth0: there is no link.")
  })
})

const noPing = missingOf({ programs: ['ip', 'faketime', 'ping', 'setpriv'], root: true })

describe.skipIf(noPing)(titleOf("scans of the kernel's neighbours", noPing), () => {
  const env = { PROBE_SCANNERS: 'neighbours' }
  /** Nobody in particular, with no capability at all. */
  const asNobody = AS_THE_UNIT.slice(0, 5)

  beforeEach(async () => {
    await makeLan()
    await lan.run(lan.boxNamespace, 'chown', ['65534', spool])
  })
  afterEach(removeLan)

  /** As Debian 13 is set: everybody may ping. */
  const letEverybodyPing = () => {
    const sysctl = '/proc/sys/net/ipv4/ping_group_range'
    return lan.run(lan.boxNamespace, 'sh', ['-c', `echo "0 2147483647" > ${sysctl}`])
  }

  test('hosts that come, stay and leave are seen as they are, without any right', async () => {
    await letEverybodyPing()
    await lan.hostLeave(0)
    const first = await scan(env, asNobody)
    expect([first.status, first.stderr, hostsOf(first)]).toEqual([0, '', MACS.slice(1)])
    // Now the kernel takes number 1 for reachable; a minute later it only knows that it once was.
    await lan.hostLeave(1)
    await lan.hostJoin(0)
    for (const address of await addressesOf(MACS[1] as string)) {
      await ip(`neigh change ${address} dev eth0 nud stale`)
    }
    const second = await scan(env, asNobody)
    expect([second.status, hostsOf(second)]).toEqual([0, [MACS[0], MACS[2]]])
  })

  test('a host that has IPv6 alone is seen', async () => {
    const host = lan.boxNamespace.replace(/box$/, 'host2')
    await ip('-4 addr flush dev eth0', host)
    // Its address is a link-local one of its own making, which takes it two seconds.
    await waitFor(async () => {
      const { stdout } = await lan.run(host, 'ip', ['-6', 'addr', 'show', 'tentative'])
      return stdout === ''
    })
    const { status, stderr, macs } = await scan(env, AS_THE_UNIT)
    expect([status, stderr, macs]).toEqual([0, '', expect.arrayContaining(MACS)])
  })

  test.each([
    ['may ping', asNobody],
    ['may have the capability of ping', [...asNobody, '--bounding-set=-all']],
  ])('where nobody %s, that is said, and IPv4 is looked at all the same', async (_, who) => {
    await waitFor(async () => {
      const { stdout } = await lan.run(lan.boxNamespace, 'ip', [
        '-6',
        'addr',
        'show',
        'dev',
        'eth0',
      ])
      return stdout.includes('fe80:')
    })
    const found = await scan(env, who)
    expect([found.status, hostsOf(found)]).toEqual([1, MACS])
    expect(found.meta.get(PARTIAL_KEY)).toBe('eth0: ping is not permitted to ask IPv6 nodes')
  })

  test('everybody gone is an empty minute; the cable out is no minute at all', async () => {
    await lan.run(lan.boxNamespace, 'sh', [
      '-c',
      'echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6',
    ])
    for (const index of MACS.keys()) await lan.hostLeave(index)
    const empty = await scan({ ...env, PROBE_INTERFACES: 'eth0' })
    expect([empty.status, empty.files, empty.macs]).toEqual([0, 1, []])
    await lan.cableOut()
    const out = await scan({ ...env, PROBE_INTERFACES: 'eth0' })
    expect([out.status, out.files]).toEqual([3, 0])
    expect(out.stderr).toContain("Can't scan eth0: there is no link.")
  })
})

const missing = missingOf({
  programs: ['ip', 'faketime', 'nmap', 'arp-scan', 'ping', 'setpriv', 'unshare', 'mount'],
  root: true,
})

describe.skipIf(missing)(titleOf('scans with several scanners', missing), () => {
  beforeEach(makeLan)
  afterEach(removeLan)

  test('each has its share in the # line', async () => {
    const { status, macs, meta } = await scan({ PROBE_SCANNERS: 'arp-scan,nmap' })
    expect([status, macs]).toEqual([0, MACS])
    expect([meta.get('seen'), meta.has(PARTIAL_KEY)]).toEqual(['arp-scan:3,nmap:3', false])
  })

  test('one that fails takes nothing from the other, and the minute says so', async () => {
    const { status, stderr, macs, meta } = await scan(
      { PROBE_SCANNERS: 'nmap,arp-scan' },
      withBroken('nmap'),
    )
    expect([status, macs, meta.get('seen')]).toEqual([1, MACS, 'nmap:0,arp-scan:3'])
    expect(meta.get(PARTIAL_KEY)).toContain('eth0 with nmap: nmap failed')
    expect(stderr).toContain("Can't scan eth0 with nmap: nmap failed: spawn nmap EACCES. To do:")
  })

  /** A cable of its own in a VLAN's place: kernels without 802.1Q exist, and to a scanner both are `eth0.20`. */
  test("VLANs' sub-interfaces are networks of their own", async () => {
    const other = lan.boxNamespace.replace(/box$/, 'host1')
    await ip(`link add eth0.20 type veth peer name eth1 netns ${other}`)
    await ip(`link set eth1 address ${MACS[1]}`, other)
    for (const [namespace, name, address] of [
      [lan.boxNamespace, 'eth0.20', '10.78.0.1/28'],
      [other, 'eth1', '10.78.0.11/28'],
    ] as const) {
      await ip(`addr add ${address} dev ${name}`, namespace)
      await ip(`link set ${name} up`, namespace)
    }
    const own = await scan({ PROBE_INTERFACES: 'eth0.20' })
    expect([own.status, own.macs, own.stderr]).toEqual([0, [MACS[1]], ''])
    for (const scanner of ['arp-scan', 'nmap', 'neighbours']) {
      const both = await scan({ PROBE_SCANNERS: scanner, PROBE_INTERFACES: 'eth0,eth0.20' })
      expect([hostsOf(both), both.meta.get('interfaces')]).toEqual([MACS, 'eth0,eth0.20'])
    }
  })
})

const noArpScan = missingOf({ programs: ['ip', 'faketime', 'arp-scan'], root: true })

describe.skipIf(noArpScan)(titleOf('scans with a UniFi console', noArpScan), () => {
  const SLEEPING_PHONE = '02:00:5E:00:02:99'
  let controller: UnifiController

  beforeEach(async () => {
    await makeLan()
    controller = await startUnifiController()
    controller.sites = { default: [{ mac: SLEEPING_PHONE }, { mac: MACS[0] as string }] }
    await lan.reach(controller.port)
  })
  afterEach(async () => {
    await controller.close()
    await removeLan()
  })

  const env = () => ({
    PROBE_SCANNERS: 'arp-scan,unifi',
    UNIFI_URL: controller.origin,
    UNIFI_USERNAME: controller.username,
    UNIFI_PASSWORD: controller.password,
    UNIFI_FINGERPRINT: fingerprintOf('controller'),
    RUNTIME_DIRECTORY: spool,
  })

  test('who sleeps is seen by the console, and the session outlives a scan', async () => {
    for (const logins of [1, 1, 1]) {
      const { status, stderr, macs, meta } = await scan(env())
      expect([status, stderr, macs]).toEqual([0, '', [...MACS, SLEEPING_PHONE]])
      expect([meta.get('seen'), controller.logins()]).toEqual(['arp-scan:3,unifi:2', logins])
    }
  })

  test('a console that is gone, and one that is not the known one, take nothing away', async () => {
    const other = await scan({ ...env(), UNIFI_FINGERPRINT: fingerprintOf('stranger') })
    expect([other.status, other.macs, controller.requests]).toEqual([1, MACS, []])
    expect(other.meta.get(PARTIAL_KEY)).toContain('site:default with unifi: ')
    await controller.close()
    const gone = await scan(env())
    expect([gone.status, gone.macs, gone.meta.get('seen')]).toEqual([1, MACS, 'arp-scan:3,unifi:0'])
  })

  test('with the cable out nobody is seen by arp-scan, and the console still tells', async () => {
    await lan.cableOut()
    const { status, macs, meta } = await scan({ ...env(), PROBE_INTERFACES: 'eth0' })
    expect([status, macs]).toEqual([1, [MACS[0], SLEEPING_PHONE]])
    expect(meta.get(PARTIAL_KEY)).toBe('eth0 with arp-scan: there is no link')
  })
})
