/**
 * The story of a replay: a device was registered late, so each day it was seen is computed again. Its
 * owner's WHOLE day counts, from all their devices at all locations: the day a laptop earned can't be
 * lowered by the phone that is replayed.
 */
import { dayWindow, type LocalDay, type Mac, macToBits } from '@presences/shared'
import pMap from 'p-map'
import type { Owners, Ownership } from './members/ownership.ts'
import { type OwnerDay, presencesOf, slotsOf } from './presence/presences.ts'
import { slotTable } from './presence/slots.ts'
import { countMinutes, emptyMinutes, unite } from './rollup/minute-set.ts'
import type { RollupRefreshed } from './rollup/refresh-rollup.ts'
import { DayUnreadable, type FailedPost, post, refreshDay, type SettleDeps } from './settle-day.ts'
import type { Presence } from './tickets/tickets.ts'

/** One day the device was seen: the device's own share, and its owner's whole day. */
export interface ReplayedDay {
  readonly day: LocalDay
  readonly minutes: number
  readonly slots: number
  readonly locations: readonly string[]
  /** The owner's day from all devices and locations; absent when nobody can be charged. */
  readonly ownerDay: OwnerDay | undefined
  readonly posted: Presence | undefined
  readonly failed: FailedPost | undefined
}

export interface Replayed {
  readonly owner: Ownership | undefined
  readonly days: readonly ReplayedDay[]
  /** Days that could not be computed: nothing was posted for them. */
  readonly unreadable: readonly DayUnreadable[]
}

export interface ReplayProgress {
  readonly day: LocalDay
  readonly done: number
  readonly total: number
  /** Present when the device was seen that day. */
  readonly replayed?: ReplayedDay
}

/** Days read ahead of the one being posted: most of a replay is waiting for the store. */
const DAYS_AT_ONCE = 8

/**
 * Replays one device over `days`. Days come out in order; a day that can't be read does not keep the
 * others back. Posts amounts above 0 of an owner with an e-mail, and nothing else.
 */
export async function replay(
  mac: Mac,
  days: readonly LocalDay[],
  owners: Owners,
  deps: SettleDeps,
  onProgress: (progress: ReplayProgress) => void,
): Promise<Replayed> {
  const replayed: ReplayedDay[] = []
  const unreadable: DayUnreadable[] = []
  let done = 0
  await pMap(
    days,
    async (day) => {
      const result = await replayDay(mac, day, owners, deps).catch((error: unknown) => {
        if (!(error instanceof DayUnreadable)) throw error
        unreadable.push(error)
        return undefined
      })
      if (result) replayed.push(result)
      done += 1
      onProgress({ day, done, total: days.length, ...(result && { replayed: result }) })
    },
    { concurrency: DAYS_AT_ONCE },
  )
  return {
    owner: owners.get(mac),
    days: replayed.sort((a, b) => (a.day < b.day ? -1 : 1)),
    unreadable: unreadable.sort((a, b) => (a.message < b.message ? -1 : 1)),
  }
}

async function replayDay(
  mac: Mac,
  day: LocalDay,
  owners: Owners,
  deps: SettleDeps,
): Promise<ReplayedDay | undefined> {
  const refreshed = await refreshDay(day, deps)
  const seen = deviceDay(mac, day, refreshed, deps)
  if (!seen) return undefined
  const owner = owners.get(mac)
  const { members } = presencesOf(
    dayWindow(day, deps.settings.timeZone),
    refreshed.map(({ rollup }) => rollup),
    owners,
    deps.settings,
  )
  const ownerDay = members.find((member) => member.owner === owner)
  const due = ownerDay && ownerDay.amount > 0
  const presence = due ? { email: ownerDay.email, day, amount: ownerDay.amount } : undefined
  const failed = presence && (await post(presence, deps))
  return { day, ...seen, ownerDay, posted: failed ? undefined : presence, failed }
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
