/**
 * What the store says of each location's probes: names of files for the minutes, the last file of each probe for
 * its version and free space. Nothing is merged, nothing is written.
 */
import {
  addDays,
  dayWindow,
  decodeMinuteFile,
  type EpochMinute,
  epochMinuteOf,
  formatDayKey,
  LIMITS,
  type LocalDay,
  localDayOf,
  oneLine,
  parseLocalDay,
  parseRawKey,
  RAW_PREFIX,
} from '@presences/shared'
import pMap from 'p-map'
import { getUnlessTooLarge } from '../store/get-unless-too-large.ts'
import type { Store } from '../store/store.ts'
import type { LocationSeen, ProbeSeen } from './location-health.ts'

const LOCATIONS_AT_ONCE = 8
/** Of a room: those that were heard last. */
const MOST_PROBES = LIMITS.roomDayProbes

/**
 * What there is of each of `locations`. `recent` gives the probes a location had on the days before today: those
 * not heard today are missed where another one is. Throws StoreError.
 */
export async function readLocations(
  locations: readonly string[],
  store: Store,
  now: Date,
  timeZone: string,
  recent: (location: string) => Promise<readonly ProbeSeen[]>,
): Promise<LocationSeen[]> {
  const today = localDayOf(now, timeZone)
  const present = epochMinuteOf(now)
  return pMap(locations, (location) => readLocation(location, today), {
    concurrency: LOCATIONS_AT_ONCE,
  })

  async function readLocation(location: string, day: LocalDay): Promise<LocationSeen> {
    const ofToday = await readDay(location, day)
    const isHeard = ofToday.last.size > 0
    const { last } = isHeard ? ofToday : await readLastDay(location, day)
    const heard = [...last.values()].sort((a, b) => b.minute - a.minute)
    const probes = await pMap(heard.slice(0, MOST_PROBES), readProbe)
    const before = isHeard ? await recent(location) : []
    const missed = before.filter(({ probe }) => !last.has(probe))
    return {
      location,
      probes: [...probes, ...missed].sort(byMinute).slice(0, MOST_PROBES),
      moreProbes: Math.max(0, heard.length + missed.length - MOST_PROBES),
      minutesToday: ofToday.minutes,
    }
  }

  /** The last day before today that has files. */
  async function readLastDay(location: string, before: LocalDay) {
    const folders = await store.folders(`${RAW_PREFIX}${location}/`)
    const days = folders.map(parseLocalDay).filter((day) => day !== undefined && day <= before)
    const last = days.sort().at(-1)
    return readDay(location, last ?? addDays(before, -1))
  }

  async function readDay(location: string, day: LocalDay) {
    const { start } = dayWindow(day, timeZone)
    const minutes = new Set<EpochMinute>()
    const last = new Map<string | undefined, LastFile>()
    let listed = 0
    for await (const { key, modified } of store.list(formatDayKey(location, day))) {
      listed += 1
      if (listed > LIMITS.roomDayKeys) break
      const name = parseRawKey(key)
      // One from the future is of a clock that was ahead: its probe may be silent since.
      if (name?.kind === 'minute' && name.minute >= start && name.minute <= present) {
        minutes.add(name.minute)
        noteLast({ probe: name.probe, minute: name.minute, key })
      } else if (name?.kind === 'day' && name.day === day) {
        // It is written again each minute: what it says of minutes nobody looked at is nothing.
        noteLast({ probe: undefined, minute: epochMinuteOf(modified), key: undefined })
      }
    }
    return { minutes, last }

    function noteLast(file: LastFile): void {
      const known = last.get(file.probe)
      if (!known || known.minute < file.minute) last.set(file.probe, file)
    }
  }

  async function readProbe({ probe, minute, key }: LastFile): Promise<ProbeSeen> {
    const there =
      key === undefined ? undefined : await getUnlessTooLarge(store, key, LIMITS.minuteFileBytes)
    const seen = { probe, lastMinute: minute }
    if (!there) return seen
    const { meta } = decodeMinuteFile(there.bytes)
    // A probe writes what it likes there, and both are shown to people.
    const version = meta.get('version')
    const freeMb = meta.get('free_mb') ?? ''
    return {
      ...seen,
      ...(version !== undefined && { version: oneLine(version, 40) }),
      // Up to a petabyte; twelve digits could be an address.
      ...(/^\d{1,9}$/.test(freeMb) && { freeMb: Number(freeMb) }),
    }
  }
}

interface LastFile {
  readonly probe: string | undefined
  readonly minute: EpochMinute
  readonly key: string | undefined
}

function byMinute(a: ProbeSeen, b: ProbeSeen): number {
  return b.lastMinute - a.lastMinute
}
