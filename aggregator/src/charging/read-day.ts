/** The story of reading one day: bring its rollups up to date, see who was there. Nothing is charged. */
import { dayWindow, formatDayKey, type LocalDay } from '@presences/shared'
import pMap from 'p-map'
import type { Owners } from '../domain/ownership.ts'
import { type DayPresences, type PresenceSettings, presencesOf } from '../presence/presences.ts'
import { type Activity, isExpected } from '../rollup/activity.ts'
import { type DayRollup, emptyRollup, isUnknown } from '../rollup/day-rollup.ts'
import type { Enough, RollupRefreshed } from '../rollup/refresh-rollup.ts'
import type { Strangers } from '../rooms/rooms.ts'
import type { Store } from '../store/store.ts'
import { asSent, type RoomRead, readRoom } from '../withdrawal/read-room.ts'
import type { Withdrawals } from '../withdrawal/withdrawals.ts'

/** What reading a day takes. */
export interface ReadDeps {
  readonly store: Store
  /** All locations that are known: `readRooms`, once a run. */
  readonly locations: readonly string[]
  /** Folders that nothing is read of. */
  readonly strangers: Strangers
  /** When each of them was looked at: `readActivity`, once a run. */
  readonly activity: Activity
  /** What people took out of account: `readWithdrawals`, once a run. */
  readonly withdrawals: Withdrawals
  readonly settings: PresenceSettings
}

/** A day as it was read: who was there, from which rollups. */
export interface DayRead {
  readonly presences: DayPresences
  readonly refreshed: readonly RoomRead[]
}

/** A day can't be computed or written down, so it is left for a later run; other days may do better. */
export class DayUnreadable extends Error {
  override readonly name = 'DayUnreadable'
  readonly day: LocalDay

  constructor(day: LocalDay, cause: Error, what = `Nobody was charged for ${day}`) {
    super(`${what}: ${cause.message}`, { cause })
    this.day = day
  }
}

/** Locations read at once; each fetches its minute files in parallel in turn. */
const LOCATIONS_AT_ONCE = 4

/** Computes one day from all locations; posts nothing. Throws DayUnreadable. */
export async function readDay(day: LocalDay, owners: Owners, deps: ReadDeps): Promise<DayRead> {
  return presentOn(day, await refreshDay(day, deps), owners, deps)
}

/** Who was there on a day whose rollups were read. */
export function presentOn(
  day: LocalDay,
  refreshed: readonly RoomRead[],
  owners: Owners,
  { settings }: Pick<ReadDeps, 'settings'>,
): DayRead {
  const rollups = refreshed.map(({ rollup }) => rollup)
  const window = dayWindow(day, settings.timeZone)
  return { presences: presencesOf(window, rollups, owners, settings), refreshed }
}

/** The rollups of the locations that were looked at on `day`, or should have been: a closed room is left out. */
export function lookedAt(
  day: LocalDay,
  refreshed: readonly RoomRead[],
  activity: Activity,
): DayRollup[] {
  const isSeenOrMissed = (room: RoomRead) =>
    !isUnknown(asSent(room)) ||
    (room.unread.length === 0 && isExpected(activity, room.rollup.location, day))
  return refreshed.filter(isSeenOrMissed).map(({ rollup }) => rollup)
}

/**
 * Brings the rollups of all locations up to date for one day, or as far as is `enough`: without what people withdrew.
 * Whatever is thrown while one room is read is that room's: the others are read all the same. Throws DayUnreadable
 * when nothing is known at all.
 */
export async function refreshDay(
  day: LocalDay,
  { store, locations, withdrawals, settings }: ReadDeps,
  enough: Enough = 'all',
): Promise<readonly RoomRead[]> {
  const { timeZone } = settings
  const refreshed = await pMap(
    locations,
    (location) =>
      readRoom(location, day, { store, timeZone, withdrawals }, enough).catch((error: unknown) =>
        unreadRoom(location, day, timeZone, error),
      ),
    { concurrency: LOCATIONS_AT_ONCE },
  )
  if (refreshed.every((room) => isUnknown(asSent(room)))) checkWhole(day, refreshed)
  return refreshed
}

/** A room of which nothing could be read: it counts for nothing. */
function unreadRoom(
  location: string,
  day: LocalDay,
  timeZone: string,
  error: unknown,
): RollupRefreshed {
  const rollup = emptyRollup(location, dayWindow(day, timeZone))
  const reason = error instanceof Error ? error.message : String(error)
  return { rollup, fetched: 0, refused: [], unread: [{ key: formatDayKey(location, day), reason }] }
}

/** Throws DayUnreadable when anything of the day could not be read. */
export function checkWhole(day: LocalDay, refreshed: readonly RollupRefreshed[]): void {
  const [first] = refreshed.flatMap(({ unread }) => unread)
  if (first) throw new DayUnreadable(day, new Error(first.reason))
}

/** The rooms of which something could not be read. */
export function unreadRooms(refreshed: readonly RollupRefreshed[]): string[] {
  return refreshed
    .filter(({ unread }) => unread.length > 0)
    .map(({ rollup: { location } }) => location)
}

/** True when no location has anything at all for the day, not even a minute that was looked at. */
export function hasNoData({ refreshed }: DayRead): boolean {
  return refreshed.every((room) => isUnknown(asSent(room)))
}
