/** How a minute file or an old day file gets into the rollup of its day, and what is noted where it can't be read. */
import {
  type EpochMinute,
  epochMinuteOf,
  isCut,
  LIMITS,
  type Limits,
  type LineFault,
  type MinuteFileName,
  PARTIAL_KEY,
  readSightings,
} from '@presences/shared'
import {
  type DayRollup,
  deviceMinutes,
  fileVersions,
  hasRoomFor,
  type ObjectFaults,
  probeMinutes,
} from './day-rollup.ts'
import { isChanged, noteVersion } from './file-versions.ts'
import { addMinute, hasMinute } from './minute-set.ts'

/** A raw object that was read whole: its key, version and content. */
export interface RawObject {
  readonly key: string
  readonly etag: string
  readonly bytes: Uint8Array
  /** When it was written, by the store's clock: it can't know of a later minute. Absent where nobody can tell. */
  readonly modified?: Date
}

/** The store's clock and a probe's may differ by so many minutes. */
const CLOCK_TOLERANCE = 2

/** The last minute that an object written at this time can know of. */
export function lastMinuteIn(modified: Date | undefined): EpochMinute {
  return modified ? epochMinuteOf(modified) + CLOCK_TOLERANCE : Number.POSITIVE_INFINITY
}

const LINE_FEED = 10
/** Of the line of a device: `2026-11-22T07:12:04Z AABBCCDDEEFF` and a line feed. */
const SHORTEST_LINE = 34
/** Faults kept for one object: enough to see what is wrong, not the whole of a garbage file. */
const FAULTS_KEPT = 20

/** True when the rollup holds this version of a minute file, so that it need not be fetched. */
export function holdsMinuteFile(
  rollup: DayRollup,
  name: MinuteFileName,
  key: string,
  etag: string,
): boolean {
  const faults = rollup.faults.get(key)
  if (faults !== undefined) return faults.etag === etag
  const minute = name.minute - rollup.window.start
  return (
    hasMinute(rollup.probes.get(name.probe)?.looked, minute) &&
    !isChanged(rollup.versions.get(name.probe), minute, etag)
  )
}

/**
 * Adds a minute file. Sightings count for the minute their own line says; lines of another day are
 * faults. A file that was cut short adds what it has, but its minute does not count as looked at. One of more
 * devices than a minute can have adds nothing.
 */
export function mergeMinuteFile(
  rollup: DayRollup,
  name: MinuteFileName,
  object: RawObject,
  limits: Limits = LIMITS,
): void {
  const most = limits.minuteFileDevices
  if (hasMoreLines(object.bytes, most + 1)) {
    const reason = `more than ${most} devices in one minute; the file counts for nothing`
    noteFaults(rollup, object, {
      cut: false,
      read: 0,
      count: 1,
      first: [{ line: most + 2, reason }],
    })
    return
  }
  const { meta, sightings, beyond, faults } = mergeLines(rollup, object, limits)
  // A file is written whole, and ends with a line feed.
  const isEmpty = object.bytes.length === 0
  const cut = isCut(meta, sightings + beyond) || (!isEmpty && object.bytes.at(-1) !== LINE_FEED)
  noteFaults(rollup, object, { cut, read: sightings, ...faults })
  // An empty file says that nobody was there; or it is being copied. It is read again when it changes.
  if (isEmpty) rollup.faults.set(object.key, { etag: object.etag, cut, read: 0, ...faults })
  if (cut) return
  const minute = name.minute - rollup.window.start
  const probe = probeMinutes(rollup, name.probe)
  addMinute(probe.looked, minute)
  noteVersion(fileVersions(rollup, name.probe), minute, object.etag)
  if (meta.has(PARTIAL_KEY)) addMinute(probe.partial, minute)
}

/** Adds an old day file. It tells nothing of the minutes when nobody was there. */
export function mergeDayFile(rollup: DayRollup, object: RawObject, limits: Limits = LIMITS): void {
  const { sightings, faults } = mergeLines(rollup, object, limits)
  noteFaults(rollup, object, { cut: false, read: sightings, ...faults })
  rollup.dayFile = { etag: object.etag, sizeBytes: object.bytes.length }
}

/** `beyond`: lines, among the faults, of devices for which there is no room any more. */
function mergeLines(rollup: DayRollup, { bytes, modified }: RawObject, limits: Limits) {
  const { day, start, minutes } = rollup.window
  const lastMinute = lastMinuteIn(modified)
  const faults = { count: 0, first: [] as LineFault[] }
  let beyond = 0
  const read = readSightings(
    bytes,
    (mac, minute) => {
      const elapsed = minute - start
      if (elapsed < 0 || elapsed >= minutes) return `the time is not on ${day}`
      if (minute > lastMinute) return 'the time is after the file was written'
      if (!hasRoomFor(rollup, mac, limits)) {
        beyond += 1
        return `the room has ${limits.roomDayDevices} other devices on this day, and no more are kept`
      }
      addMinute(deviceMinutes(rollup, mac), elapsed)
      return undefined
    },
    (fault) => {
      faults.count += 1
      if (faults.first.length < FAULTS_KEPT) faults.first.push(fault)
    },
  )
  return { ...read, beyond, faults }
}

/** Most files are too short to have so many. */
function hasMoreLines(bytes: Uint8Array, most: number): boolean {
  if (bytes.length <= most * SHORTEST_LINE) return false
  let lines = 0
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
    lines += 1
    if (lines > most) return true
  }
  return false
}

function noteFaults(
  rollup: DayRollup,
  { key, etag }: RawObject,
  faults: Omit<ObjectFaults, 'etag'>,
): void {
  if (faults.cut || faults.count > 0) rollup.faults.set(key, { etag, ...faults })
  else rollup.faults.delete(key)
}
