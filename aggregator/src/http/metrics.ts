/**
 * What Prometheus scrapes, in its text format. `infra/cloud/presences.rules.yml` has the alerts over these names.
 */
import { daysFrom, type LocalDay } from '@presences/shared'
import { Gauge, Registry } from 'prom-client'
import type { NightlyMemory } from '../charging/nightly-memory.ts'
import { type ProbeHealth, type ProbeState, silentProbes } from '../probes/location-health.ts'
import type { LocationReport } from '../probes/probe-lines.ts'
import type { Strangers } from '../rooms/rooms.ts'

export interface Measured {
  readonly locations: readonly LocationReport[]
  readonly strangers: Strangers
  readonly nightly: NightlyMemory
  readonly today: LocalDay
  readonly version: string
}

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

const STATES: readonly ProbeState[] = ['looking', 'silent', 'closed', 'retired']

/** The page. */
export function metricsText(measured: Measured): Promise<string> {
  // A registry a scrape: a location that is gone leaves no value behind.
  const registry = new Registry()
  gauge('presences_info', 'Version of the aggregator.', ['version']).set(
    { version: measured.version },
    1,
  )
  addLocations(measured.locations)
  addStrangers(measured.strangers)
  addNightly(measured)
  return registry.metrics()

  function gauge<Label extends string>(name: string, help: string, labelNames: Label[] = []) {
    return new Gauge({ name, help, labelNames, registers: [registry] })
  }

  function addLocations(locations: readonly LocationReport[]): void {
    const age = gauge('presences_last_minute_age_seconds', 'Age of the last minute file.', [
      'location',
    ])
    const state = gauge('presences_probe_state', '1 for the state a location is in.', [
      'location',
      'state',
    ])
    const minutes = gauge('presences_looked_minutes', 'Minutes of opening hours looked at.', [
      'location',
      'period',
    ])
    const open = gauge('presences_open_minutes', 'Minutes of opening hours there were.', [
      'location',
      'period',
    ])
    const free = gauge('presences_probe_free_bytes', "Free space on a probe's disk.", [
      'location',
      'probe',
    ])
    const missed = gauge('presences_probe_missed', '1 for a probe silent beside another one.', [
      'location',
      'probe',
    ])
    const info = gauge('presences_probe_info', 'Version of a probe.', [
      'location',
      'probe',
      'version',
    ])
    for (const { location, ...health } of locations) {
      if (health.ageMinutes !== undefined) age.set({ location }, health.ageMinutes * 60)
      for (const each of STATES) state.set({ location, state: each }, each === health.state ? 1 : 0)
      for (const [period, looked] of [
        ['today', health.today],
        ['30d', health.month],
      ] as const) {
        minutes.set({ location, period }, looked.looked)
        open.set({ location, period }, looked.open)
      }
      const silent = new Set<ProbeHealth>(silentProbes({ location, ...health }))
      for (const each of health.probes) {
        const { probe = 'old', version = 'unknown', freeMb } = each
        info.set({ location, probe, version }, 1)
        missed.set({ location, probe }, silent.has(each) ? 1 : 0)
        // What was free when a box was taken away would be alerted of for ever.
        if (freeMb !== undefined && health.state !== 'retired')
          free.set({ location, probe }, freeMb * 1e6)
      }
    }
  }

  function addStrangers({ waiting, ignored }: Strangers): void {
    gauge('presences_rooms_waiting', 'Rooms that charge nobody until they are accepted.').set(
      waiting.length,
    )
    gauge('presences_folders_ignored', 'Folders in the bucket that no room is called.').set(
      ignored.length,
    )
  }

  function addNightly({ nightly, today }: Measured): void {
    const { lastRun, openDays } = nightly
    if (lastRun !== undefined) {
      // The clock of an earlier run may have been ahead.
      const days = Math.max(0, daysFrom(lastRun, today))
      gauge('presences_nightly_age_days', 'Days since the last nightly run.').set(days)
    }
    const open = gauge('presences_nightly_open_days', 'Days with something left undone.')
    open.set(openDays.length)
  }
}
