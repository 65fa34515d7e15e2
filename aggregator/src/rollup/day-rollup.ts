/**
 * All that is known of one location on one civil day (design, section 4): which minutes were looked at,
 * and for each device the minutes it was seen. Merging is a set union: in any order, twice, by two
 * processes, the result is the same. Nothing is ever taken out.
 */
import {
  type DayWindow,
  isCut,
  type LineFault,
  type MinuteFileName,
  PARTIAL_KEY,
  readSightings,
} from '@presences/shared'
import {
  addMinute,
  emptyMinutes,
  hasMinute,
  includesAll,
  type MinuteSet,
  unite,
} from './minute-set.ts'

/** What one probe did: the minutes it looked at, and those in which a part of its scan failed. */
export interface ProbeMinutes {
  readonly looked: MinuteSet
  readonly partial: MinuteSet
}

/** What was wrong with one raw object, in the version `etag`. `cut`: it has fewer lines than it says. */
export interface ObjectFaults {
  readonly etag: string
  readonly cut: boolean
  /** Lines that could be read. */
  readonly read: number
  /** The number of faults; `first` holds the first few of them. */
  readonly count: number
  readonly first: readonly LineFault[]
}

/** A raw object that was read whole: its key, version and content. */
export interface RawObject {
  readonly key: string
  readonly etag: string
  readonly bytes: Uint8Array
}

export interface DayRollup {
  readonly location: string
  readonly window: DayWindow
  /** By probe id. */
  readonly probes: Map<string, ProbeMinutes>
  /** The minutes each device was seen, by its MAC's 48 bits. */
  readonly devices: Map<number, MinuteSet>
  /** By key. */
  readonly faults: Map<string, ObjectFaults>
  /** The version of the old day file that was read last: it grows through the day. */
  dayFile: DayFileVersion | undefined
}

export interface DayFileVersion {
  readonly etag: string
  readonly sizeBytes: number
}

const LINE_FEED = 10
/** Faults kept for one object: enough to see what is wrong, not the whole of a garbage file. */
const FAULTS_KEPT = 20

/** A rollup that knows nothing yet. */
export function emptyRollup(location: string, window: DayWindow): DayRollup {
  return {
    location,
    window,
    probes: new Map(),
    devices: new Map(),
    faults: new Map(),
    dayFile: undefined,
  }
}

/** True when nothing at all is known of the day: neither what was seen nor what was looked at. */
export function isUnknown({ probes, devices }: DayRollup): boolean {
  // An old day file in which nobody is says nothing: it may not have been written to.
  return probes.size === 0 && devices.size === 0
}

/** True when the rollup holds this version of a minute file, so that it need not be fetched. */
export function holdsMinuteFile(
  rollup: DayRollup,
  name: MinuteFileName,
  key: string,
  etag: string,
): boolean {
  const faults = rollup.faults.get(key)
  if (faults !== undefined) return faults.etag === etag
  return hasMinute(rollup.probes.get(name.probe)?.looked, name.minute - rollup.window.start)
}

/**
 * Adds a minute file. Sightings count for the minute their own line says; lines of another day are
 * faults. A file that was cut short adds what it has, but its minute does not count as looked at.
 */
export function mergeMinuteFile(rollup: DayRollup, name: MinuteFileName, object: RawObject): void {
  const { meta, sightings, faults } = mergeLines(rollup, object.bytes)
  // A file is written whole, and ends with a line feed.
  const isEmpty = object.bytes.length === 0
  const cut = isCut(meta, sightings) || (!isEmpty && object.bytes.at(-1) !== LINE_FEED)
  noteFaults(rollup, object, { cut, read: sightings, ...faults })
  // An empty file says that nobody was there; or it is being copied. It is read again when it changes.
  if (isEmpty) rollup.faults.set(object.key, { etag: object.etag, cut, read: 0, ...faults })
  if (cut) return
  const minute = name.minute - rollup.window.start
  const probe = probeMinutes(rollup, name.probe)
  addMinute(probe.looked, minute)
  if (meta.has(PARTIAL_KEY)) addMinute(probe.partial, minute)
}

/** Adds an old day file. It tells nothing of the minutes when nobody was there. */
export function mergeDayFile(rollup: DayRollup, object: RawObject): void {
  const { sightings, faults } = mergeLines(rollup, object.bytes)
  noteFaults(rollup, object, { cut: false, read: sightings, ...faults })
  rollup.dayFile = { etag: object.etag, sizeBytes: object.bytes.length }
}

/** Adds all that `from` knows to `into`: both of the same location and day. */
export function mergeRollup(into: DayRollup, from: DayRollup): void {
  for (const [id, minutes] of from.probes) {
    const probe = probeMinutes(into, id)
    unite(probe.looked, minutes.looked)
    unite(probe.partial, minutes.partial)
  }
  for (const [mac, minutes] of from.devices) unite(deviceMinutes(into, mac), minutes)
  // Which of two versions of an object is the current one can't be told here. Either will do, if it is
  // the same one in any order: a version that is not the listed one is fetched again.
  for (const [key, faults] of from.faults) {
    const known = into.faults.get(key)
    if (!known || faults.etag > known.etag) into.faults.set(key, faults)
  }
  if (from.dayFile && (!into.dayFile || isLater(from.dayFile, into.dayFile))) {
    into.dayFile = from.dayFile
  }
}

/** True when `whole` knows every minute that `part` knows. */
export function includesRollup(whole: DayRollup, part: DayRollup): boolean {
  return (
    [...part.devices].every(([mac, minutes]) => includesAll(whole.devices.get(mac), minutes)) &&
    [...part.probes].every(([id, minutes]) => {
      const probe = whole.probes.get(id)
      return (
        includesAll(probe?.looked, minutes.looked) && includesAll(probe?.partial, minutes.partial)
      )
    })
  )
}

/** The probe's minutes in the rollup, made when it has none yet. */
function probeMinutes(rollup: DayRollup, id: string): ProbeMinutes {
  let probe = rollup.probes.get(id)
  if (!probe) {
    const { minutes } = rollup.window
    probe = { looked: emptyMinutes(minutes), partial: emptyMinutes(minutes) }
    rollup.probes.set(id, probe)
  }
  return probe
}

/** An old day file only grows: the longer version is the later one. */
function isLater(version: DayFileVersion, than: DayFileVersion): boolean {
  const longer = version.sizeBytes - than.sizeBytes
  return longer > 0 || (longer === 0 && version.etag > than.etag)
}

function deviceMinutes(rollup: DayRollup, mac: number): MinuteSet {
  let minutes = rollup.devices.get(mac)
  if (!minutes) {
    minutes = emptyMinutes(rollup.window.minutes)
    rollup.devices.set(mac, minutes)
  }
  return minutes
}

function mergeLines(rollup: DayRollup, bytes: Uint8Array) {
  const { day, start, minutes } = rollup.window
  const faults = { count: 0, first: [] as LineFault[] }
  const read = readSightings(
    bytes,
    (mac, minute) => {
      const elapsed = minute - start
      if (elapsed < 0 || elapsed >= minutes) return `the time is not on ${day}`
      addMinute(deviceMinutes(rollup, mac), elapsed)
      return undefined
    },
    (fault) => {
      faults.count += 1
      if (faults.first.length < FAULTS_KEPT) faults.first.push(fault)
    },
  )
  return { ...read, faults }
}

function noteFaults(
  rollup: DayRollup,
  { key, etag }: RawObject,
  faults: Omit<ObjectFaults, 'etag'>,
): void {
  if (faults.cut || faults.count > 0) rollup.faults.set(key, { etag, ...faults })
  else rollup.faults.delete(key)
}
