/**
 * The room of the demo: the real probe looks at it, minute by minute of a day that is over. Only two
 * things are not real: the clock, and the program `arp-scan`, which answers with recorded lines.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RIGHT_CLOCK } from '@presences/probe/clock/clock.ts'
import { recordMinute } from '@presences/probe/record/record-minute.ts'
import { loadProbeConfig, recordDeps } from '@presences/probe/wiring.ts'
import { dayWindow, instantOf, type LocalDay, parseMac } from '@presences/shared'
import { devicesAt, LOOKING, minutesOf } from './lan-day.ts'

const RECORDED = new URL('recorded-lan.txt', import.meta.url)
const FAKE_ARP_SCAN = new URL('fake-arp-scan', import.meta.url)

/** Where things are: `bin` comes first on the probe's PATH. */
export interface RoomFolders {
  readonly bin: string
  readonly spool: string
}

/** Writes one minute file for each minute of the day, through the probe's own code; returns how many. */
export async function liveOneDay(
  day: LocalDay,
  timeZone: string,
  folders: RoomFolders,
): Promise<number> {
  await copyFile(FAKE_ARP_SCAN, join(folders.bin, 'arp-scan'))
  const recorded = (await readFile(RECORDED, 'utf8')).split('\n')
  const deps = await probe(timeZone, folders)
  const { start } = dayWindow(day, timeZone)
  const minutes = minutesOf(LOOKING)
  for (const minute of minutes) {
    const there = new Set(devicesAt(minute))
    const answer = recorded.filter((line) => there.has(parseMac(line.split('\t')[1] ?? '') ?? ''))
    await writeFile(join(folders.bin, 'answer'), answer.map((line) => `${line}\n`).join(''))
    const record = await recordMinute(instantOf(start + minute), deps)
    if (record.outcome !== 'written')
      throw new Error(`Minute ${minute} was not written: ${record.problems}`)
  }
  return minutes.length
}

async function probe(timeZone: string, { bin, spool }: RoomFolders) {
  const machine = {
    env: {
      PATH: `${bin}:${process.env.PATH}`,
      PROBE_LOCATION: 'poulailler',
      PROBE_INTERFACES: 'lo',
      PROBE_SPOOL: spool,
      TIMEZONE: timeZone,
    },
    hostName: 'demo-box',
    processName: 'demo',
    version: 'demo',
    elapsedMs: () => performance.now(),
    now: () => new Date(),
    uptimeMs: () => performance.now(),
    readText: () => undefined,
  }
  // A day of the past, minute after minute: this machine's clock has no part in it.
  return { ...(await recordDeps(loadProbeConfig(machine), machine)), clock: RIGHT_CLOCK }
}
