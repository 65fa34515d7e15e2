/**
 * A room's box: the real story of a minute (`recordMinute`) over a scanner that is the world, a spool in memory,
 * and what rclone does with it: whole files, some late, some twice, some cut short by a bad copy first.
 */

import { RIGHT_CLOCK } from '@presences/probe/clock/clock.ts'
import { type RecordDeps, recordMinute } from '@presences/probe/record-minute.ts'
import type { Mac } from '@presences/shared'
import type { Bucket } from './bucket.ts'
import { dayAfter, instantAt, localTime, TIME_ZONE } from './civil-time.ts'
import type { Faults } from './faults.ts'
import type { Plan } from './habits.ts'
import type { Random } from './random.ts'
import { noteLooked, noteSeen, type World } from './world.ts'

export interface Box {
  readonly location: string
  /** All scans of a day. */
  scanDay(day: string, plan: Plan): Promise<void>
  /** One run of rclone; gives the days of what it moved. */
  ship(now: number): string[]
  /** From now on things fail, or nothing does. */
  setFaults(faults: Faults): void
}

export interface BoxDeps {
  readonly location: string
  readonly probe: string
  readonly world: World
  readonly bucket: Bucket
  readonly faults: Faults
  readonly random: Random
  readonly note: (line: string) => void
}

const MS_PER_MINUTE = 60_000
const SLOT_MS = 10 * MS_PER_MINUTE
const MS_PER_DAY = 144 * SLOT_MS

export function createBox(deps: BoxDeps): Box {
  const { location, probe, world, bucket, random, note } = deps
  let { faults } = deps
  const spool = new Map<string, string>()
  const recorded = new Set<string>()
  const shipped: (readonly [string, string])[] = []
  let offUntil = 0
  let unpluggedUntil = 0
  let cutOffUntil = 0
  let isDiskFull = false
  let answering: Mac[] = []

  const record: RecordDeps = {
    location,
    probe,
    timeZone: TIME_ZONE,
    version: 'simulated',
    scanners: [{ name: 'world', look: async () => [look()] }],
    spool: { add },
    clock: RIGHT_CLOCK,
    freeBytes: async () => undefined,
    elapsedMs: () => 0,
  }
  let now = 0

  return { location, scanDay, ship, setFaults }

  async function scanDay(day: string, plan: Plan): Promise<void> {
    const here = plan.get(location)
    const end = instantAt(dayAfter(day), 0)
    for (let start = instantAt(day, 0); start < end; start += SLOT_MS) {
      beginTroubles(start)
      const { clock } = localTime(start)
      const slot = clock / 10
      const devices = here?.get(slot) ?? []
      const isOpenOrNear = slot >= 44 && slot < 136
      const scans = isOpenOrNear ? random.between(1, 2) : random.chance(0.1) ? 1 : 0
      for (let scan = 0; scan < scans; scan += 1) {
        now = start + random.between(0, 9) * MS_PER_MINUTE + random.between(0, 5000)
        if (now < offUntil) continue
        const seen = devices.filter(({ answers }) => random.chance(answers))
        answering = seen.map(({ mac }) => mac as Mac)
        isDiskFull = random.chance(faults['disk-full'] * 0.02)
        // A scan that fails is for the log of the box; the next minute is another one.
        const made = await recordMinute(new Date(now), record).catch(() => undefined)
        if (made?.outcome !== 'written') continue
        noteLooked(world, { day, location, probe, minute: Math.floor(now / MS_PER_MINUTE) })
        for (const { mac } of seen) noteSeen(world, day, mac, location, slot)
      }
    }
  }

  function look() {
    const network = { network: 'eth0', unreadable: [] }
    if (now >= unpluggedUntil) return { ...network, macs: answering }
    return { ...network, macs: [], failure: { reason: 'no carrier', advice: 'plug it in' } }
  }

  async function add(path: string, text: string) {
    if (isDiskFull) throw new Error('ENOSPC')
    if (recorded.has(path)) return { path, outcome: 'already-there' as const }
    recorded.add(path)
    spool.set(path, text)
    return { path, outcome: 'written' as const }
  }

  function beginTroubles(at: number): void {
    if (random.chance(faults['box-off'] * 0.0008)) {
      const days = random.chance(0.1) ? random.between(5, 20) : random.next()
      offUntil = at + days * MS_PER_DAY
      note(`${location}/${probe} off until ${new Date(offUntil).toISOString()}`)
    }
    if (random.chance(faults['cable-out'] * 0.001)) {
      unpluggedUntil = at + random.next() * 0.3 * MS_PER_DAY
    }
    if (random.chance(faults['late-files'] * 0.001)) {
      cutOffUntil = at + random.next() * 9 * MS_PER_DAY
      note(`${location}/${probe} cut off until ${new Date(cutOffUntil).toISOString()}`)
    }
  }

  function ship(at: number): string[] {
    if (at < offUntil || at < cutOffUntil) return []
    const days: string[] = []
    for (const [path, text] of random.shuffle([...spool])) {
      if (random.chance(faults['late-files'] * 0.05)) continue
      const key = `presences/${path}`
      days.push(path.split('/')[1] as string)
      if (random.chance(faults['cut-copies'] * 0.1)) {
        bucket.put(key, Buffer.from(cutShort(text)))
        note(`cut copy ${key}`)
        continue
      }
      bucket.put(key, Buffer.from(text))
      spool.delete(path)
      if (faults['files-twice'] > 0 && random.chance(0.05)) shipped.push([key, text])
    }
    if (random.chance(faults['files-twice'] * 0.3)) {
      for (const [key, text] of shipped.splice(0)) bucket.put(key, Buffer.from(text))
    }
    return days
  }

  /** Anywhere, or between two lines, where it looks whole. */
  function cutShort(text: string): string {
    const lines = text.split('\n').length
    if (random.chance(0.5) || lines < 3) return text.slice(0, random.between(0, text.length - 1))
    const kept = random.between(1, lines - 2)
    return `${text.split('\n').slice(0, kept).join('\n')}\n`
  }

  function setFaults(next: Faults): void {
    faults = next
    offUntil = 0
    unpluggedUntil = 0
    cutOffUntil = 0
  }
}
