/**
 * A rollup as an object in the store: gzipped JSON, minutes as base64 bits, a version that is checked.
 * An unknown version is refused, never guessed at.
 */
import {
  dayWindow,
  LIMITS,
  type LocalDay,
  macFromBits,
  macToBits,
  oneLine,
  parseLocalDay,
  parseMac,
} from '@presences/shared'
import { z } from 'zod'
import { decodeVersioned, encodeVersioned } from '../store/versioned-object.ts'
import { type DayRollup, emptyRollup } from './day-rollup.ts'
import type { MinuteSet } from './minute-set.ts'

/** A stored rollup that can't be used: damaged, of another version, or of another time zone. */
export class RollupError extends Error {
  override readonly name = 'RollupError'
}

const VERSION = 1
/** Objects of which the first lines that can't be read are kept. */
const OBJECTS_WITH_LINES = 100

const minutes = z
  .base64()
  .transform((text): MinuteSet => new Uint8Array(Buffer.from(text, 'base64')))
const fault = z.object({ line: z.int().positive(), reason: z.string() })
const schema = z.object({
  version: z.literal(VERSION),
  location: z.string().min(1),
  day: z.string().refine((text) => parseLocalDay(text) !== undefined),
  timeZone: z.string(),
  dayFile: z.object({ etag: z.string(), sizeBytes: z.int().nonnegative() }).optional(),
  probes: z.record(z.string(), z.object({ looked: minutes, partial: minutes })),
  devices: z.record(
    z.string().refine((text) => parseMac(text) === text),
    minutes,
  ),
  faults: z.record(
    z.string(),
    z.object({
      etag: z.string(),
      cut: z.boolean(),
      read: z.int().nonnegative(),
      count: z.int().nonnegative(),
      first: z.array(fault),
    }),
  ),
  versions: z.record(z.string(), minutes).optional(),
})

/** The key of a rollup: `rollups/<location>/<YYYY-MM-DD>.json.gz`. */
export function formatRollupKey(location: string, day: LocalDay): string {
  return `${ROLLUP_PREFIX}${location}/${day}.json.gz`
}

export const ROLLUP_PREFIX = 'rollups/'

/** The bytes of a rollup; the same rollup always gives the same bytes. Throws RollupError for what can't be read again. */
export function encodeRollup(rollup: DayRollup, timeZone: string): Uint8Array {
  const json: z.input<typeof schema> = {
    version: VERSION,
    location: rollup.location,
    day: rollup.window.day,
    timeZone,
    ...(rollup.dayFile && { dayFile: rollup.dayFile }),
    probes: sorted(
      rollup.probes,
      (id) => id,
      ({ looked, partial }) => ({
        looked: base64(looked),
        partial: base64(partial),
      }),
    ),
    devices: sorted(rollup.devices, macFromBits, base64),
    faults: keptFaults(rollup.faults),
    ...(rollup.versions.size > 0 && { versions: sorted(rollup.versions, (id) => id, base64) }),
  }
  return encodeVersioned(
    json,
    (reason) =>
      new RollupError(
        `Can't write ${formatRollupKey(rollup.location, rollup.window.day)}: ${reason}`,
      ),
  )
}

/**
 * Faults that a broken box makes without end must not make a rollup that can't be read: of many objects the lines are
 * not kept, but that they have faults; of more than a day may have, nothing, and they are read again.
 */
function keptFaults(faults: DayRollup['faults']) {
  const kept = [...faults].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, LIMITS.roomDayKeys)
  return Object.fromEntries(
    kept.map(([key, { first, ...rest }], at) => [
      key,
      { ...rest, first: at < OBJECTS_WITH_LINES ? [...first] : [] },
    ]),
  )
}

/** Reads the rollup stored at `key`. Throws RollupError saying what is wrong and what to do. */
export function decodeRollup(bytes: Uint8Array, key: string, timeZone: string): DayRollup {
  const json = decodeVersioned(bytes, key, {
    version: VERSION,
    schema,
    damaged: (cause) => damaged(key, cause),
    otherVersion: (message) => new RollupError(message),
  })
  if (json.timeZone !== timeZone) {
    throw new RollupError(
      `Can't use ${key}: it was made for TIMEZONE=${oneLine(json.timeZone, 40)}, now it is ${timeZone}. Set TIMEZONE back.`,
    )
  }
  const rollup = emptyRollup(json.location, dayWindow(json.day as LocalDay, timeZone))
  const length = Math.ceil(rollup.window.minutes / 8)
  for (const [id, probe] of Object.entries(json.probes)) rollup.probes.set(id, probe)
  for (const [mac, seen] of Object.entries(json.devices)) {
    rollup.devices.set(macToBits(parseMac(mac) as NonNullable<ReturnType<typeof parseMac>>), seen)
  }
  for (const [objectKey, faults] of Object.entries(json.faults))
    rollup.faults.set(objectKey, faults)
  for (const [id, versions] of Object.entries(json.versions ?? {}))
    rollup.versions.set(id, versions)
  rollup.dayFile = json.dayFile
  const sets = [
    ...rollup.devices.values(),
    ...[...rollup.probes.values()].flatMap((p) => [p.looked, p.partial]),
  ]
  if (
    formatRollupKey(json.location, rollup.window.day) !== key ||
    sets.some((set) => set.length !== length) ||
    [...rollup.versions.values()].some((set) => set.length !== 2 * rollup.window.minutes)
  ) {
    throw damaged(key, 'it is not of this place and day')
  }
  return rollup
}

function damaged(key: string, cause: string): RollupError {
  return new RollupError(
    `Can't use ${key}: ${cause}. Keep a copy and delete it: it is made again from the minute files that are still there.`,
  )
}

function base64(set: MinuteSet): string {
  return Buffer.from(set).toString('base64')
}

/** A map as a plain object in the order of its names, so that equal maps give equal text. */
function sorted<K, V, R>(map: ReadonlyMap<K, V>, name: (key: K) => string, value: (item: V) => R) {
  const entries = [...map].map(([key, item]) => [name(key), value(item)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
