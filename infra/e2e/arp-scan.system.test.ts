/**
 * The probe's bundle with the real arp-scan, on a LAN of network namespaces: who is seen, and what is
 * said when nobody can be.
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

const missing = missingOf({ programs: ['ip', 'arp-scan'], root: true })

describe.skipIf(missing)(titleOf('a scan of a real network', missing), () => {
  let lan: Lan
  let spool: string
  let scans = 0

  beforeEach(async () => {
    lan = await createLan({ hosts: MACS })
    spool = await mkdtemp(join(tmpdir(), 'presences-spool-'))
  })
  afterEach(async () => {
    await lan.remove()
    await rm(spool, { recursive: true })
  })

  /** One scan, under a probe name of its own: several fall into one minute here. */
  async function scan(env: Record<string, string> = {}): Promise<Finished & { files: string[] }> {
    scans += 1
    const finished = await lan.run(lan.boxNamespace, process.execPath, [PROBE, 'scan'], {
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
    return { ...finished, files: files.map((name) => join(spool, name)) }
  }

  async function readOnly(files: readonly string[]) {
    expect(files).toHaveLength(1)
    return decodeMinuteFile(await readFile(files[0] as string))
  }

  test('every host is seen on the interface of the default route', async () => {
    const { status, stderr, files } = await scan()
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const read = await readOnly(files)
    expect([read.macs, read.faults]).toEqual([MACS, []])
    expect(read.meta.get('interfaces')).toBe('eth0')
  })

  test('everybody gone is an empty minute; the cable out is no minute at all', async () => {
    for (const index of MACS.keys()) await lan.hostLeave(index)
    const empty = await scan()
    expect(empty.status).toBe(0)
    expect((await readOnly(empty.files)).macs).toEqual([])

    await lan.cableOut()
    const out = await scan({ PROBE_INTERFACES: lan.boxInterface })
    expect([out.status, out.files]).toEqual([3, []])
    expect(out.stderr).toContain("Can't scan eth0: there is no link. To do: check the cable")
  })

  test('of two interfaces one has no link: a partial minute, which says so', async () => {
    await ip(`link add eth1 type veth peer name eth2`)
    await ip('link set eth1 up')
    const { status, files, stderr } = await scan({ PROBE_INTERFACES: 'eth0,eth1' })
    expect(status).toBe(1)
    expect(stderr).toContain("Can't scan eth1: there is no link.")
    const { macs, meta } = await readOnly(files)
    expect([macs, meta.get(PARTIAL_KEY)]).toEqual([MACS, 'eth1: there is no link'])
  })

  test.each([
    ['addr flush dev eth0', 'the interface has no IPv4 address'],
    ['link set eth0 down', 'the interface is down'],
    ['link del eth0', 'there is no such interface'],
  ])('after "ip %s": %s', async (change, reason) => {
    await ip(change)
    const { status, files, stderr } = await scan({ PROBE_INTERFACES: 'eth0' })
    expect([status, files]).toEqual([3, []])
    expect(stderr).toContain(`Can't scan eth0: ${reason}. To do: `)
  })

  async function ip(words: string): Promise<void> {
    expect(await lan.run(lan.boxNamespace, 'ip', words.split(' '))).toMatchObject({ status: 0 })
  }
})
