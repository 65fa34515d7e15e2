/**
 * The story of reading one room's day: bring its rollup up to date, then leave out what people withdrew. What is stored
 * stays whole, so that a restoration needs no raw file.
 */
import { dayWindow, type LocalDay } from '@presences/shared'
import { type DayRollup, emptyRollup } from '../rollup/day-rollup.ts'
import { countMinutes, includesAll } from '../rollup/minute-set.ts'
import {
  type Enough,
  type RawFault,
  type RefreshDeps,
  type RollupRefreshed,
  refreshRollup,
} from '../rollup/refresh-rollup.ts'
import { isWithdrawnFile, minutesOf, withoutMinutes } from './mask.ts'
import { withoutProbes } from './of-probes.ts'
import {
  ended,
  type Restored,
  standing,
  touches,
  type Withdrawal,
  type Withdrawals,
} from './withdrawals.ts'

export interface RoomDeps extends RefreshDeps {
  readonly withdrawals: Withdrawals
}

/** A room's day as it counts. */
export interface RoomRead extends RollupRefreshed {
  /** What does not count, where that is anything. */
  readonly withdrawn?: RoomWithdrawn
  /** What was withdrawn once, and counts again. */
  readonly restored?: readonly Restored[]
}

export interface RoomWithdrawn {
  /** All that is known, with what does not count. */
  readonly whole: DayRollup
  /** The withdrawals that are about this room and day. */
  readonly by: readonly Withdrawal[]
  /** Without them, the day would have been another one. */
  readonly isFelt: boolean
}

/**
 * The rollup of `location` on `day`, up to date and stored, without what was withdrawn. Throws StoreError, or RollupError:
 * also where what a probe saw can't be told from what others did.
 */
export async function readRoom(
  location: string,
  day: LocalDay,
  deps: RoomDeps,
  enough: Enough = 'all',
): Promise<RoomRead> {
  const window = dayWindow(day, deps.timeZone)
  const by = standing(deps.withdrawals).filter((each) => touches(each, location, window))
  const restored = ended(deps.withdrawals).filter(({ withdrawal }) =>
    touches(withdrawal, location, window),
  )
  const ofAll = by.filter(({ probe }) => probe === undefined)
  const hidden = minutesOf(ofAll, window)
  const isNothingLeft = countMinutes(hidden) === window.minutes
  const read = await refreshRollup(location, day, deps, enough).catch((error: unknown) => {
    if (!isNothingLeft) throw error
    return { rollup: emptyRollup(location, window), fetched: 0, refused: [], unread: [] }
  })
  const room: RoomRead = restored.length > 0 ? { ...read, restored } : read
  if (by.length === 0) return room
  const { rollup: whole } = read
  const ofProbes = isNothingLeft ? whole : await withoutProbes(whole, by, deps)
  const rollup = withoutMinutes(ofProbes, hidden, ofAll)
  // What counts for nothing whatever it says is waited for by nobody.
  const matters = ({ key }: RawFault) => !isNothingLeft && !isWithdrawnFile(key, by)
  const [refused, unread] = [read.refused.filter(matters), read.unread.filter(matters)]
  return {
    ...room,
    rollup,
    refused,
    unread,
    withdrawn: { whole, by, isFelt: isLess(rollup, whole) },
  }
}

/** A room's day as boxes sent it, whatever was withdrawn of it. */
export function asSent({ rollup, withdrawn }: Pick<RoomRead, 'rollup' | 'withdrawn'>): DayRollup {
  return withdrawn?.whole ?? rollup
}

function isLess({ devices, probes }: DayRollup, whole: DayRollup): boolean {
  return (
    [...whole.devices].some(([mac, minutes]) => !includesAll(devices.get(mac), minutes)) ||
    [...whole.probes].some(([id, { looked }]) => !includesAll(probes.get(id)?.looked, looked))
  )
}
