/**
 * The probe's bundle with the other real scanners, alone and together, on a LAN of network namespaces.
 * (arp-scan alone: arp-scan.test.ts.)
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeMinuteFile, PARTIAL_KEY } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLan, type Finished, type Lan } from '../lan/lan.ts'
import { missingOf, titleOf } from '../lan/requirements.ts'

const PROBE = fileURLToPath(new URL('../../probe/dist/presences-probe.js', import.meta.url))
const MACS = ['02:00:5E:00:02:01', '02:00:5E:00:02:02', '02:00:5E:00:02:03']
/** As the unit runs a scan: nobody in particular, with this one capability, who can gain no other. */
const AS_THE_UNIT = [
  ...['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'],
  ...['--inh-caps=+net_raw', '--ambient-caps=+net_raw', '--bounding-set=-all,+net_raw'],
]

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
  const [program = '', ...args] = [...before, process.execPath, PROBE, 'scan']
  const finished = await lan.run(lan.boxNamespace, program, args, {
    env: {
      PROBE_LOCATION: 'poulailler',
      PROBE_ID: `box${scans}`,
      PROBE_SPOOL: spool,
      PROBE_CLOCK: 'trusted',
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

/** In a mount namespace of its own the program can't be run. */
function withBroken(program: string): string[] {
  const script = `mount --bind /dev/null "$(command -v ${program})" && exec "$@"`
  return ['unshare', '--mount', 'sh', '-c', script, 'sh']
}

const noNmap = missingOf({ programs: ['ip', 'nmap', 'setpriv'], root: true })

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

const missing = missingOf({ programs: ['ip', 'nmap', 'arp-scan'], root: true })

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
    for (const scanner of ['arp-scan', 'nmap']) {
      const own = await scan({ PROBE_SCANNERS: scanner, PROBE_INTERFACES: 'eth0.20' })
      expect([scanner, own.status, own.macs, own.stderr]).toEqual([scanner, 0, [MACS[1]], ''])
      const both = await scan({ PROBE_SCANNERS: scanner, PROBE_INTERFACES: 'eth0,eth0.20' })
      expect([both.macs, both.meta.get('interfaces')]).toEqual([MACS, 'eth0,eth0.20'])
    }
  })
})
