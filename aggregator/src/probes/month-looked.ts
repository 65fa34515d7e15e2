/** How well a location was looked at over the last 30 days that are over, by the rollups as they are stored. */
import { clockMinutes, type LocalDay } from '@presences/shared'
import type { OpeningHours } from '../domain/rule.ts'
import type { DayRollup } from '../rollup/day-rollup.ts'
import { emptyMinutes, hasMinute, unite } from '../rollup/minute-set.ts'
import type { Store } from '../store/store.ts'
import type { Looked } from './location-health.ts'
import { pastRollups } from './past-rollups.ts'

const MONTH_DAYS = 30

/**
 * Minutes of opening hours in the 30 days before `today`, and those of them that were looked at. Days of old day
 * files say nothing of looking, and days before a location's first do not count: both are left out. So is a day whose
 * rollup is damaged, which `onFault` hears: the others still tell. Throws StoreError.
 */
export async function monthLooked(
  location: string,
  today: LocalDay,
  store: Store,
  { timeZone, openingHours }: { readonly timeZone: string; readonly openingHours: OpeningHours },
  onFault: (fault: string) => void,
): Promise<Looked> {
  const past = { location, today, store, timeZone }
  const rollups = await pastRollups(MONTH_DAYS, past, onFault)
  const first = rollups.findIndex(({ probes }) => probes.size > 0)
  const counted = first < 0 ? [] : rollups.slice(first).filter((rollup) => !isOldDay(rollup))
  const looked = counted.map((rollup) => dayLooked(rollup, timeZone, openingHours))
  return {
    looked: looked.reduce((sum, day) => sum + day.looked, 0),
    open: looked.reduce((sum, day) => sum + day.open, 0),
  }
}

/** Known by an old day file alone. */
function isOldDay({ probes, devices }: DayRollup): boolean {
  return probes.size === 0 && devices.size > 0
}

function dayLooked({ window, probes }: DayRollup, timeZone: string, hours: OpeningHours): Looked {
  const seen = emptyMinutes(window.minutes)
  for (const probe of probes.values()) unite(seen, probe.looked)
  let looked = 0
  let open = 0
  for (const [elapsed, clock] of clockMinutes(window, timeZone).entries()) {
    if (clock < hours.firstMinute || clock > hours.lastMinute) continue
    open += 1
    if (hasMinute(seen, elapsed)) looked += 1
  }
  return { looked, open }
}
