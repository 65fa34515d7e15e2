/**
 * The member map's history as an object in the store: gzipped JSON with a version that is checked. What is
 * damaged or unknown is refused: taken for empty, it would charge the past to the present owners.
 */
import { type LocalDay, type Mac, parseLocalDay, parseMac, shortMac } from '@presences/shared'
import { z } from 'zod'
import { decodeVersioned, encodeVersioned } from '../store/versioned-object.ts'
import { type Interval, isInOrder, type MapHistory } from './map-history.ts'

/** The stored history can't be used. The message is one line: what is wrong, and what to do. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError'
}

export const HISTORY_KEY = 'members/history.json.gz'

const VERSION = 1

const day = z
  .string()
  .refine((text) => parseLocalDay(text) !== undefined, 'not a day')
  .transform((text) => text as LocalDay)
const mac = z
  .string()
  .refine((text) => parseMac(text) === text, 'not a MAC address')
  .transform((text) => text as Mac)
const owner = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('member'),
    email: z.string().min(1),
    name: z.string(),
    id: z.string().min(1).exactOptional(),
  }),
  z.object({ kind: z.literal('excluded'), name: z.string() }),
  z.object({ kind: z.literal('unsure'), name: z.string() }),
])
const interval = z.object({
  owner,
  from: day,
  at: z.iso.datetime().exactOptional(),
  until: day.optional(),
  endedAt: z.iso.datetime().exactOptional(),
  origin: z.enum(['map', 'audit']),
  registeredOn: day,
})
const schema = z.object({
  version: z.literal(VERSION),
  firstObservedOn: day.optional(),
  observedOn: day.optional(),
  chargedSince: day.exactOptional(),
  devices: z.record(mac, z.array(interval).min(1).refine(isInOrder, 'days overlap')),
  renames: z.array(z.object({ from: z.string(), to: z.string(), on: day })),
  /** Not in what was written before ids were known. */
  people: z.record(z.string(), z.string()).default({}),
})

/** The bytes of a history; the same history always gives the same bytes. Throws HistoryError for what can't be read again. */
export function encodeHistory(history: MapHistory): Uint8Array {
  for (const [mac, intervals] of history.intervals) {
    if (isInOrder(intervals)) continue
    throw new HistoryError(
      `Can't write ${HISTORY_KEY}: the days of ${shortMac(mac)} would overlap. Nothing was written; this is a fault of the program: report it with this message.`,
    )
  }
  const devices = [...history.intervals].sort(([a], [b]) => (a < b ? -1 : 1))
  const json: z.input<typeof schema> = {
    version: VERSION,
    firstObservedOn: history.firstObservedOn,
    observedOn: history.observedOn,
    ...(history.chargedSince !== undefined && { chargedSince: history.chargedSince }),
    devices: Object.fromEntries(devices.map(([key, intervals]) => [key, intervals.map(plain)])),
    renames: history.renames.map(({ from, to, on }) => ({ from, to, on })),
    people: Object.fromEntries([...history.people].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
  return encodeVersioned(
    json,
    (reason) => new HistoryError(`Can't write ${HISTORY_KEY}: ${reason}`),
  )
}

/** Reads a stored history. Throws HistoryError. */
export function decodeHistory(bytes: Uint8Array): MapHistory {
  const {
    version: _,
    devices,
    people,
    ...rest
  } = decodeVersioned(bytes, HISTORY_KEY, {
    version: VERSION,
    schema,
    damaged,
    otherVersion: (message) => new HistoryError(message),
  })
  const { firstObservedOn, observedOn } = rest
  const intervals = new Map<Mac, readonly Interval[]>()
  for (const [key, all] of Object.entries(devices)) {
    intervals.set(
      key as Mac,
      all.map((each) => ({ ...each, until: each.until })),
    )
  }
  return {
    ...rest,
    firstObservedOn,
    observedOn,
    intervals,
    people: new Map(Object.entries(people)),
  }
}

function damaged(reason: string, cause?: unknown): HistoryError {
  return new HistoryError(
    `Can't use ${HISTORY_KEY}: ${reason}. Put back an earlier version of it; only where there is none, move it away and run "members import-audit": the history begins again from today's member map.`,
    { cause },
  )
}

/** The fields in their order, whatever object they came from. */
function plain({ owner: who, from, at, until, endedAt, origin, registeredOn }: Interval) {
  const named =
    who.kind === 'member'
      ? {
          kind: who.kind,
          email: who.email,
          name: who.name,
          ...(who.id !== undefined && { id: who.id }),
        }
      : { kind: who.kind, name: who.name }
  return {
    owner: named,
    from,
    ...(at !== undefined && { at }),
    until,
    ...(endedAt !== undefined && { endedAt }),
    origin,
    registeredOn,
  }
}
