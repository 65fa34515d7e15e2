/** The probes for people: one line a location, one line a probe. Pure. */
import { formatLocalTime, instantOf } from '@presences/shared'
import type { LocationHealth, Looked } from './location-health.ts'

/** A location with its last 30 days. */
export interface LocationReport extends LocationHealth {
  readonly month: Looked
}

/** Lines for the screen. */
export function probeLines(reports: readonly LocationReport[], timeZone: string): string[] {
  return reports.flatMap((report) => [
    `${report.location}: ${stateOf(report, timeZone)}; today ${partOf(report.today)}, 30 days ${partOf(report.month)}`,
    ...report.probes.map(({ probe, version, freeMb }) =>
      [
        `  ${probe ?? 'old day file'}`,
        ...(version ? [`version ${version}`] : []),
        ...(freeMb === undefined ? [] : [`${freeMb} MB free`]),
      ].join(', '),
    ),
  ])
}

/** Percent of the minutes that were open; `undefined` while none was. */
export function percentOf({ looked, open }: Looked): number | undefined {
  return open === 0 ? undefined : Math.floor((100 * looked) / open)
}

function stateOf({ state, lastMinute, ageMinutes }: LocationReport, timeZone: string): string {
  if (lastMinute === undefined) return 'no minute files'
  const last = formatLocalTime(instantOf(lastMinute), timeZone).slice(0, 16).replace('T', ' ')
  const word = { looking: 'looking', silent: 'SILENT', closed: 'closed now', retired: 'retired' }
  return `${word[state]}, last minute ${last} (${ageMinutes} min ago)`
}

function partOf(looked: Looked): string {
  const percent = percentOf(looked)
  return percent === undefined
    ? 'not open yet'
    : `${looked.looked} of ${looked.open} min (${percent} %)`
}
