/**
 * Does a location's probe live? Pure: from what its last files say, and the instant. A probe that nobody hears is
 * found within minutes of opening hours, not when members ask why they were not charged.
 */
import {
  clockMinutes,
  dayWindow,
  type EpochMinute,
  epochMinuteOf,
  localDayOf,
} from '@presences/shared'
import type { OpeningHours } from '../domain/rule.ts'

/** One probe of a location, as its last file tells. */
export interface ProbeSeen {
  /** `undefined`: an old day file, which does not say who writes it. */
  readonly probe: string | undefined
  /** The minute of its last file. */
  readonly lastMinute: EpochMinute
  readonly version?: string | undefined
  /** Free space where its files wait, in megabytes. */
  readonly freeMb?: number | undefined
}

/** What the store has of a location. */
export interface LocationSeen {
  readonly location: string
  /** Those of its last day with files; where that is today, also those of the days before that are missed. */
  readonly probes: readonly ProbeSeen[]
  /** How many more there are than a room can have. */
  readonly moreProbes?: number
  /** Minutes of today that have a file. */
  readonly minutesToday: ReadonlySet<EpochMinute>
}

/**
 * `looking`: heard lately. `silent`: not heard for too long, in opening hours. `closed`: not heard, and nobody needs to
 * be. `retired`: nothing for a month.
 */
export type ProbeState = 'looking' | 'silent' | 'closed' | 'retired'

/** One probe, judged as its location is, by itself. */
export interface ProbeHealth extends ProbeSeen {
  readonly state: ProbeState
}

export interface LocationHealth {
  readonly location: string
  readonly state: ProbeState
  /** `undefined`: there is no file at all. */
  readonly lastMinute: EpochMinute | undefined
  /** Since then, in minutes. */
  readonly ageMinutes: number | undefined
  /** Minutes of today's opening hours so far, and those of them that were looked at. */
  readonly today: Looked
  readonly probes: readonly ProbeHealth[]
  readonly moreProbes?: number
}

/** `looked` of `open` minutes. */
export interface Looked {
  readonly looked: number
  readonly open: number
}

export interface HealthSettings {
  readonly timeZone: string
  readonly openingHours: OpeningHours
  /** `PROBE_SILENT_MINUTES`. */
  readonly silentMinutes: number
}

const RETIRED_MINUTES = 30 * 1440

/** The health of one location at `now`. */
export function healthOf(seen: LocationSeen, now: Date, settings: HealthSettings): LocationHealth {
  const minute = epochMinuteOf(now)
  const open = openMinutesUntil(now, settings)
  const lastMinute = seen.probes.reduce<EpochMinute | undefined>(
    (last, probe) => Math.max(last ?? probe.lastMinute, probe.lastMinute),
    undefined,
  )
  const ageOf = (last: EpochMinute) => Math.max(0, minute - last)
  const stateAt = (age: number | undefined) => stateOf(age, minute, open, settings.silentMinutes)
  const ageMinutes = lastMinute === undefined ? undefined : ageOf(lastMinute)
  return {
    location: seen.location,
    state: stateAt(ageMinutes),
    lastMinute,
    ageMinutes,
    today: { looked: open.filter((each) => seen.minutesToday.has(each)).length, open: open.length },
    probes: seen.probes.map((probe) => ({ ...probe, state: stateAt(ageOf(probe.lastMinute)) })),
    ...(seen.moreProbes && { moreProbes: seen.moreProbes }),
  }
}

/**
 * The probes that are silent while another one of their location is heard. Whoever wrote an old day file is none:
 * the scripts end where a box begins.
 */
export function silentProbes({
  state,
  probes,
}: LocationHealth): (ProbeHealth & { probe: string })[] {
  if (state !== 'looking') return []
  return probes.filter(
    (each): each is ProbeHealth & { probe: string } =>
      each.state === 'silent' && each.probe !== undefined,
  )
}

function stateOf(
  ageMinutes: number | undefined,
  minute: EpochMinute,
  open: readonly EpochMinute[],
  silentMinutes: number,
): ProbeState {
  if (ageMinutes === undefined || ageMinutes > RETIRED_MINUTES) return 'retired'
  if (ageMinutes <= silentMinutes) return 'looking'
  // Before opening nobody needs to be heard: the time is counted from then.
  const isOpen = open.at(-1) === minute
  const [opened] = open
  return isOpen && opened !== undefined && minute - opened > silentMinutes ? 'silent' : 'closed'
}

/** The minutes of today's opening hours until `now`, the present one included. */
export function openMinutesUntil(
  now: Date,
  { timeZone, openingHours }: Pick<HealthSettings, 'timeZone' | 'openingHours'>,
): EpochMinute[] {
  const window = dayWindow(localDayOf(now, timeZone), timeZone)
  const last = epochMinuteOf(now) - window.start
  const minutes: EpochMinute[] = []
  for (const [elapsed, clock] of clockMinutes(window, timeZone).entries()) {
    if (elapsed > last) break
    if (clock >= openingHours.firstMinute && clock <= openingHours.lastMinute) {
      minutes.push(window.start + elapsed)
    }
  }
  return minutes
}
