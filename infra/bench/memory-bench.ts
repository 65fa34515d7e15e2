/**
 * The memory that `rollup` takes, at its peak, of a room whose box sends what nobody needs: as much as is read, and
 * more than that. No input may make it take what the units allow.
 */
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type DayWindow,
  dayWindow,
  formatDayKey,
  formatMinuteKey,
  LIMITS,
  type LocalDay,
  macFromBits,
} from '@presences/shared'
import type { BenchContext } from './bench-context.ts'
import { runProgram } from './run-program.ts'

const DAY = '2025-11-18' as LocalDay
const TIME_ZONE = 'Europe/Paris'
const ROOM = 'hostile'
const MOST_MB = 512
const MB = 1024 * 1024
/** Of the node that runs it: written to a file as it ends, so that nothing else need be installed. */
const PEAK = `import { writeFileSync } from 'node:fs'
process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)))`

type Fill = (store: string) => Promise<void>

const CASES: Readonly<Record<string, Fill>> = {
  'addresses, 32 MB': (store) =>
    write(store, formatDayKey(ROOM, DAY), linesOf(1, LIMITS.dayFileBytes)),
  'line feeds, 32 MB': (store) =>
    write(store, formatDayKey(ROOM, DAY), '\n'.repeat(LIMITS.dayFileBytes)),
  'a sparse file, 1 GB': async (store) => {
    await write(store, formatDayKey(ROOM, DAY), '')
    await truncate(join(store, formatDayKey(ROOM, DAY)), 1024 * MB)
  },
  '1,000 minute files': (store) =>
    fillMinutes(store, (at) => linesOf(at * LIMITS.minuteFileDevices, 220_000)),
  '30,000 empty keys': async (store) => {
    for (let at = 0; at < 30_000; at += 1)
      await write(store, `${formatDayKey(ROOM, DAY)}/${at}`, '')
  },
}

/** Throws when a run takes more than the units allow, or fails. */
export async function benchMemory(context: BenchContext): Promise<void> {
  for (const [name, fill] of Object.entries(CASES)) {
    const store = join(context.folder, name.replaceAll(/\W+/g, '-'))
    await mkdir(store)
    await fill(store)
    // The first reads what lies there, the second what the first made of it.
    const peaks = [await peakOf(store, context), await peakOf(store, context)]
    const [first, second] = peaks.map((peak) => `${Math.round(peak)} MB`)
    context.print({ name: `memory: ${name}`, fact: `${first}, then ${second}; at most ${MOST_MB}` })
    if (Math.max(...peaks) > MOST_MB) throw new Error(`${name}: over ${MOST_MB} MB`)
  }
}

/** The most memory that one run took, in megabytes. */
async function peakOf(store: string, { root, folder, signal }: BenchContext): Promise<number> {
  const bundle = join(root, 'aggregator/dist/presences-aggregator.js')
  const peakFile = join(folder, 'peak')
  const args = ['--import', `data:text/javascript,${encodeURIComponent(PEAK)}`, bundle]
  const env = { STORE_URL: pathToFileURL(store).href, LOCATIONS: ROOM, PEAK_FILE: peakFile }
  await runProgram(process.execPath, [...args, 'rollup', '--from', DAY, '--to', DAY], {
    cwd: folder,
    signal,
    env,
  })
  return Number(await readFile(peakFile, 'utf8')) / 1024
}

async function fillMinutes(store: string, textOf: (at: number) => string): Promise<void> {
  const { start }: DayWindow = dayWindow(DAY, TIME_ZONE)
  for (let at = 0; at < 1000; at += 1) {
    const name = { location: ROOM, day: DAY, minute: start + at, probe: 'box' }
    await write(store, formatMinuteKey(name), textOf(at))
  }
}

/** Lines of one minute, each of another device, as many as fit. */
function linesOf(first: number, bytes: number): string {
  const lines: string[] = []
  for (let length = 0, mac = first; length + 44 <= bytes; length += 44, mac += 1) {
    lines.push(`${DAY}T10:00:00+01:00\t${macFromBits(mac)}\n`)
  }
  return lines.join('')
}

async function write(store: string, key: string, text: string): Promise<void> {
  await mkdir(join(store, key, '..'), { recursive: true })
  await writeFile(join(store, key), text)
}
