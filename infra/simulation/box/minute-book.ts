/**
 * What a box truly saw, minute by minute, and what became of it, told from the disk and never from the code
 * under trial: a minute counts once its file was reported as written, or, though the scan was cut off, is claimed or was
 * found whole on the disk. From then on that one content must reach the bucket, and never another.
 */

import { localStamp, localTime } from '../runtime/civil-time.ts'
import type { Failure } from '../runtime/failure.ts'
import { noteMinute, noteSeen, type World } from '../world/world.ts'

/** One scan, with what it saw at the time that the box's clock showed. */
export interface Scan {
  /** Where its file belongs in the spool. */
  readonly path: string
  readonly shown: number
  /** Sorted, each once. */
  readonly macs: readonly string[]
  /** A network could not be looked at, or not to the end. */
  readonly isPartial: boolean
}

export type Seen = Pick<Scan, 'macs' | 'isPartial'>

export interface MinuteBook {
  /** Before the scan records: from here on its file may turn up. */
  begin(shown: number, seen: Seen): Scan
  /** The scan was reported as written. */
  written(scan: Scan): void
  /** The scan was cut off, and its minute is safe by what the spool promises. */
  claimed(scan: Scan): void
  /** A file of this name and content stands in the spool. */
  found(path: string, bytes: Buffer): void
  /** All that was wrong, at the end. */
  failures(): Failure[]
}

export interface MinuteBookDeps {
  readonly world: World
  readonly location: string
  readonly probe: string
}

const MS_PER_MINUTE = 60_000

export function createMinuteBook({ world, location, probe }: MinuteBookDeps): MinuteBook {
  const begun = new Map<string, Scan[]>()
  const kept = new Map<string, Scan>()
  const contents = new Map<string, Buffer>()
  const wrong: Failure[] = []
  return { begin, written, claimed, found, failures }

  function begin(shown: number, seen: Seen): Scan {
    const { day } = localTime(shown)
    const stamp = new Date(shown).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')
    const path = `${location}/${day}/${stamp}Z-${probe}.tsv`
    const scan = { ...seen, path, shown, macs: [...new Set(seen.macs)].sort() }
    const others = begun.get(path)
    if (others) others.push(scan)
    else begun.set(path, [scan])
    return scan
  }

  function written(scan: Scan): void {
    if (kept.has(scan.path)) fail(scan.path, 'was written a second time')
    else keep(scan)
  }

  function claimed(scan: Scan): void {
    if (!kept.has(scan.path)) keep(scan)
  }

  function found(path: string, bytes: Buffer): void {
    const first = contents.get(path)
    if (first) {
      if (!first.equals(bytes)) fail(path, 'has changed')
      return
    }
    contents.set(path, bytes)
    const known = kept.get(path)
    const scans = known ? [known] : (begun.get(path) ?? [])
    const scan = scans.find((each) => isFileOf(each, bytes))
    if (!scan) fail(path, `is not what was seen: ${JSON.stringify(bytes.toString('utf8'))}`)
    else if (!known) keep(scan)
  }

  function keep(scan: Scan): void {
    kept.set(scan.path, scan)
    const { day, clock } = localTime(scan.shown)
    const minute = Math.floor(scan.shown / MS_PER_MINUTE)
    const slot = Math.floor(clock / 10)
    noteMinute(world.looked, { day, location, name: probe, minute })
    if (scan.isPartial) noteMinute(world.partial, { day, location, name: probe, minute })
    for (const mac of scan.macs) noteSeen(world, { day, location, mac, slot, minute })
  }

  function failures(): Failure[] {
    for (const path of kept.keys()) {
      if (!contents.has(path)) fail(path, 'was written, and is lost')
    }
    return wrong
  }

  function fail(path: string, what: string): void {
    wrong.push({
      day: path.split('/')[1] ?? '',
      member: `${location}/${probe}`,
      what: `${path} ${what}`,
    })
  }
}

/** One `#` line with the right number, then exactly the lines of what was seen, and nothing missing at the end. */
function isFileOf({ shown, macs, isPartial }: Scan, bytes: Buffer): boolean {
  const text = bytes.toString('utf8')
  const time = localStamp(shown)
  const lines = macs.map((mac) => `${time}\t${mac}\n`).join('')
  const header = text.slice(0, text.indexOf('\n') + 1)
  const isHeader = header.startsWith(`# devices=${macs.length} `)
  return text === header + lines && isHeader && header.includes(' partial=') === isPartial
}
