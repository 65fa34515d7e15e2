/**
 * The story of which rooms charge. Until anything was charged, all that have files do; the first night writes them down.
 * Where that is lost, or was never written, the rooms whose days were read before are known: nobody's evidence was ever
 * read of a room that waited.
 */
import { LIMITS, type LocalDay, RAW_PREFIX } from '@presences/shared'
import pMap from 'p-map'
import { LedgerError } from '../ledger/ledger-codec.ts'
import { ledgerDays, readLedger } from '../ledger/ledger-store.ts'
import { HistoryError } from '../members/history-codec.ts'
import { type LocationFolders, listLocations } from '../rollup/refresh-rollup.ts'
import { addToRoomBook, readRoomBook } from '../rooms/room-store.ts'
import { EMPTY_BOOK, type RoomBook, type Rooms, sortRooms } from '../rooms/rooms.ts'
import type { Aside } from '../store/notes.ts'
import { type Store, StoreError } from '../store/store.ts'
import { hasCharged } from './ledger-lost.ts'

/** What tells which rooms are the space's. */
export interface RoomDeps {
  readonly store: Store
  readonly today: LocalDay
  readonly aside: Aside
  /** `LOCATIONS`: then the rooms that were there when the ledger began count for nothing by themselves. */
  readonly listed: readonly string[] | undefined
}

/** So many ledgers, the last ones, are asked which rooms they were made of. */
const LEDGERS_ASKED = 31
const ASKED_AT_ONCE = 8

/**
 * The rooms as they are; nothing is written. Throws StoreError, also when there is no folder at all: then this is not the
 * place the probes write to.
 */
export async function readRooms(deps: RoomDeps): Promise<Rooms> {
  const folders = await listLocations(deps.store)
  if (folders.locations.length + folders.ignored.length === 0) {
    throw new StoreError(
      `Can't find any location in ${deps.store.url}: there is nothing under ${RAW_PREFIX}. Check STORE_URL, and that a probe has shipped.`,
    )
  }
  return sortRooms(folders, await namesKnown(folders, deps))
}

/** Writes down with which rooms the ledger begins, unless it is known: before it begins. Throws StoreError. */
export async function rememberRooms(deps: Omit<RoomDeps, 'listed'>): Promise<void> {
  const { store, aside } = deps
  const { begun } = await readRoomBook(store, aside)
  if (begun !== undefined) return
  const names = await begunWith(await listLocations(store), deps)
  if (names.length > 0) await addToRoomBook(store, { begun: names, accepted: [] })
}

/** Somebody says that a room is the space's, whether it has files yet or not; returns who said so first. Throws StoreError. */
export async function acceptRoom(
  location: string,
  by: string,
  { store, aside }: Pick<RoomDeps, 'store' | 'aside'>,
): Promise<RoomBook['accepted'][number] | undefined> {
  // What is damaged is kept under another name before it is written over.
  await readRoomBook(store, aside)
  const said = { location, by, at: aside.now().toISOString() }
  const { accepted } = await addToRoomBook(store, { ...EMPTY_BOOK, accepted: [said] })
  return accepted.find((each) => each.location === location)
}

async function namesKnown(folders: LocationFolders, deps: RoomDeps): Promise<ReadonlySet<string>> {
  const { begun, accepted } = await readRoomBook(deps.store, deps.aside)
  const names = deps.listed ?? begun ?? (await begunWith(folders, deps))
  return new Set([...names, ...accepted.map(({ location }) => location)])
}

/** The rooms that the ledger began with, or begins with now, where nobody has written them down. */
async function begunWith(
  { locations, rolled }: LocationFolders,
  { store, today }: Pick<RoomDeps, 'store' | 'today'>,
): Promise<readonly string[]> {
  // More than a space has are invented: those beyond wait for somebody to accept them.
  const first = locations.slice(0, LIMITS.rooms)
  if (!(await hasBegun(store, today))) return first
  const days = await ledgerDays(store)
  // A ledger that began over an empty bucket has charged nobody yet.
  if (rolled.length === 0 && days.length === 0) return first
  const charged = await pMap(days.slice(-LEDGERS_ASKED), (day) => roomsCharged(day, store), {
    concurrency: ASKED_AT_ONCE,
  })
  return [...new Set([...rolled, ...charged.flat()])].sort()
}

async function roomsCharged(day: LocalDay, store: Store): Promise<string[]> {
  try {
    const { coverage } = (await readLedger(store, day)).value
    return coverage.map(({ location }) => location)
  } catch (error) {
    if (error instanceof LedgerError) return []
    throw error
  }
}

/** What can't be read tells of a past all the same. */
async function hasBegun(store: Store, today: LocalDay): Promise<boolean> {
  try {
    return await hasCharged(store, today)
  } catch (error) {
    if (error instanceof LedgerError || error instanceof HistoryError) return true
    throw error
  }
}
