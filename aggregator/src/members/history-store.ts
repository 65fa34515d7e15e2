/**
 * The member map's history in the store. Several runs may write it at once: each change is applied to what
 * is there, and written only over that.
 */
import { addDays, type LocalDay } from '@presences/shared'
import { type PutOutcome, type Store, StoreError } from '../store/store.ts'
import type { Gap } from './gap.ts'
import { decodeHistory, encodeHistory, HISTORY_KEY } from './history-codec.ts'
import { endDoubts, importAudit } from './import-audit.ts'
import { EMPTY_HISTORY, type MapHistory, type Registration, type Rename } from './map-history.ts'
import type { MemberMap } from './member-map.ts'
import { type ObserveOptions, observeMap } from './observe-map.ts'
import { withoutUnsurePeople } from './who-is-who.ts'

export interface RecordOptions extends Omit<ObserveOptions, 'gap'> {
  /** The first day that is to be charged: before the first map there may have been such days. */
  readonly beginning?: LocalDay
  /** Asks what people did since a day. Left out: what the map does not tell is in doubt. */
  readonly gapSince?: (from: LocalDay) => Promise<Gap>
}

/** What came of a map: the history with it, and what is new in it. */
export interface MapRecorded {
  readonly history: MapHistory
  readonly newlyRegistered: readonly Registration[]
  readonly renamed: readonly Rename[]
  /** How many devices the map before had and this one has not, when they are more than a tenth; else 0. */
  readonly lost: number
}

interface StoredHistory {
  readonly history: MapHistory
  readonly etag: string | undefined
}

/** Writers that meet try again: each round, one of them gets through. */
const WRITES_TRIED = 20

/** The stored history; empty when there is none. Throws StoreError or HistoryError. */
export async function readHistory(store: Store): Promise<MapHistory> {
  return (await read(store)).history
}

/**
 * Records that `map` was there today. Writes only when something changed, or the day did. Throws
 * MemberMapRefused, StoreError or HistoryError; then nothing was recorded.
 */
export async function recordMap(
  store: Store,
  map: MemberMap,
  today: LocalDay,
  options: RecordOptions,
): Promise<MapRecorded> {
  const stored = await readHistory(store)
  const gapFrom = gapBefore(today, stored, options.beginning)
  const gap = gapFrom && (await options.gapSince?.(gapFrom))
  // What could not be told when it was met may be told now.
  const doubtFrom = firstDoubt(stored, addDays(today, -DOUBT_DAYS))
  const doubt = doubtFrom && (await options.gapSince?.(doubtFrom))
  const registered = new Map<string, Registration>()
  const renamed = new Map<string, Rename>()
  let lost = 0
  const history = await updateHistory(store, (known) => {
    // Another attempt, or another run, may have gone through the gap by now.
    const isOpen = gapBefore(today, known, options.beginning) === gapFrom
    const observed = observeMap(known, map, today, { ...options, ...(isOpen && gap && { gap }) })
    lost = observed.lost
    // Kept from one attempt to the next: a write whose answer was lost shows as a conflict, and the map
    // that it stored is news to nobody.
    for (const each of observed.newlyRegistered) registered.set(each.mac, each)
    for (const each of observed.renamed) renamed.set(each.from, each)
    const moved = known.observedOn !== observed.history.observedOn
    const isFirst = known.observedOn === undefined && gap?.events !== undefined
    const marked = withBeginning(observed.history, options.beginning)
    if (isFirst) return importAudit(marked, gap.events ?? [], gap.timeZone)
    // The trail tells of members by the e-mails that they have now.
    const settled =
      doubt?.events && options.people ? endDoubts(marked, doubt.events, doubt.timeZone) : marked
    return observed.changed || moved || settled !== observed.history ? settled : known
  })
  return {
    history: options.people ? history : withoutUnsurePeople(history, map),
    newlyRegistered: [...registered.values()],
    renamed: [...renamed.values()],
    lost,
  }
}

/** The history with the first day that was to be charged: the earliest that a run ever had. */
function withBeginning(history: MapHistory, beginning: LocalDay | undefined): MapHistory {
  const { chargedSince } = history
  if (beginning === undefined) return history
  if (chargedSince !== undefined && chargedSince <= beginning) return history
  return { ...history, chargedSince: beginning }
}

/** So long a device in doubt is asked about each time. */
const DOUBT_DAYS = 92

/** The first day, from `since` on, of which nobody could say whose some device was. */
function firstDoubt({ intervals }: MapHistory, since: LocalDay): LocalDay | undefined {
  return [...intervals.values()]
    .flat()
    .filter(({ owner, from }) => owner.kind === 'unsure' && from >= since)
    .map(({ from }) => from)
    .sort()[0]
}

/** The first day since the last map, or since charging began, on which no map was seen; `undefined`: there is none. */
function gapBefore(
  today: LocalDay,
  { observedOn }: MapHistory,
  beginning: LocalDay | undefined,
): LocalDay | undefined {
  const first = observedOn === undefined ? beginning : addDays(observedOn, 1)
  return first !== undefined && first < today ? first : undefined
}

/**
 * Applies `change` to the stored history and writes the result; nothing when `change` gives back what it got.
 * `change` may run several times, each time on what is there by then. Throws StoreError, HistoryError, and
 * what `change` throws. A server that ignores conditions loses writes that meet, and only `doctor` can tell.
 */
export async function updateHistory(
  store: Store,
  change: (history: MapHistory) => MapHistory,
): Promise<MapHistory> {
  for (let attempt = 0; attempt < WRITES_TRIED; attempt += 1) {
    const { history, etag } = await read(store)
    const changed = change(history)
    if (changed === history) return history
    const bytes = encodeHistory(changed)
    const condition = etag === undefined ? { ifAbsent: true as const } : { ifMatch: etag }
    const put: PutOutcome = await store.put(HISTORY_KEY, bytes, condition)
    if (put.outcome === 'written') return changed
    if (put.outcome === 'unsupported' && (await writeUnguarded(store, bytes, etag))) return changed
  }
  throw new StoreError(
    `Write ${HISTORY_KEY} to ${store.url}: others kept writing it at the same time. Run this again.`,
  )
}

/**
 * For a server without conditional writes. Writes when nobody else did since the read, then looks whether it
 * stayed; false: it must be done again on what is there. Two writers that both look before either writes,
 * where the second writes after the first looked again, lose the first one's change, and nobody notices. For
 * a map that is harmless, since both saw the same day's and the next run sees it again; for an import of the
 * audit trail it is not: run it when no other run is under way.
 */
async function writeUnguarded(
  store: Store,
  bytes: Uint8Array,
  etag: string | undefined,
): Promise<boolean> {
  if ((await store.get(HISTORY_KEY))?.etag !== etag) return false
  await store.put(HISTORY_KEY, bytes)
  const stayed = await store.get(HISTORY_KEY)
  return stayed !== undefined && Buffer.compare(stayed.bytes, bytes) === 0
}

async function read(store: Store): Promise<StoredHistory> {
  const object = await store.get(HISTORY_KEY)
  if (!object) return { history: EMPTY_HISTORY, etag: undefined }
  return { history: decodeHistory(object.bytes), etag: object.etag }
}
