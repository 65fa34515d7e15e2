/**
 * The way back from a map of a day to come, which a run with a wrong clock has left: no later run could add to it. What
 * is dated by then was seen by such runs alone; all that is of days before stays as it is. Pure.
 */
import { addDays, type LocalDay, type Mac } from '@presences/shared'
import type { Interval, MapHistory, Rename } from './map-history.ts'

/** True when the last map is of a day after `today`. */
export function isOfTheFuture({ observedOn }: MapHistory, today: LocalDay): boolean {
  return observedOn !== undefined && observedOn > today
}

/**
 * The history without what it has of days after `today`: whoever had a device last by then has it still, and the last
 * map is of the last day known: `lastRun`, the last run's, or a later one of the history itself. The next map is compared with that.
 */
export function rewound(
  history: MapHistory,
  today: LocalDay,
  lastRun: LocalDay | undefined,
): MapHistory {
  if (!isOfTheFuture(history, today)) return history
  const { firstObservedOn } = history
  const hasPast = firstObservedOn !== undefined && firstObservedOn <= today
  const intervals = new Map<Mac, readonly Interval[]>()
  for (const [mac, all] of history.intervals) {
    const past = pastOf(all, today)
    if (past.length > 0) intervals.set(mac, past)
  }
  const days = daysIn({ ...history, intervals }).filter((day) => day <= today)
  const known = hasPast ? [firstObservedOn, ...days, ...(lastRun ? [lastRun] : [])] : []
  const observedOn = known.sort().at(-1)
  const next = observedOn === undefined ? today : addDays(observedOn, 1)
  const seenOn = next < today ? next : today
  const renames = history.renames.map((each) => (each.on > today ? { ...each, on: seenOn } : each))
  return {
    ...history,
    firstObservedOn: hasPast ? firstObservedOn : undefined,
    observedOn,
    intervals,
    renames,
  }
}

/** What was known by `today`; an interval that was ended since is open again. */
function pastOf(all: readonly Interval[], today: LocalDay): readonly Interval[] {
  const past = all.filter(({ from, registeredOn }) => from <= today && registeredOn <= today)
  const last = past.at(-1)
  if (last?.until === undefined) return past
  const next = all[past.length]
  const isEndedSince = last.until > today || (next && next.from <= addDays(last.until, 1))
  return isEndedSince ? [...past.slice(0, -1), { ...last, until: undefined }] : past
}

/** Days on which a run saw something new in the map. */
function daysIn({ intervals, renames }: MapHistory): LocalDay[] {
  const seen = [...intervals.values()]
    .flat()
    .filter(({ origin }) => origin === 'map')
    .flatMap(({ from, until }) => [from, ...(until === undefined ? [] : [until])])
  return [...seen, ...renames.map(({ on }: Rename) => on)]
}
