/**
 * The story of one day: bring its rollups up to date, see who was there, price it, post the amounts.
 * Decisions are taken in presence/; effects happen only through `deps`.
 */
import { dayWindow, type LocalDay } from '@presences/shared'
import pMap from 'p-map'
import type { Owners } from './members/ownership.ts'
import { type DayPresences, type PresenceSettings, presencesOf } from './presence/presences.ts'
import { type RollupRefreshed, refreshRollup } from './rollup/refresh-rollup.ts'
import { RollupError } from './rollup/rollup-codec.ts'
import { type Store, StoreError } from './store/store.ts'
import { type Presence, type Tickets, TicketsError } from './tickets/tickets.ts'

/** What computing a day takes. */
export interface ReadDeps {
  readonly store: Store
  /** All locations there are: `listLocations`, once a run. */
  readonly locations: readonly string[]
  readonly settings: PresenceSettings
}

export interface SettleDeps extends ReadDeps {
  readonly tickets: Tickets
  /** Told of each post that failed for good, at once: whatever happens next, it is on record. */
  readonly onFailedPost: (presence: Presence, error: TicketsError) => Promise<void>
}

/** A day as it was read: who was there, from which rollups. */
export interface DayRead {
  readonly presences: DayPresences
  readonly refreshed: readonly RollupRefreshed[]
}

export interface FailedPost {
  readonly presence: Presence
  readonly reason: string
}

export interface DaySettled extends DayRead {
  readonly posted: readonly Presence[]
  readonly failed: readonly FailedPost[]
}

/** A day can't be computed, so nobody is charged for it; other days may do better. */
export class DayUnreadable extends Error {
  override readonly name = 'DayUnreadable'

  constructor(day: LocalDay, cause: Error) {
    super(`Nobody was charged for ${day}: ${cause.message}`, { cause })
  }
}

/** Locations read at once; each fetches its minute files in parallel in turn. */
const LOCATIONS_AT_ONCE = 4
/** Posts under way at once: the server recomputes a member's balance at each. */
const POSTS_AT_ONCE = 4

/**
 * Computes one day and posts every amount above 0; an amount of 0 would delete the day at the server, and
 * is never posted. A post that fails does not keep the others back. Throws DayUnreadable.
 */
export async function settleDay(
  day: LocalDay,
  owners: Owners,
  deps: SettleDeps,
): Promise<DaySettled> {
  const read = await readDay(day, owners, deps)
  const due = read.presences.members.filter(({ amount }) => amount > 0)
  const failures = await pMap(due, ({ email, amount }) => post({ email, day, amount }, deps), {
    concurrency: POSTS_AT_ONCE,
  })
  const failed = failures.filter((failure) => failure !== undefined)
  const notPosted = new Set(failed.map(({ presence }) => presence.email))
  const posted = due.flatMap(({ email, amount }) =>
    notPosted.has(email) ? [] : [{ email, day, amount }],
  )
  return { ...read, posted, failed }
}

/** Computes one day from all locations; posts nothing. Throws DayUnreadable. */
export async function readDay(day: LocalDay, owners: Owners, deps: ReadDeps): Promise<DayRead> {
  const refreshed = await refreshDay(day, deps)
  const window = dayWindow(day, deps.settings.timeZone)
  const rollups = refreshed.map(({ rollup }) => rollup)
  return { presences: presencesOf(window, rollups, owners, deps.settings), refreshed }
}

/** Brings the rollups of all locations up to date for one day. Throws DayUnreadable. */
export async function refreshDay(
  day: LocalDay,
  { store, locations, settings }: ReadDeps,
): Promise<readonly RollupRefreshed[]> {
  try {
    const deps = { store, timeZone: settings.timeZone }
    return await pMap(locations, (location) => refreshRollup(location, day, deps), {
      concurrency: LOCATIONS_AT_ONCE,
    })
  } catch (error) {
    if (error instanceof StoreError || error instanceof RollupError) {
      throw new DayUnreadable(day, error)
    }
    throw error
  }
}

/** Posts one amount; the failure, when there is one, is recorded and returned. */
export async function post(
  presence: Presence,
  { tickets, onFailedPost }: Pick<SettleDeps, 'tickets' | 'onFailedPost'>,
): Promise<FailedPost | undefined> {
  try {
    await tickets.postPresence(presence)
    return undefined
  } catch (error) {
    if (!(error instanceof TicketsError)) throw error
    await onFailedPost(presence, error)
    return { presence, reason: error.message }
  }
}
