/** The probes for people: one line a location, one line a probe. Pure. */
import { type EpochMinute, formatLocalTime, instantOf } from '@presences/shared'
import {
  type LocationHealth,
  type Looked,
  type ProbeHealth,
  silentProbes,
} from './location-health.ts'

/** A location with its last 30 days. */
export interface LocationReport extends LocationHealth {
  readonly month: Looked
}

/** Lines for the screen. */
export function probeLines(reports: readonly LocationReport[], timeZone: string): string[] {
  return reports.flatMap((report) => {
    const silent = new Set<ProbeHealth>(silentProbes(report))
    return [
      `${report.location}: ${stateOf(report, timeZone)}; today ${partOf(report.today)}, 30 days ${partOf(report.month)}`,
      ...report.probes.map((probe) => probeLine(probe, silent.has(probe), timeZone)),
      ...(report.moreProbes
        ? [`  and ${report.moreProbes} more, which no room has: look at who has the key of a box`]
        : []),
    ]
  })
}

/** Of two probes one may be dead while the location is looked at. */
function probeLine(
  { probe, lastMinute, version, freeMb }: ProbeHealth,
  isSilent: boolean,
  timeZone: string,
): string {
  return [
    `  ${probe ?? 'old day file'}: ${isSilent ? 'SILENT, ' : ''}last minute ${formatMinute(lastMinute, timeZone)}`,
    ...(version ? [`version ${version}`] : []),
    ...(freeMb === undefined ? [] : [`${freeMb} MB free`]),
  ].join(', ')
}

/** Percent of the minutes that were open; `undefined` while none was. */
export function percentOf({ looked, open }: Looked): number | undefined {
  return open === 0 ? undefined : Math.floor((100 * looked) / open)
}

function stateOf({ state, lastMinute, ageMinutes }: LocationReport, timeZone: string): string {
  if (lastMinute === undefined) return 'no minute files'
  const last = formatMinute(lastMinute, timeZone)
  const word = { looking: 'looking', silent: 'SILENT', closed: 'closed now', retired: 'retired' }
  return `${word[state]}, last minute ${last} (${ageMinutes} min ago)`
}

/** `2026-11-22 14:05`, in local time. */
export function formatMinute(minute: EpochMinute, timeZone: string): string {
  return formatLocalTime(instantOf(minute), timeZone).slice(0, 16).replace('T', ' ')
}

function partOf(looked: Looked): string {
  const percent = percentOf(looked)
  return percent === undefined
    ? 'not open yet'
    : `${looked.looked} of ${looked.open} min (${percent} %)`
}
