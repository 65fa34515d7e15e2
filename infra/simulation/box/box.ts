/**
 * A room's box: the real story of a minute (`recordMinute`) over a scanner that is the world and the real
 * spool on a simulated disk; and what goes wrong with a box: power, cable, disk, clock, scans that are killed.
 */
import { type RecordDeps, recordMinute } from '@presences/probe/record/record-minute.ts'
import { folderSpool, type SpoolFs } from '@presences/probe/spool/folder-spool.ts'
import type { Mac } from '@presences/shared'
import { millisecondsInDay } from 'date-fns/constants'
import type { Random } from '../../random.ts'
import type { Bucket } from '../bucket/bucket.ts'
import type { Faults } from '../faults/faults.ts'
import { localTime, TIME_ZONE } from '../runtime/civil-time.ts'
import type { Failure } from '../runtime/failure.ts'
import type { Plan } from '../world/habits.ts'
import type { World } from '../world/world.ts'
import { createBoxClock } from './box-clock.ts'
import { isClaimed } from './claims.ts'
import { createDisk, newFolder } from './disk.ts'
import { type BoxFs, openDisk } from './disk-files.ts'
import { createMinuteBook, type Scan } from './minute-book.ts'
import { createNetworks } from './networks.ts'
import { drawFate, drawShipFate } from './scan-fate.ts'
import { SLOT_MS, scansOf } from './scan-times.ts'
import { createScanWatch } from './scan-watch.ts'
import { createShipping, SPOOL } from './ship-spool.ts'

export interface Box {
  /** All scans until an instant, on a day of the plan. */
  scan(plan: Plan, until: number): Promise<void>
  /** One more run of rclone; gives the days of what was moved since the last one. */
  ship(now: number): Promise<string[]>
  /** From now on things fail, or nothing does. */
  setFaults(faults: Faults): void
  /** What the box itself got wrong, at the end. */
  failures(): Failure[]
}

export interface BoxDeps {
  readonly location: string
  readonly probe: string
  /** Scans before this instant are another box's. */
  readonly from: number
  readonly world: World
  readonly bucket: Bucket
  readonly faults: Faults
  readonly random: Random
  readonly note: (line: string) => void
}

/** A scan, and the name under which its spool claims the minute. */
interface Begun {
  readonly scan: Scan
  readonly writer: string
}

const MS_PER_MINUTE = 60_000
/** rclone leaves younger files alone. */
const RIPENING_MS = 6000

export function createBox(deps: BoxDeps): Box {
  const { location, probe, from, bucket, random } = deps
  const note = (line: string) => deps.note(`${location}/${probe} ${line}`)
  const diskChance = random.fork('disk')
  const clockChance = random.fork('clock')
  // The unit comes after time-sync.target, which means something only where a service waits for the clock.
  const waitsForTime = clockChance.chance(0.7)
  let now = from
  const clock = createBoxClock({ at: from, faults: deps.faults }, clockChance, note)
  const networks = createNetworks(deps.faults, random.fork('networks'), note)
  const disk = createDisk(() => clock.shown(now))
  const book = createMinuteBook(deps)
  const watch = createScanWatch()
  const moved = new Set<string>()
  const shipping = createShipping({
    book,
    bucket,
    random: random.fork('rclone'),
    note,
    onMoved: (day) => void moved.add(day),
  })
  let { faults } = deps
  let slotStart = from
  let scans = 0
  let offUntil = 0
  let cutOffUntil = 0
  for (const path of ['/var', '/var/spool', SPOOL]) {
    disk.name(path, newFolder(now))
    disk.sync(disk.at(path.slice(0, path.lastIndexOf('/'))))
  }

  return { scan, ship, setFaults, failures }

  async function scan(plan: Plan, until: number): Promise<void> {
    const here = plan.get(location)
    for (; slotStart < until; slotStart += SLOT_MS) {
      beginTroubles(slotStart)
      const slot = Math.floor(localTime(slotStart).clock / 10)
      for (const instant of scansOf(slotStart, slot, random)) {
        now = instant
        if (now < offUntil || !isStarted()) continue
        const answering = () =>
          (here?.get(slot) ?? [])
            .filter(({ answers }) => random.chance(answers))
            .map(({ mac }) => mac as Mac)
        await scanOnce(answering)
        // Each minute in life; here often enough to come between two scans of one minute.
        const share = now < cutOffUntil ? 0.02 : 0.06
        if (diskChance.chance(share)) await runShipping(now + RIPENING_MS)
      }
    }
  }

  function isStarted(): boolean {
    return !waitsForTime || clock.hasBeenSet(now)
  }

  /** One scan, now and then another one or a run of shipping beside it; and one more when the lights were out for less than a minute. */
  async function scanOnce(answering: () => Mac[]): Promise<void> {
    const fate = drawFate(faults, diskChance)
    disk.room = fate.room
    const { fs, ended } = openDisk(disk, () => clock.shown(now), fate, diskChance)
    const begun: Begun[] = []
    const scan = () => record(answering(), fs, begun)
    const company = () => (diskChance.chance(0.5) ? scan() : shipFrom(fs))
    const recorded = Promise.all([scan(), ...(fate.hasCompany ? [company()] : [])])
    if ((await Promise.race([ended, recorded])) === 'ended') note(`scan of ${iso(now)} cut off`)
    if (disk.isReadOnly && fate.failsAt > 0) note(`disk failed at ${iso(now)}`)
    disk.room = Number.POSITIVE_INFINITY
    if (fate.hasPowerCut)
      losePower(diskChance.pick([30_000, 30_000, 20 * MS_PER_MINUTE, 600 * MS_PER_MINUTE]))
    for (const { scan, writer } of begun)
      if (isClaimed(disk, SPOOL, scan.path, writer)) book.claimed(scan)
    if (!fate.hasPowerCut) return
    const isSameMinute = Math.floor(now / MS_PER_MINUTE) === Math.floor(offUntil / MS_PER_MINUTE)
    if (!isSameMinute) return
    now = offUntil
    if (isStarted()) await scanOnce(answering)
  }

  /** The probe's scan, and what it saw in the book: nothing while it is blind, or nobody knows the time. */
  async function record(macs: Mac[], fs: SpoolFs, begun: Begun[]): Promise<void> {
    scans += 1
    const writer = `scan${scans}`
    const looks = networks.look(now, macs)
    const shown = clock.shown(now)
    const deps: RecordDeps = {
      location,
      probe,
      timeZone: TIME_ZONE,
      version: 'simulated',
      scanners: [{ name: 'world', look: async () => looks }],
      spool: folderSpool({ folder: SPOOL, writer, fs }),
      clock: clock.checked(() => now),
      freeBytes: async () => undefined,
      elapsedMs: () => 0,
    }
    const seen = {
      macs: looks.flatMap((look) => look.macs),
      isPartial: looks.some((look) => look.failure),
    }
    // One that broke off has seen something, or may have looked at nothing.
    const hasLooked = seen.macs.length > 0 || looks.some((look) => !look.failure)
    const isLooking = hasLooked && clock.isKnown(now)
    const scan = isLooking ? book.begin(shown, seen) : undefined
    if (scan) begun.push({ scan, writer: `${writer}-1` })
    const made = await recordMinute(new Date(shown), deps).catch((error: Error) => error)
    watch.ended(now, made, isLooking)
    if (scan && !(made instanceof Error) && made.outcome === 'written') book.written(scan)
  }

  function beginTroubles(at: number): void {
    now = at
    clock.drift(at)
    networks.drift(at)
    if (random.chance(faults['box-off'] * 0.0008)) {
      const days = random.chance(0.1) ? random.between(5, 20) : random.next()
      losePower(days * millisecondsInDay)
    }
    if (disk.isReadOnly && diskChance.chance(0.02)) losePower(MS_PER_MINUTE)
    if (random.chance(faults['late-files'] * 0.001)) {
      cutOffUntil = at + random.next() * 9 * millisecondsInDay
      note(`offline until ${iso(cutOffUntil)}`)
    }
  }

  function losePower(forMs: number): void {
    offUntil = Math.max(offUntil, now + forMs)
    disk.powerCut(diskChance)
    note(`off from ${iso(now)} until ${iso(offUntil)}`)
    clock.wake(offUntil)
  }

  async function ship(at: number): Promise<string[]> {
    await runShipping(at)
    const days = [...moved]
    moved.clear()
    return days
  }

  async function runShipping(at: number): Promise<void> {
    now = at
    if (at < offUntil) return
    const isOffline = at < cutOffUntil
    const fate = drawShipFate(faults, { isOffline, hasPacks: hasPacks() }, diskChance)
    disk.room = fate.room
    const { fs, ended } = openDisk(disk, () => clock.shown(now), fate, diskChance)
    const run = shipFrom(fs)
    if ((await Promise.race([ended, run])) === 'ended') note(`shipping of ${iso(at)} cut off`)
    disk.room = Number.POSITIVE_INFINITY
    if (fate.hasPowerCut) losePower(MS_PER_MINUTE)
  }

  async function shipFrom(fs: BoxFs): Promise<void> {
    const shown = clock.shown(now)
    const line = { isOffline: now < cutOffUntil, skewMs: shown - now }
    const run = await shipping.run(shown, line, fs, faults).catch((error: Error) => error)
    watch.shipped(now, run)
    if (!(run instanceof Error) && run.packed > 0)
      note(`packs ${run.packed} minutes at ${iso(now)}`)
  }

  function hasPacks(): boolean {
    const spool = disk.at(SPOOL)
    return (
      spool.kind === 'folder' && [...spool.entries.keys()].some((name) => /^\.packed/.test(name))
    )
  }

  function failures(): Failure[] {
    const unseen = watch.failures().map((each) => ({ ...each, member: `${location}/${probe}` }))
    return [...book.failures(), ...unseen]
  }

  function setFaults(next: Faults): void {
    faults = next
    offUntil = 0
    cutOffUntil = 0
    if (disk.isReadOnly) losePower(0)
    clock.setFaults(next)
    networks.setFaults(next)
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
