/**
 * Brings one location's day up to date: fetches only the raw objects its rollup does not hold yet, adds
 * them, and writes the rollup back. An object that can't be fetched is told, and fetched again the next time:
 * evidence only grows, so what the others say is true without it. Whoever charges decides whether to wait for it.
 */
import {
  type DayWindow,
  dayWindow,
  formatDayKey,
  LIMITS,
  type Limits,
  LOCATION_PATTERN,
  type LocalDay,
  type MinuteFileName,
  parseRawKey,
  RAW_PREFIX,
} from '@presences/shared'
import { pMapIterable } from 'p-map'
import { type Store, StoreError, TooLargeError } from '../store/store.ts'
import { type Mergeable, writeMerged } from '../store/write-merged.ts'
import { admission, mostBytesOf, tooMany } from './admission.ts'
import { type DayRollup, emptyRollup, includesRollup, mergeRollup } from './day-rollup.ts'
import {
  holdsMinuteFile,
  lastMinuteIn,
  mergeDayFile,
  mergeMinuteFile,
  type RawObject,
} from './raw-object.ts'
import { decodeRollup, encodeRollup, formatRollupKey, ROLLUP_PREFIX } from './rollup-codec.ts'

export interface RefreshDeps {
  readonly store: Store
  readonly timeZone: string
  /** Default: those of everything. */
  readonly limits?: Limits
}

export interface RollupRefreshed {
  readonly rollup: DayRollup
  /** How many raw objects were fetched. */
  readonly fetched: number
  /** What lies in the day's folder and counts for nothing. */
  readonly refused: readonly RawFault[]
  /** What could not be read this time: the rollup may lack what it says. */
  readonly unread: readonly RawFault[]
}

/** What is wrong with a raw object, or with a room's whole day. */
export interface RawFault {
  /** Of the object; of the whole day, that of its folder. */
  readonly key: string
  /** In words, with what to do. */
  readonly reason: string
}

/** All that the raw objects say; or what was stored of them, which saves the listing. */
export type Enough = 'all' | 'stored'

/** An object to fetch; `name` is absent for the old day file. */
interface Missing {
  readonly key: string
  readonly etag: string
  readonly modified: Date
  readonly name?: MinuteFileName
}

/** Raw objects fetched at once for one location and day. */
const FETCHES_AT_ONCE = 32
/** With more objects than these that can't be fetched, it is not the objects: each is tried for minutes. */
const UNREAD_OBJECTS = 16
const NO_MINUTE = 'the name is not that of a minute of this day; it was left out'
const TO_COME =
  'it was written before the minute of its name had begun; it was left out: check the clock of the box, and who has its key'

/** The folders of `presences/` and `rollups/`, each once, in order. */
export interface LocationFolders {
  /** Every location that has, or once had, anything. */
  readonly locations: readonly string[]
  /** Of them, those whose days were read before. */
  readonly rolled: readonly string[]
  /** What is no location's name, and counts for nothing. */
  readonly ignored: readonly string[]
}

/** The locations there are. Throws StoreError. */
export async function listLocations(store: Store): Promise<LocationFolders> {
  const [raw, rolled] = await Promise.all([store.folders(RAW_PREFIX), store.folders(ROLLUP_PREFIX)])
  const names = [...new Set([...raw, ...rolled])].sort()
  return {
    locations: names.filter(isLocation),
    rolled: rolled.filter(isLocation),
    ignored: names.filter((name) => !isLocation(name)),
  }
}

function isLocation(name: string): boolean {
  return LOCATION_PATTERN.test(name)
}

/**
 * The rollup of `location` on `day`, up to date and stored; as it is stored, if there is one and that is `enough`.
 * Throws StoreError or RollupError.
 */
export async function refreshRollup(
  location: string,
  day: LocalDay,
  { store, timeZone, limits = LIMITS }: RefreshDeps,
  enough: Enough = 'all',
): Promise<RollupRefreshed> {
  const window = dayWindow(day, timeZone)
  const stored = await readRollup(location, window, store, timeZone)
  if (stored.etag !== undefined && enough === 'stored') {
    return { rollup: stored.rollup, fetched: 0, refused: [], unread: [] }
  }
  const { rollup } = stored
  const { missing, refused } = await findMissing(rollup, store, limits)
  const unread: RawFault[] = []
  let fetched = 0
  for await (const { key, name, got } of fetchEach(missing, store, limits)) {
    if ('refused' in got) refused.push({ key, reason: got.refused })
    else if ('unread' in got) unread.push({ key, reason: got.unread })
    else {
      fetched += 1
      if (name) mergeMinuteFile(rollup, name, got.object, limits)
      else mergeDayFile(rollup, got.object, limits)
    }
  }
  if (fetched === 0) return { rollup, fetched, refused, unread }
  const key = formatRollupKey(location, day)
  const written = await writeMerged(
    store,
    key,
    { value: rollup, etag: stored.etag },
    mergeable(key, timeZone, limits),
  )
  return { rollup: written.value, fetched, refused, unread }
}

/** The rollup as it is stored, or an empty one; nothing is fetched. Throws StoreError or RollupError. */
export async function readRollup(
  location: string,
  window: DayWindow,
  store: Store,
  timeZone: string,
): Promise<{ rollup: DayRollup; etag: string | undefined }> {
  const key = formatRollupKey(location, window.day)
  const object = await store.get(key)
  if (!object) return { rollup: emptyRollup(location, window), etag: undefined }
  return { rollup: decodeRollup(object.bytes, key, timeZone), etag: object.etag }
}

async function findMissing(rollup: DayRollup, store: Store, limits: Limits) {
  const missing: Missing[] = []
  const refused: RawFault[] = []
  const { start, minutes, day } = rollup.window
  const dayKey = formatDayKey(rollup.location, day)
  const admit = admission(rollup.probes.keys(), limits)
  let last = ''
  let listed = 0
  for await (const { key, etag, sizeBytes, modified } of store.list(dayKey)) {
    listed += 1
    if (listed > limits.roomDayKeys) {
      refused.push({ key: dayKey, reason: tooMany(last, limits) })
      break
    }
    last = key
    const name = parseRawKey(key)
    const isMinute =
      name?.kind === 'minute' && name.minute >= start && name.minute < start + minutes
    if (isMinute && name.minute > lastMinuteIn(modified)) {
      refused.push({ key, reason: TO_COME })
      continue
    }
    const excess =
      name?.kind === 'day' || isMinute ? admit(sizeBytes, isMinute ? name : undefined) : undefined
    if (excess !== undefined) {
      refused.push({ key, reason: excess })
    } else if (name?.kind === 'day') {
      if (rollup.dayFile?.etag !== etag) missing.push({ key, etag, modified })
    } else if (key.endsWith('/')) {
      // What some S3 tools make for a folder.
    } else if (!isMinute) {
      refused.push({ key, reason: NO_MINUTE })
    } else if (!holdsMinuteFile(rollup, name, key, etag)) {
      missing.push({ key, etag, modified, name })
    }
  }
  return { missing, refused }
}

/** What came of fetching an object; `unread`: it may do the next time, `refused`: not until it is another. */
type Got =
  | { readonly object: RawObject }
  | { readonly unread: string }
  | { readonly refused: string }

/**
 * In the listing's order, whatever came first: the same listing gives the same rollup. Only those under way are in
 * memory.
 */
function fetchEach(missing: readonly Missing[], store: Store, limits: Limits) {
  let unread = 0
  return pMapIterable(
    missing,
    async (each): Promise<Missing & { got: Got }> => {
      const got = (value: Got) => ({ ...each, got: value })
      try {
        return got({ object: await fetchRaw(each, store, mostBytesOf(each.name, limits)) })
      } catch (error) {
        // It has grown since it was listed.
        if (error instanceof TooLargeError) return got({ refused: error.reason })
        if (!(error instanceof StoreError)) throw error
        unread += 1
        if (unread > UNREAD_OBJECTS) throw error
        return got({ unread: error.message })
      }
    },
    { concurrency: FETCHES_AT_ONCE },
  )
}

async function fetchRaw(
  { key, modified }: Missing,
  store: Store,
  mostBytes: number,
): Promise<RawObject> {
  const object = await store.get(key, mostBytes)
  // It may have been written over since it was listed.
  if (object) return { ...object, key, modified: later(modified, object.times?.modified) }
  throw new StoreError(
    `Can't read ${key} in ${store.url}: it was listed, but is not there. Run this again; if it stays so, look at the bucket.`,
  )
}

function later(a: Date, b: Date | undefined): Date {
  return b && b > a ? b : a
}

/** A rollup as something writers merge: no writer's minutes are lost. */
function mergeable(key: string, timeZone: string, limits: Limits): Mergeable<DayRollup> {
  return {
    encode: (rollup) => encodeRollup(rollup, timeZone),
    decode: (bytes) => decodeRollup(bytes, key, timeZone),
    merge: (into, from) => {
      mergeRollup(into, from, limits)
      return into
    },
    includes: (whole, part) => includesRollup(whole, part, limits),
  }
}
