/** How a minute file or an old day file gets into the rollup of its day, and what is noted where it can't be read. */
import {
  isCut,
  type LineFault,
  type MinuteFileName,
  PARTIAL_KEY,
  readSightings,
} from '@presences/shared'
import { type DayRollup, deviceMinutes, type ObjectFaults, probeMinutes } from './day-rollup.ts'
import { addMinute, hasMinute } from './minute-set.ts'

/** A raw object that was read whole: its key, version and content. */
export interface RawObject {
  readonly key: string
  readonly etag: string
  readonly bytes: Uint8Array
}

const LINE_FEED = 10
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
