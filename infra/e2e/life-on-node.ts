/**
 * A short life of both bundles on one Node, on servers of its own: a scan, its shipment, a day's charge, a
 * replay for a late device, the service. What the programs said is told without what differs from run to run.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sampleHistory } from '@presences/aggregator/testing/space.ts'
import { ship, writeRcloneConfig } from '../box/run-ship.ts'
import {
  BUCKET,
  createSite,
  type Finished,
  finished,
  KEY,
  type Site,
} from './aggregator-process.ts'

export const DAY = '2026-10-26'
/** 29 slots by his first device, 31 by the one that he registers after the first charge. */
export const LATE = { email: 'marc.roth.mda@example.org', mac: '9A:8B:D8:28:E9:39' }

/** What a program said, and how it ended. */
type Said = Pick<Finished, 'code' | 'out' | 'errors'>

interface Answer {
  readonly status: number
  readonly text: string
}

export interface Life {
  /** By what was asked, such as `upload`. */
  readonly said: Readonly<Record<string, Said>>
  /** The answers of the service, by path. */
  readonly answers: Readonly<Record<string, Answer>>
  /** The minute file as the scan wrote it, and as the bucket had it then. */
  readonly minuteFile: { readonly written: string; readonly stored: string | undefined }
  /** What the ticket server held after the charge, and after the replay: the lines that `presences` prints. */
  readonly charged: readonly string[]
  readonly replayed: readonly string[]
}

const PROBE = fileURLToPath(new URL('../../probe/dist/presences-probe.js', import.meta.url))
const DEMO = fileURLToPath(new URL('../demo/', import.meta.url))
const TOKEN = 'a-token-of-the-tests-only'
/** Without /readyz, which gives its servers three seconds: on a busy machine "no" is a right answer. */
const PATHS = [
  '/healthz',
  `/reupload/${LATE.mac}?period=${DAY}`,
  `/presences/${DAY}`,
  `/presences/${DAY}/${LATE.email}`,
  '/openapi.json',
]

/** Lives it with the binary at `node`. Throws when a program can't be started. */
export async function liveOn(node: string): Promise<Life> {
  const folder = await mkdtemp(join(tmpdir(), 'presences-node-'))
  const { members, dayFiles } = await sampleHistory()
  const registered = members.map((member) => ({
    ...member,
    macs: member.macs.filter((mac) => mac !== LATE.mac),
  }))
  const site = await createSite({ members: registered })
  try {
    for (const { key, text } of dayFiles) site.write(key, text)
    const box = await liveInTheRoom(node, folder, site)
    const space = await liveInTheSpace(node, site)
    const mask = maskOf({
      [folder]: 'FOLDER',
      [site.s3.endpoint]: 'S3',
      [site.tickets.url]: 'TICKETS',
    })
    return {
      said: mapValues({ ...box.said, ...space.said }, ({ code, out, errors }) => ({
        code,
        out: mask(out),
        errors: mask(errors),
      })),
      answers: mapValues(space.answers, ({ status, text }) => ({ status, text: mask(text) })),
      minuteFile: box.minuteFile,
      charged: space.charged,
      replayed: space.replayed,
    }
  } finally {
    await site.close()
    await rm(folder, { recursive: true })
  }
}

async function liveInTheRoom(node: string, folder: string, site: Site) {
  const bin = join(folder, 'bin')
  const spool = join(folder, 'spool')
  await Promise.all([mkdir(bin), mkdir(spool)])
  await copyFile(join(DEMO, 'fake-arp-scan'), join(bin, 'arp-scan'))
  await copyFile(join(DEMO, 'recorded-lan.txt'), join(bin, 'answer'))
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    PROBE_LOCATION: 'poulailler',
    PROBE_ID: 'box',
    PROBE_INTERFACES: 'lo',
    PROBE_CLOCK: 'trusted',
    PROBE_SPOOL: spool,
  }
  const run = (...args: string[]) =>
    finished(spawn(node, [PROBE, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] }))

  const version = await run('--version')
  const help = await run('--help')
  const scan = await run('scan')
  const [path = ''] = await filesIn(spool)
  const written = await readFile(join(spool, path), 'utf8')
  const status = await run('status', '--json')
  const unconfigured = await run('ship')
  const rcloneConfig = join(folder, 'rclone.conf')
  await writeRcloneConfig(rcloneConfig, { endpoint: site.s3.endpoint, ...KEY })
  // rclone leaves alone what is younger than five seconds.
  const then = new Date(Date.now() - 60_000)
  await utimes(join(spool, path), then, then)
  const shipped = await ship({ node, spool, bucket: BUCKET, rcloneConfig })
  const said = {
    'probe --version': version,
    'probe --help': help,
    scan,
    status,
    'ship without a bucket': unconfigured,
    ship: { code: shipped.status, out: shipped.stdout, errors: shipped.stderr },
  }
  const stored = site.s3.read(BUCKET, `presences/${path}`)?.toString()
  return { said, minuteFile: { written, stored } }
}

async function liveInTheSpace(node: string, site: Site) {
  const run = (...args: string[]) => site.start(args, { node }).end
  const version = await run('--version')
  const help = await run('--help')
  const doctor = await run('doctor')
  const upload = await run('upload', DAY)
  const charged = amountsAt(site)
  site.tickets.state.addDevice(LATE.email, LATE.mac)
  const { serve, answers } = await askTheService(node, site)
  const said = {
    'aggregator --version': version,
    'aggregator --help': help,
    doctor,
    upload,
    serve,
    reupload: await run('reupload', LATE.mac, '--period', DAY),
    presences: await run('presences', DAY),
    explain: await run('explain', DAY, LATE.email),
    'explain --svg': await run('explain', DAY, LATE.email, '--svg'),
    'upload with a wrong option': await run('upload', '--nonsense'),
  }
  return { said, charged, replayed: amountsAt(site), answers }
}

async function askTheService(node: string, site: Site) {
  const { child, end } = site.start(['serve'], { node, env: { PORT: '0', ADMIN_TOKENS: TOKEN } })
  const answers: Record<string, Answer> = {}
  try {
    const url = await listeningUrl(child)
    for (const path of PATHS) {
      const answer = await fetch(url + path, { headers: { Authorization: `Bearer ${TOKEN}` } })
      answers[path] = { status: answer.status, text: await answer.text() }
    }
  } finally {
    child.kill('SIGTERM')
  }
  return { serve: await end, answers }
}

/** Where a service says that it listens. Throws with its words when it ends before. */
function listeningUrl(child: ChildProcess): Promise<string> {
  let log = ''
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (text) => {
      log += text
      const [, url] = /Listening on (http:\S+)/.exec(log) ?? []
      if (url) resolve(url)
    })
    child.once('close', () => reject(new Error(`The service did not start: ${log}`)))
  })
}

function amountsAt({ tickets }: Site): string[] {
  const emails = [...new Set(tickets.posts.map(({ email }) => email))].sort()
  return emails.map((email) => `${email} ${tickets.state.amount(email, DAY)?.toFixed(1)}`)
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

/** Puts words in the place of a run's own `names`, and of what its moment and this machine's disk give. */
function maskOf(names: Readonly<Record<string, string>>) {
  const rules: readonly (readonly [RegExp | string, string])[] = [
    ...Object.entries(names),
    // Dates and times but those of the day in question.
    [new RegExp(`(?!${DAY})\\b\\d{4}-\\d\\d-\\d\\d`, 'g'), 'DATE'],
    [/(?<=DATE[T ])\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?/g, 'TIME'],
    [/\b\d{8}T\d{4}Z/g, 'MINUTE'],
    [/^\w+ \d+ \w+ \d{4}, \d\d:\d\d(?=, )/gm, 'WHEN'],
    [/(?<=127\.0\.0\.1:)\d+/g, 'PORT'],
    // Of work that takes longer than ten seconds.
    [/^.* INFO: Replaying .* of .*\n/gm, ''],
    [/-?\b\d+(?= (ms|s ago|s off|MB are free))|(?<=since )\d+(?= min)|(?<="freeBytes": )\d+/g, 'N'],
  ]
  return (text: string): string =>
    rules.reduce((masked, [what, word]) => masked.replaceAll(what, word), text)
}
