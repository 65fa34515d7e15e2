/**
 * A scan killed at any moment leaves no file that rclone would ship torn. The program is the probe's
 * bundle; its arp-scan answers with 2,000 recorded-like lines, so that writing takes a while.
 */
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { decodeMinuteFile, macFromBits, parseRawKey, RAW_PREFIX } from '@presences/shared'
import { afterAll, beforeAll, expect, test } from 'vitest'

const PROBE = fileURLToPath(new URL('../../probe/dist/presences-probe.js', import.meta.url))
const DEVICES = 2_000
const KILLS = 200
const AT_ONCE = 4

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-killed-'))
  const lines = Array.from({ length: DEVICES }, (_, index) => {
    const mac = macFromBits(0x02_00_00_00_00_00 + index).toLowerCase()
    return `10.${index >> 8}.${index & 255}.1\t${mac}\n`
  })
  await writeFile(join(folder, 'answer'), lines.join(''))
  await writeFile(join(folder, 'arp-scan'), `#!/bin/sh\nexec cat ${folder}/answer\n`)
  await chmod(join(folder, 'arp-scan'), 0o755)
})
afterAll(() => rm(folder, { recursive: true }))

test(`${KILLS} scans killed at random moments: never a torn minute file`, async () => {
  const wholeMs = Math.max(...(await Promise.all(Array.from({ length: AT_ONCE }, wholeScanMs))))
  const { kills, attempts } = await killScans(wholeMs)

  const files = await shippable()
  for (const path of files) {
    expect(parseRawKey(RAW_PREFIX + path), path).toBeDefined()
    const { macs, faults, cut } = decodeMinuteFile(await readFile(join(folder, 'spool', path)))
    expect({ path, devices: macs.length, faults, cut }).toEqual({
      path,
      devices: DEVICES,
      faults: [],
      cut: false,
    })
  }
  expect(kills).toBe(KILLS)
  // The kills must have fallen on both sides of the moment a file appears, or nothing was tried.
  expect(files.length).toBeGreaterThan(AT_ONCE)
  expect(files.length).toBeLessThan(attempts + AT_ONCE)
})

/**
 * Kills scans until `KILLS` of them died of it, at moments spread over the second half of a scan, where files
 * are written. How long a scan takes drifts with the machine's load, and is followed: shorter after one that
 * ended before its kill, longer after one that was still there late.
 */
async function killScans(firstWholeMs: number): Promise<{ kills: number; attempts: number }> {
  let wholeMs = firstWholeMs
  let kills = 0
  let attempts = 0
  const worker = async () => {
    while (kills < KILLS && attempts < KILLS * 10) {
      attempts += 1
      const part = 0.4 + 0.65 * Math.random()
      const isKilled = (await killedScan(attempts, wholeMs * part)) === 'SIGKILL'
      if (isKilled && kills < KILLS) kills += 1
      if (!isKilled) wholeMs *= 0.98
      else if (part > 0.9) wholeMs *= 1.02
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return { kills, attempts }
}

/** How long a scan takes that nobody kills. */
async function wholeScanMs(_: unknown, index: number): Promise<number> {
  const startMs = performance.now()
  expect(await ended(startScan(`whole${index}`))).toBeNull()
  return performance.now() - startMs
}

async function killedScan(number: number, afterMs: number): Promise<NodeJS.Signals | null> {
  const child = startScan(`probe${number}`)
  const end = ended(child)
  await wait(afterMs)
  child.kill('SIGKILL')
  return end
}

function startScan(probe: string) {
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    PROBE_LOCATION: 'poulailler',
    PROBE_ID: probe,
    PROBE_INTERFACES: 'lo',
    PROBE_SPOOL: join(folder, 'spool'),
    PROBE_CLOCK: 'trusted',
  }
  return spawn(process.execPath, [PROBE, 'scan'], { env, cwd: folder, stdio: 'ignore' })
}

function ended(child: ReturnType<typeof startScan>): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', (_code, signal) => resolve(signal))
  })
}

/** Every file of the spool but those with a dot name, as rclone is told. */
async function shippable(): Promise<string[]> {
  const spool = join(folder, 'spool')
  const entries = await readdir(spool, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name).slice(spool.length + 1))
}
