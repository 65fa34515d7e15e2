/**
 * The whole chain on real input: hosts that answer ARP in network namespaces, the probe's bundle with the
 * real arp-scan in the box's namespace, the real rclone with a write-only key, the aggregator's bundle,
 * and what the ticket server then holds. The day is chosen with faketime, for the probe alone: no clock
 * is set, and everything else keeps the true time.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type S3Server,
  startS3Server,
} from '@presences/aggregator/testing/stand-ins/s3/s3-server.ts'
import {
  startTicketServer,
  type TicketServer,
} from '@presences/aggregator/testing/stand-ins/tickets/ticket-server.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SHIP, writeRcloneConfig } from '../box/run-ship.ts'
import { createLan, type Finished, type Lan } from '../lan/lan.ts'
import { missingOf, titleOf } from '../lan/requirements.ts'

const PROBE = fileURLToPath(new URL('../../probe/dist/presences-probe.js', import.meta.url))
const AGGREGATOR = fileURLToPath(
  new URL('../../aggregator/dist/presences-aggregator.js', import.meta.url),
)

/** A day in winter time: 08:00Z is 09:00 in Paris. */
const DAY = '2026-11-18'
/** Three slots, of which two touch: 09:09 and 09:10 are two slots. */
const SCANS = ['09:09:04', '09:10:04', '09:24:04'] as const
const KEYS_OF_SCANS = ['0809', '0810', '0824'].map(
  (minute) => `presences/poulailler/${DAY}/20261118T${minute}Z-box.tsv`,
)

const BUCKET = 'coworking'
const PROBE_KEY = {
  accessKeyId: 'probe',
  secretAccessKey: 'the-probe-secret',
  allow: { putOnly: 'presences/' },
} as const
const AGGREGATOR_KEY = {
  accessKeyId: 'aggregator',
  secretAccessKey: 'the-aggregator-secret',
  allow: 'all',
} as const

/** Twelve hosts; the last five belong to nobody known. */
const MACS = Array.from({ length: 12 }, (_, index) => `02:00:5E:00:01:${hex(index)}`)
const STAYS = 0
const LEAVES = 1
const LAPTOP = 2
const PHONE = 3
const PRINTER = 4
const TWO_THOUSAND = 5
const MIXED_CASE = 6
const MEMBERS = [
  { email: 'stays@example.org', firstName: 'Ana', lastName: 'Martin', macs: macs(STAYS) },
  { email: 'leaves@example.org', firstName: 'Ben', lastName: 'Petit', macs: macs(LEAVES) },
  {
    email: 'two+devices@example.org',
    firstName: 'Eve',
    lastName: 'Roux',
    macs: macs(LAPTOP, PHONE),
  },
  { email: 'printer@example.org', firstName: 'Coworking', lastName: 'Metz', macs: macs(PRINTER) },
  { email: 'lea2000@example.org', firstName: 'Léa', lastName: 'Blanc', macs: macs(TWO_THOUSAND) },
  { email: 'Mixed.Case@Example.org', firstName: 'Max', lastName: 'Noir', macs: macs(MIXED_CASE) },
]
/** Half a ticket for three slots; two slots, the space's own device and strangers count for nothing. */
const CHARGED = {
  'stays@example.org': 0.5,
  'two+devices@example.org': 0.5,
  'lea2000@example.org': 0.5,
  'Mixed.Case@Example.org': 0.5,
}

const missing = missingOf({
  programs: ['ip', 'arp-scan', 'rclone', 'flock', 'faketime'],
  root: true,
})

describe.skipIf(missing)(titleOf('the whole chain', missing), () => {
  let folder: string
  let spool: string
  let lan: Lan
  let s3: S3Server
  let tickets: TicketServer

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'presences-chain-'))
    spool = join(folder, 'spool')
    s3 = await startS3Server({ buckets: [BUCKET], keys: [PROBE_KEY, AGGREGATOR_KEY] })
    tickets = await startTicketServer({ members: MEMBERS, shuffleSeed: 7 })
    await writeRcloneConfig(join(folder, 'rclone.conf'), { endpoint: s3.endpoint, ...PROBE_KEY })
    lan = await createLan({ hosts: MACS })
    await lan.reach(s3.port)
  })
  afterEach(async () => {
    await lan?.remove()
    await tickets?.close()
    await s3?.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('from who answers ARP to who is charged', async () => {
    await lan.hostLeave(PHONE)
    expect((await scan(SCANS[0])).stdout).toContain('\t11 devices\n')
    expect((await scan(SCANS[1])).stdout).toContain('\t11 devices\n')
    // One goes home; another's laptop goes to sleep while the phone comes in.
    await lan.hostLeave(LEAVES)
    await lan.hostLeave(LAPTOP)
    await lan.hostJoin(PHONE)
    expect((await scan(SCANS[2])).stdout).toContain('\t10 devices\n')

    expect(await ship()).toMatchObject({ status: 0, stdout: 'ship: 3 of 3 shipped\n' })
    expect(await waiting()).toEqual([])
    expect(s3.keysOf(BUCKET)).toEqual(KEYS_OF_SCANS)
    expect(s3.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT'])

    const uploaded = await upload()
    expect(uploaded.stderr).not.toContain(AGGREGATOR_KEY.secretAccessKey)
    expect(uploaded.status).toBe(0)
    expect(charged()).toEqual(CHARGED)
    expect(posts()).toHaveLength(Object.keys(CHARGED).length)
    expect(s3.keysOf(BUCKET)).toEqual(expect.arrayContaining(KEYS_OF_SCANS))
  })

  test('a pulled cable is a minute that was not looked at, not one in which nobody was there', async () => {
    await lan.cableOut()
    const blind = await scan(SCANS[0])
    expect(blind.status).toBe(3)
    expect(blind.stderr).toContain('eth0')
    expect(await waiting()).toEqual([])

    await lan.cableIn()
    expect(await scan(SCANS[1])).toMatchObject({ status: 0 })
    expect(await ship()).toMatchObject({ status: 0, stdout: 'ship: 1 of 1 shipped\n' })
    expect(s3.keysOf(BUCKET)).toEqual([KEYS_OF_SCANS[1]])
  })

  test('a second scan in a minute that is shipped changes nothing in the bucket', async () => {
    expect(await scan(SCANS[0])).toMatchObject({ status: 0 })
    expect(await ship()).toMatchObject({ status: 0, stdout: 'ship: 1 of 1 shipped\n' })
    const first = s3.read(BUCKET, KEYS_OF_SCANS[0] as string)?.toString()

    await lan.hostLeave(LEAVES)
    const again = await scan(SCANS[0])
    expect([again.status, again.stdout]).toEqual([1, ''])
    expect(again.stderr).toContain('was recorded already, and that is kept')
    expect(await ship()).toMatchObject({ status: 0, stdout: '' })
    expect(s3.read(BUCKET, KEYS_OF_SCANS[0] as string)?.toString()).toBe(first)

    expect(await scan(SCANS[1])).toMatchObject({ status: 0 })
  })

  test('the bucket down for a while: nothing lost, nothing twice', async () => {
    await scan(SCANS[0])
    expect(await ship()).toMatchObject({ status: 0, stdout: 'ship: 1 of 1 shipped\n' })

    await s3.pause()
    await scan(SCANS[1])
    expect((await ship()).status).not.toBe(0)
    await lan.hostLeave(LEAVES)
    await scan(SCANS[2])
    const failed = await ship()
    expect(failed.status).not.toBe(0)
    expect(failed.stderr).toMatch(/^ship: 0 of 2 shipped\. .*To do: .*\n$/)
    expect(await waiting()).toHaveLength(2)
    // Nobody is charged from a bucket that can't be read.
    expect((await upload()).status).toBe(3)
    expect(posts()).toEqual([])

    await s3.resume()
    // It answers, but breaks off after it has stored: the box can't know, and sends it again.
    s3.faults = ({ key }) => (key === KEYS_OF_SCANS[1] ? 'drop-after' : undefined)
    expect((await ship()).status).not.toBe(0)
    s3.faults = undefined
    expect(await ship()).toMatchObject({ status: 0 })
    expect(await waiting()).toEqual([])
    expect(s3.keysOf(BUCKET)).toEqual(KEYS_OF_SCANS)

    expect((await upload()).status).toBe(0)
    expect(charged()).toEqual(CHARGED)
    expect(posts()).toHaveLength(Object.keys(CHARGED).length)
    expect((await upload()).status).toBe(0)
    expect(charged()).toEqual(CHARGED)
  })

  /** One scan by the box, at this time of the day. */
  async function scan(time: string): Promise<Finished> {
    const env = {
      PROBE_LOCATION: 'poulailler',
      PROBE_ID: 'box',
      PROBE_SPOOL: spool,
      PROBE_CLOCK: 'trusted',
    }
    const words = ['-m', `${DAY}T${time}+01:00`, process.execPath, PROBE, 'scan']
    const scanned = await lan.run(lan.boxNamespace, 'faketime', words, { env })
    // rclone leaves alone what is younger than five seconds.
    for (const path of await waiting()) await utimes(path, 0, 0)
    return scanned
  }

  function ship(): Promise<Finished> {
    const env = {
      PROBE_SPOOL: spool,
      PROBE_REMOTE: `bucket:${BUCKET}`,
      RCLONE_CONFIG: join(folder, 'rclone.conf'),
    }
    const [program, ...args] = SHIP
    return lan.run(lan.boxNamespace, program, args, { env })
  }

  /** The nightly job, from another machine than the box. */
  function upload(): Promise<Finished> {
    const env = {
      PATH: process.env.PATH,
      STORE_URL: `s3://${BUCKET}`,
      S3_ENDPOINT: s3.endpoint,
      S3_REGION: 'us-east-1',
      S3_FORCE_PATH_STYLE: 'true',
      AWS_ACCESS_KEY_ID: AGGREGATOR_KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: AGGREGATOR_KEY.secretAccessKey,
      TICKET_BACKEND_URL: tickets.url,
      TICKET_BACKEND_TOKEN: tickets.key,
      LOG_DIR: join(folder, 'logs'),
    }
    return new Promise((resolve) => {
      const words = [AGGREGATOR, 'upload', DAY]
      execFile(process.execPath, words, { env, cwd: folder }, (error, stdout, stderr) => {
        resolve({ status: Number(error?.code ?? 0), stdout, stderr })
      })
    })
  }

  /** What waits in the spool, as full paths. */
  async function waiting(): Promise<string[]> {
    const entries = await readdir(spool, { recursive: true, withFileTypes: true }).catch(() => [])
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name))
  }

  /** What the ticket server holds for the day. */
  function charged(): Record<string, number> {
    return Object.fromEntries(
      tickets.state.members.flatMap(({ id, email }) => {
        const activity = tickets.state.daysOf(id).get(DAY)
        return activity ? [[email, activity.value]] : []
      }),
    )
  }

  function posts() {
    return tickets.posts.filter(({ stored }) => stored)
  }
})

function macs(...indexes: number[]): string[] {
  return indexes.map((index) => MACS[index] as string)
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}
