/**
 * The story of a replay: a device was registered late, so each day it was seen is decided again. Its owner's
 * WHOLE day counts, from all their devices at all locations: the day a laptop earned can't be lowered by the
 * phone that is replayed. The owner is who had the device on that day, not who has it now.
 */
import { dayWindow, type LocalDay, type Mac, macToBits } from '@presences/shared'
import pMap from 'p-map'
import { inTurn, type OwnedDevice, type Owners } from '../domain/ownership.ts'
import { slotsOf } from '../presence/presences.ts'
import { slotTable } from '../presence/slots.ts'
import { countMinutes, emptyMinutes, unite } from '../rollup/minute-set.ts'
import type { RollupRefreshed } from '../rollup/refresh-rollup.ts'
import { lostRooms } from './lost-evidence.ts'
import { rememberOpenDays } from './nightly-memory.ts'
import { isClosedUnder } from './nobody-to-charge.ts'
import { planRead, readDayLedger } from './plan-day.ts'
import { rawFaults } from './raw-faults.ts'
import { DayUnreadable, refreshDay, unreadRooms } from './read-day.ts'
import { type Rechecked, recheck } from './recheck.ts'
import {
  type DaySettled,
  isUndone,
  type MemberSettled,
  type SettleDeps,
  settleDay,
} from './settle-day.ts'

/** One day the device was seen: the device's own share, and what became of its owner's whole day. */
export interface ReplayedDay {
  readonly day: LocalDay
  readonly minutes: number
  readonly slots: number
  readonly locations: readonly string[]
  /** `undefined`: nobody ever registered the device. */
  readonly owned: OwnedDevice | undefined
  /** Absent when nobody can be charged for the device. */
  readonly member: MemberSettled | undefined
  /** A person closed what nobody can be charged for. */
  readonly isClosed?: true
}

export interface Replayed {
  readonly days: readonly ReplayedDay[]
  /** Days that could not be computed: nothing was posted for them. */
  readonly unreadable: readonly DayUnreadable[]
  /** Days of which a room could not be read wholly: the device may have been seen there. */
  readonly incomplete: readonly LocalDay[]
  /** Days of which the ledger knows more than the store: who was there can't be told any more. */
  readonly lost: readonly LocalDay[]
  /** What is wrong with the raw files of the days that were looked at, and what of them is lost. */
  readonly faults: readonly string[]
  /** What people did to days while they were posted. */
  readonly rechecked: Rechecked
  /** In words why the nightly run will not know what this one left undone; `undefined` when it will. */
  readonly unremembered: string | undefined
}

export interface ReplayProgress {
  readonly day: LocalDay
  readonly done: number
  readonly total: number
  /** Present when the device was seen that day. */
  readonly replayed?: ReplayedDay
}

/** Days under way at once: most of a replay is waiting for the store. */
const DAYS_AT_ONCE = 8

/**
 * Replays one device over `days`; `ownersOn` gives the owners of a day. A day that can't be read does not keep
 * the others back. With dry-run adapters in `deps` this is the preview.
 */
export async function replay(
  mac: Mac,
  days: readonly LocalDay[],
  ownersOn: (day: LocalDay) => Owners,
  deps: SettleDeps,
  onProgress: (progress: ReplayProgress) => void,
): Promise<Replayed> {
  const replayed: ReplayedDay[] = []
  const unreadable: DayUnreadable[] = []
  const faults: string[] = []
  const incomplete: LocalDay[] = []
  const lost: LocalDay[] = []
  const settled: DaySettled[] = []
  // Days under way end before a failure is thrown on.
  const failures: unknown[] = []
  let done = 0
  await pMap(
    days,
    async (day) => {
      if (failures.length > 0) return
      const result = await oneDay(day).catch((error: unknown) => {
        if (error instanceof DayUnreadable) unreadable.push(error)
        else failures.push(error)
        return undefined
      })
      if (result) replayed.push(result)
      done += 1
      onProgress({ day, done, total: days.length, ...(result && { replayed: result }) })
    },
    { concurrency: DAYS_AT_ONCE },
  )
  if (failures.length > 0) throw failures[0]
  const rechecked = await recheck(settled, deps)
  const undone = [...settled, ...rechecked.days].filter(({ members }) => members.some(isUndone))
  const open = [...[...undone, ...unreadable].map(({ day }) => day), ...incomplete]
  const unremembered = await rememberOpenDays(deps, [...open, ...rechecked.unasked])
  return {
    days: replayed.sort((a, b) => (a.day < b.day ? -1 : 1)),
    unreadable: unreadable.sort((a, b) => (a.message < b.message ? -1 : 1)),
    incomplete: incomplete.sort(),
    lost: lost.sort(),
    faults: faults.sort(),
    rechecked,
    unremembered,
  }

  async function oneDay(day: LocalDay): Promise<ReplayedDay | undefined> {
    const refreshed = await refreshDay(day, deps)
    faults.push(...rawFaults(refreshed))
    if (unreadRooms(refreshed).length > 0) incomplete.push(day)
    const gone = lostRooms((await readDayLedger(day, deps)).value, refreshed)
    if (gone.length > 0) {
      lost.push(day)
      faults.push(lostText(day, gone))
    }
    return await replayDay(mac, day, refreshed, ownersOn(day), deps, settled)
  }
}

/** True when each day that can be charged for this device is, or waits for a person. */
export function isReplayComplete(replayed: Replayed): boolean {
  const { days, unreadable, incomplete, lost, rechecked } = replayed
  return (
    unreadable.length + incomplete.length + lost.length === 0 &&
    rechecked.unasked.length === 0 &&
    !rechecked.days.some(({ members }) => members.some(isUndone)) &&
    days.every((day) => (day.member ? !isUndone(day.member) : !canBeCharged(day)))
  )
}

/** Of a day for which nobody is charged: whether anybody could be, once somebody did something. */
function canBeCharged({ owned, slots, isClosed }: ReplayedDay): boolean {
  const kind = owned?.owner.kind
  if (isClosed || kind === 'excluded' || kind === 'gone') return false
  return kind !== 'member' || slots > 0
}

async function replayDay(
  mac: Mac,
  day: LocalDay,
  refreshed: readonly RollupRefreshed[],
  owners: Owners,
  deps: SettleDeps,
  settledDays: DaySettled[],
): Promise<ReplayedDay | undefined> {
  const seen = deviceDay(mac, day, refreshed, deps)
  if (!seen) return undefined
  const owned = owners.get(mac)
  if (!owned) return { day, ...seen, owned, member: undefined }
  const only = new Set(
    inTurn(owned).flatMap(({ owner }) => (owner.kind === 'member' ? [owner.email] : [])),
  )
  const plan = await planRead(day, refreshed, owners, deps, only)
  const isClosed = inTurn(plan.owners.get(mac)).some(
    ({ owner }) => owner.kind !== 'member' && isClosedUnder(owner.name, plan.ledger.value),
  )
  const replayed = { day, ...seen, owned, ...(isClosed && { isClosed }) }
  if (only.size === 0) return { ...replayed, member: undefined }
  const settled = await settleDay(plan, deps)
  settledDays.push(settled)
  // Of two who had it that day, the one for whom something is left undone.
  return { ...replayed, member: settled.members.find(isUndone) ?? settled.members[0] }
}

/** A day that is lost shows nobody, or less than there was: that must not look like a day on which nobody came. */
function lostText(day: LocalDay, rooms: readonly string[]): string {
  return `${day}: the ledger knows more of ${rooms.join(', ')} than rollups/ and presences/: put them back from the bucket's versions, and replay again`
}

/** What one device did on one day, at all locations; `undefined` when it was not seen. */
function deviceDay(
  mac: Mac,
  day: LocalDay,
  refreshed: readonly RollupRefreshed[],
  { settings }: SettleDeps,
) {
  const window = dayWindow(day, settings.timeZone)
  const bits = macToBits(mac)
  const at = refreshed.filter(({ rollup }) => rollup.devices.has(bits))
  if (at.length === 0) return undefined
  const minutes = emptyMinutes(window.minutes)
  for (const { rollup } of at) unite(minutes, rollup.devices.get(bits) ?? minutes)
  const table = slotTable(window, settings.timeZone, settings.rule.openingHours)
  return {
    minutes: countMinutes(minutes),
    slots: slotsOf(minutes, table).length,
    locations: at.map(({ rollup }) => rollup.location),
  }
}
