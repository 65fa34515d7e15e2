/** The evidence of one member's day in local times: devices as seen, locations as looked at. */
import { type DayWindow, formatLocalTime, instantOf, type Mac, shortMac } from '@presences/shared'
import {
  coverageOf,
  type DaySoFar,
  elapsedMinutes,
  isOpen,
  lookGaps,
} from '../presence/coverage.ts'
import { intervalsWhere, type MinuteInterval } from '../presence/minute-intervals.ts'
import type { DeviceSeen } from '../presence/presences.ts'
import { formatSlot } from '../presence/slots.ts'
import type { DayRollup } from '../rollup/day-rollup.ts'
import { hasMinute } from '../rollup/minute-set.ts'
import type { RoomWithdrawn } from '../withdrawal/read-room.ts'
import type {
  ExplainedDevice,
  ExplainedLocation,
  ExplainedWithdrawal,
  Explanation,
  LocalInterval,
} from './explanation.ts'

/** Each device at each location: when it was seen, and which slots that fills. */
export function explainDevices(
  devices: readonly DeviceSeen[],
  day: DaySoFar,
  timeZone: string,
  macs: 'short' | 'whole',
): ExplainedDevice[] {
  const { window, table } = day
  const numbers = new Map<Mac, number>()
  return devices.map((device) => {
    const { mac, location, slots, seen, source } = device
    const number = numbers.get(mac) ?? numbers.size + 1
    numbers.set(mac, number)
    const seenWhere = (open: boolean) =>
      intervalsWhere(
        window.minutes,
        (minute) => hasMinute(seen, minute) && isOpen(table, minute) === open,
      )
    return {
      number,
      mac: macs === 'whole' ? mac : shortMac(mac),
      location,
      slots: slots.map(formatSlot),
      seen: seenBetween([device], day, timeZone),
      inside: toLocalIntervals(seenWhere(true), window, timeZone),
      outside: toLocalIntervals(seenWhere(false), window, timeZone),
      source,
    }
  })
}

/** The first and the last minute of the opening hours in which any of the devices was seen. */
export function seenBetween(
  devices: readonly DeviceSeen[],
  { window, table }: DaySoFar,
  timeZone: string,
): Explanation['seen'] {
  const times = intervalsWhere(
    window.minutes,
    (minute) => isOpen(table, minute) && devices.some(({ seen }) => hasMinute(seen, minute)),
  )
  const [first, last] = [times[0], times.at(-1)]
  if (!first || !last) return null
  const local = (minute: number) => formatLocalTime(instantOf(window.start + minute), timeZone)
  return { first: local(first.from), last: local(last.to - 1) }
}

/** Each location: how well it was looked at, when it was not, and what people took out of account. */
export function explainLocations(
  rollups: readonly DayRollup[],
  day: DaySoFar,
  timeZone: string,
  withdrawn: WithdrawnAt,
): ExplainedLocation[] {
  const { window, table } = day
  const coverage = coverageOf(rollups, day)
  const elapsed = elapsedMinutes(day)
  const goesOn = isOpen(table, elapsed)
  return lookGaps(allSent(rollups, withdrawn), day).map(({ location, holes, partial }, index) => {
    const silent = goesOn ? holes?.find(({ to }) => to === elapsed) : undefined
    return {
      location,
      lookedMinutes: coverage[index]?.lookedMinutes ?? null,
      openMinutes: coverage[index]?.openMinutes ?? 0,
      holes: holes ? toLocalIntervals(holes, window, timeZone) : null,
      partial: toLocalIntervals(partial, window, timeZone),
      withdrawn: explainWithdrawn(withdrawn.get(location), window, timeZone),
      silentSince: silent ? formatLocalTime(instantOf(window.start + silent.from), timeZone) : null,
    }
  })
}

/** By location: what does not count of it that day. */
export type WithdrawnAt = ReadonlyMap<string, RoomWithdrawn>

/** The rollups with what was withdrawn of them. */
export function allSent(rollups: readonly DayRollup[], withdrawn: WithdrawnAt): DayRollup[] {
  return rollups.map((rollup) => withdrawn.get(rollup.location)?.whole ?? rollup)
}

/** As far as it is about this day. */
function explainWithdrawn(
  room: RoomWithdrawn | undefined,
  window: DayWindow,
  timeZone: string,
): ExplainedWithdrawal[] {
  return (room?.by ?? []).flatMap(({ probe = null, from, to, by, at, because }) => {
    const inDay = {
      from: Math.max(0, from - window.start),
      to: Math.min(window.minutes, to - window.start),
    }
    return toLocalIntervals([inDay], window, timeZone).map((interval) => ({
      ...interval,
      probe,
      by,
      at: formatLocalTime(new Date(at), timeZone),
      because,
    }))
  })
}

/** The same intervals in local time. */
function toLocalIntervals(
  intervals: readonly MinuteInterval[],
  { start }: DayWindow,
  timeZone: string,
): LocalInterval[] {
  const local = (minute: number) => formatLocalTime(instantOf(start + minute), timeZone)
  return intervals.map(({ from, to }) => ({
    from: local(from),
    to: local(to),
    minutes: to - from,
  }))
}
