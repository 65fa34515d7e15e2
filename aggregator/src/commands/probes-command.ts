/** `probes`: does each location's probe live? With `--alert`, somebody is told when one does not, and when it is back. */
import { ExitCode } from '@presences/shared'
import pMap from 'p-map'
import { tellAlerts } from '../alerts/alert-book.ts'
import { webhook } from '../alerts/webhook.ts'
import { type ProbesConfig, probesConfig } from '../config.ts'
import type { VisibleEffects } from '../effects.ts'
import { logCauses } from '../probes/cause-book.ts'
import {
  healthOf,
  type LocationHealth,
  type ProbeSeen,
  silentProbes,
} from '../probes/location-health.ts'
import { monthLooked } from '../probes/month-looked.ts'
import { isProbeChecked, probeCauses } from '../probes/probe-causes.ts'
import { type LocationReport, percentOf, probeLines } from '../probes/probe-lines.ts'
import { readLocations } from '../probes/read-locations.ts'
import { recentProbes } from '../probes/recent-probes.ts'
import { strangerLines } from '../reports/room-lines.ts'
import type { Store } from '../store/store.ts'
import { openStore, roomsIn } from '../wiring.ts'
import { setUp } from './setup.ts'

export interface ProbesOptions {
  readonly json?: boolean
  readonly alert?: boolean
}

/** Not the nightly run's book: both may write at the same time. */
const BOOK = 'jobs/probe-alerts.json'

/** Prints the state of each location; `partial` when one, or a probe of one, is silent. Throws StoreError, ConfigError. */
export async function probesCommand(
  options: ProbesOptions,
  effects: VisibleEffects,
): Promise<ExitCode> {
  const { config, log, today } = setUp(probesConfig, effects)
  const store = await openStore(config, effects)
  const recent = (location: string) => recentProbes(location, today, store, config.TIMEZONE)
  const rooms = await roomsIn(store, config, effects, log)
  const health = await readHealth(rooms.known, store, config, effects.now(), recent)
  const causes = probeCauses(health, config.TIMEZONE)
  if (options.alert) {
    // The timer's run: it says what is wrong, and does not read a month of rollups every few minutes.
    const isChecked = isProbeChecked(health)
    await logCauses(causes, isChecked, { store, log, now: effects.now() })
    if (config.ALERT_WEBHOOK_URL) {
      const send = webhook(config.ALERT_WEBHOOK_URL, effects.fetch)
      await tellAlerts(causes, isChecked, {
        store,
        log,
        send,
        now: effects.now,
        key: BOOK,
      })
    }
    return ExitCode.done
  }
  const reports: LocationReport[] = await pMap(health, async (each) => ({
    ...each,
    month: await monthLooked(each.location, today, store, settingsOf(config), (fault) =>
      log.warn(fault),
    ),
  }))
  if (options.json) {
    const waiting = rooms.waiting.map((location) => ({ location, state: 'waiting' }))
    effects.printText(JSON.stringify([...reports.map(jsonOf), ...waiting], null, 2))
  } else {
    for (const line of probeLines(reports, config.TIMEZONE)) effects.printLine(line)
    for (const line of strangerLines(rooms)) effects.printLine(line)
  }
  const isSilent = health.some((each) => each.state === 'silent' || silentProbes(each).length > 0)
  return isSilent ? ExitCode.partial : ExitCode.done
}

/** The health of each of `locations`. `recent`: as for `readLocations`. Throws StoreError. */
export async function readHealth(
  locations: readonly string[],
  store: Store,
  config: ProbesConfig,
  now: Date,
  recent: (location: string) => Promise<readonly ProbeSeen[]>,
): Promise<LocationHealth[]> {
  const seen = await readLocations(locations, store, now, config.TIMEZONE, recent)
  return seen.map((each) => healthOf(each, now, settingsOf(config)))
}

/** What health takes of the configuration. */
export function settingsOf(config: ProbesConfig) {
  return {
    timeZone: config.TIMEZONE,
    openingHours: config.OPENING_HOURS,
    silentMinutes: config.PROBE_SILENT_MINUTES,
  }
}

function jsonOf({ lastMinute, probes, today, month, ...rest }: LocationReport) {
  const instant = (minute: number | undefined) =>
    minute === undefined ? null : new Date(minute * 60_000).toISOString()
  return {
    ...rest,
    lastMinute: instant(lastMinute),
    today: { ...today, percent: percentOf(today) ?? null },
    month: { ...month, percent: percentOf(month) ?? null },
    probes: probes.map((probe) => ({ ...probe, lastMinute: instant(probe.lastMinute) })),
  }
}
