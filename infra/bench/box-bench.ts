/**
 * What a box costs itself: the bundle's size, one scan beside arp-scan's own work, what a day of 300 devices writes
 * to the card, and what packing that day takes.
 */
import * as nodeFs from 'node:fs/promises'
import { chmod, mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type RecordDeps, recordMinute } from '@presences/probe/record/record-minute.ts'
import { readSpoolContents } from '@presences/probe/spool/contents.ts'
import { folderSpool } from '@presences/probe/spool/folder-spool.ts'
import { packOldDays } from '@presences/probe/spool/pack/pack-old-days.ts'
import { dayWindow, instantOf, type LocalDay, macFromBits } from '@presences/shared'
import type { BenchContext } from './bench-context.ts'
import { median } from './compare.ts'
import { randomFrom } from './random.ts'
import { runProgram } from './run-program.ts'

const MOST_BUNDLE_KB = 600
const MOST_SCAN_MS = 120
const MOST_MB = 70
const MOST_WRITTEN = 3
const SCANS = 25
const DEVICES = 300
const DAY = '2025-11-18' as LocalDay
const TIME_ZONE = 'Europe/Paris'

/** Throws when a scan fails, or on a machine whose kernel does not count what is written. */
export async function benchBox(context: BenchContext): Promise<void> {
  await benchBundle(context)
  await benchScan(context)
  await benchDayOfScans(context)
}

async function benchBundle({ root, print }: BenchContext): Promise<void> {
  const kilobytes = (await stat(bundleOf(root))).size / 1000
  const fact = `${kilobytes.toFixed(0)} kB, ${atMost(kilobytes, MOST_BUNDLE_KB, 'kB')}`
  print({ name: 'presences-probe, the bundle', fact })
}

/** The CPU and memory of the program itself: arp-scan's, which answers from a file here, are not in it. */
async function benchScan({ root, folder, signal, print }: BenchContext): Promise<void> {
  const bin = join(folder, 'bin')
  const hook = join(folder, 'usage.cjs')
  await mkdir(bin)
  const answer = Array.from(
    { length: 250 },
    (_, host) => `10.0.0.${host}\t${macFromBits(host).toLowerCase()}\n`,
  )
  await writeFile(join(folder, 'answer'), answer.join(''))
  await writeFile(join(bin, 'arp-scan'), `#!/bin/sh\nexec cat ${folder}/answer\n`)
  await chmod(join(bin, 'arp-scan'), 0o755)
  await writeFile(hook, USAGE_HOOK)
  const usage = async (name: string, words: readonly string[]) => {
    const file = join(folder, name)
    const env = { ...SCAN_ENV, PATH: `${bin}:${process.env.PATH}`, USAGE_FILE: file }
    const spool = { PROBE_ID: name, PROBE_SPOOL: join(folder, 'spool-of-scans') }
    await runProgram(process.execPath, ['--require', hook, ...words], {
      cwd: folder,
      signal,
      env: { ...env, ...spool },
    })
    const [ms, megabytes] = (await readFile(file, 'utf8')).split(' ').map(Number)
    return { ms: ms as number, megabytes: megabytes as number }
  }
  const scans: { ms: number; megabytes: number }[] = []
  const nothing: { ms: number }[] = []
  for (let run = 0; run < SCANS; run += 1) {
    nothing.push(await usage(`nothing-${run}`, ['-e', '0']))
    scans.push(await usage(`scan-${run}`, [bundleOf(root), 'scan']))
  }
  const ms = median(scans.map((scan) => scan.ms))
  const nodeMs = median(nothing.map((run) => run.ms))
  const megabytes = Math.max(...scans.map((scan) => scan.megabytes))
  const cpu = `${ms.toFixed(0)} ms CPU beside arp-scan's own (node alone ${nodeMs.toFixed(0)})`
  print({ name: 'scan', fact: `${cpu}, ${atMost(ms, MOST_SCAN_MS, 'ms')}` })
  const peak = `${megabytes.toFixed(0)} MB at its peak`
  print({ name: 'scan', fact: `${peak}, ${atMost(megabytes, MOST_MB, 'MB')}` })
}

const SCAN_ENV = { PROBE_LOCATION: 'bench', PROBE_INTERFACES: 'lo', PROBE_CLOCK: 'trusted' }

/** Milliseconds of CPU and megabytes at the peak, of the process it is loaded into. */
const USAGE_HOOK = `
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const usage = (userCPUTime + systemCPUTime) / 1000 + ' ' + (maxRSS * 1024) / 1e6
  require('node:fs').writeFileSync(process.env.USAGE_FILE, usage)
})
`

async function benchDayOfScans({ folder, signal, print }: BenchContext): Promise<void> {
  const spool = join(folder, 'spool')
  const before = await bytesWritten()
  const { minutes, bytes } = await recordDay(spool, signal)
  const written = (await bytesWritten()) - before
  const ratio = written / bytes
  const megabytes = `${(written / 1e6).toFixed(1)} MB for ${(bytes / 1e6).toFixed(1)} MB of minute files`
  print({
    name: `a day of scans, ${DEVICES} devices`,
    fact: `writes ${megabytes}: ${ratio.toFixed(2)} x, ${atMost(ratio, MOST_WRITTEN, 'x')}`,
  })
  await utimes(join(spool, 'bench', DAY), 0, 0)
  const cpu = process.cpuUsage()
  const contents = await readSpoolContents(nodeFs, spool)
  const options = { folder: spool, timeZone: TIME_ZONE, isTimeOver: () => false }
  const packed = await packOldDays(nodeFs, contents.minutes, { ...options, now: new Date() })
  const { user, system } = process.cpuUsage(cpu)
  if (packed !== minutes) throw new Error(`${packed} of ${minutes} minutes were packed`)
  const { packs } = await readSpoolContents(nodeFs, spool)
  const sizes = await Promise.all(packs.map(({ file }) => stat(join(spool, file))))
  const packedBytes = sizes.reduce((sum, { size }) => sum + size, 0)
  const year = `a year ${((365 * packedBytes) / 1e6).toFixed(0)} MB instead of ${((365 * bytes) / 1e9).toFixed(1)} GB`
  print({
    name: 'that day, packed',
    fact: `${(packedBytes / 1e3).toFixed(0)} kB in ${((user + system) / 1e6).toFixed(1)} s CPU; ${year}`,
  })
}

/** Every minute of a day through the probe's own code; some devices always answer, others every other time. */
async function recordDay(spool: string, signal: AbortSignal) {
  const random = randomFrom(300)
  const devices = Array.from({ length: (DEVICES * 4) / 3 }, (_, index) => ({
    mac: macFromBits(Math.floor(random.next() * 2 ** 48)),
    answers: index % 2 === 0 ? 0.98 : 0.52,
  }))
  const look = () => ({
    network: 'eth0',
    macs: devices.filter(({ answers }) => random.next() < answers).map(({ mac }) => mac),
    unreadable: [],
  })
  const deps: RecordDeps = {
    location: 'bench',
    probe: 'box',
    timeZone: TIME_ZONE,
    version: '1.0.0',
    scanners: [{ name: 'arp-scan', look: async () => [look()] }],
    spool: folderSpool({ folder: spool, writer: 'bench' }),
    clock: {
      check: async () => ({ isRight: true, finding: '' }),
      hasStepped: () => false,
    },
    freeBytes: async () => 20e9 + random.between(0, 9) * 1e6,
    elapsedMs: () => random.between(780, 850),
  }
  const { start, minutes } = dayWindow(DAY, TIME_ZONE)
  let bytes = 0
  for (let minute = start; minute < start + minutes; minute += 1) {
    signal.throwIfAborted()
    const record = await recordMinute(instantOf(minute), deps)
    if (record.outcome !== 'written') throw new Error(`minute ${minute} was not written`)
    bytes += (await stat(record.path)).size
  }
  return { minutes, bytes }
}

/** What this process has handed to the kernel to be written so far. */
async function bytesWritten(): Promise<number> {
  return Number(/^wchar: (\d+)$/m.exec(await readFile('/proc/self/io', 'utf8'))?.[1])
}

function bundleOf(root: string): string {
  return join(root, 'probe/dist/presences-probe.js')
}

function atMost(value: number, most: number, unit: string): string {
  return `at most ${most} ${unit}: ${value <= most ? 'met' : 'MISSED'}`
}
