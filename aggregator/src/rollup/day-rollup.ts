/**
 * All that is known of one location on one civil day (design, section 4): which minutes were looked at,
 * and for each device the minutes it was seen. Merging is a set union: in any order, twice, by two
 * processes, the result is the same. Nothing is ever taken out.
 */
import { type DayWindow, LIMITS, type Limits, type LineFault } from '@presences/shared'
import { emptyVersions, type FileVersions, mergeVersions } from './file-versions.ts'
import { emptyMinutes, includesAll, type MinuteSet, unite } from './minute-set.ts'

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

export interface DayRollup {
  readonly location: string
  readonly window: DayWindow
  /** By probe id. */
  readonly probes: Map<string, ProbeMinutes>
  /** The minutes each device was seen, by its MAC's 48 bits. */
  readonly devices: Map<number, MinuteSet>
  /** By key. */
  readonly faults: Map<string, ObjectFaults>
  /** Which versions of its minute files were read, by probe id. Rollups of before knew none. */
  readonly versions: Map<string, FileVersions>
  /** The version of the old day file that was read last: it grows through the day. */
  dayFile: DayFileVersion | undefined
}

export interface DayFileVersion {
  readonly etag: string
  readonly sizeBytes: number
}

/** A rollup that knows nothing yet. */
export function emptyRollup(location: string, window: DayWindow): DayRollup {
  return {
    location,
    window,
    probes: new Map(),
    devices: new Map(),
    faults: new Map(),
    versions: new Map(),
    dayFile: undefined,
  }
}

/** True when nothing at all is known of the day: neither what was seen nor what was looked at. */
export function isUnknown({ probes, devices }: DayRollup): boolean {
  // An old day file in which nobody is says nothing: it may not have been written to.
  return probes.size === 0 && devices.size === 0
}

/**
 * Adds all that `from` knows to `into`, both of the same location and day; but no more devices than a rollup has room
 * for: whoever is there already stays.
 */
export function mergeRollup(into: DayRollup, from: DayRollup, limits: Limits = LIMITS): void {
  for (const [id, minutes] of from.probes) {
    const probe = probeMinutes(into, id)
    unite(probe.looked, minutes.looked)
    unite(probe.partial, minutes.partial)
  }
  for (const [mac, minutes] of from.devices) {
    if (hasRoomFor(into, mac, limits)) unite(deviceMinutes(into, mac), minutes)
  }
  // Which of two versions of an object is the current one can't be told here. Either will do, if it is
  // the same one in any order: a version that is not the listed one is fetched again.
  for (const [key, faults] of from.faults) {
    const known = into.faults.get(key)
    if (!known || faults.etag > known.etag) into.faults.set(key, faults)
  }
  for (const [id, versions] of from.versions) mergeVersions(fileVersions(into, id), versions)
  if (from.dayFile && (!into.dayFile || isLater(from.dayFile, into.dayFile))) {
    into.dayFile = from.dayFile
  }
}

/** True when `whole` knows every minute that `part` knows, as far as it has room for its devices. */
export function includesRollup(
  whole: DayRollup,
  part: DayRollup,
  limits: Limits = LIMITS,
): boolean {
  return (
    [...part.devices].every(
      ([mac, minutes]) =>
        !hasRoomFor(whole, mac, limits) || includesAll(whole.devices.get(mac), minutes),
    ) &&
    [...part.probes].every(([id, minutes]) => {
      const probe = whole.probes.get(id)
      return (
        includesAll(probe?.looked, minutes.looked) && includesAll(probe?.partial, minutes.partial)
      )
    })
  )
}

/** The probe's minutes in the rollup, made when it has none yet. */
export function probeMinutes(rollup: DayRollup, id: string): ProbeMinutes {
  let probe = rollup.probes.get(id)
  if (!probe) {
    const { minutes } = rollup.window
    probe = { looked: emptyMinutes(minutes), partial: emptyMinutes(minutes) }
    rollup.probes.set(id, probe)
  }
  return probe
}

/** The versions of the probe's files in the rollup, made when it has none yet. */
export function fileVersions(rollup: DayRollup, id: string): FileVersions {
  let versions = rollup.versions.get(id)
  if (!versions) {
    versions = emptyVersions(rollup.window.minutes)
    rollup.versions.set(id, versions)
  }
  return versions
}

/** An old day file only grows: the longer version is the later one. */
function isLater(version: DayFileVersion, than: DayFileVersion): boolean {
  const longer = version.sizeBytes - than.sizeBytes
  return longer > 0 || (longer === 0 && version.etag > than.etag)
}

/** True when the device is in the rollup, or may get into it. */
export function hasRoomFor({ devices }: DayRollup, mac: number, limits: Limits): boolean {
  return devices.has(mac) || devices.size < limits.roomDayDevices
}

/** The device's minutes in the rollup, made when it has none yet. */
export function deviceMinutes(rollup: DayRollup, mac: number): MinuteSet {
  let minutes = rollup.devices.get(mac)
  if (!minutes) {
    minutes = emptyMinutes(rollup.window.minutes)
    rollup.devices.set(mac, minutes)
  }
  return minutes
}
