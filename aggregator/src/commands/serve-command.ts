/** `serve`: the HTTP service, until it is asked to end. */
import { ExitCode, localDayOf } from '@presences/shared'
import pMap from 'p-map'
import { whileCharging } from '../charging/charging.ts'
import { type NightlyMemory, readMemory } from '../charging/nightly-memory.ts'
import { type ServeConfig, serveConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { createApp } from '../http/app.ts'
import { listen } from '../http/listen.ts'
import type { Readiness, Service } from '../http/service.ts'
import type { Looked, ProbeSeen } from '../probes/location-health.ts'
import { monthLooked } from '../probes/month-looked.ts'
import { recentProbes } from '../probes/recent-probes.ts'
import type { Log } from '../runtime/log.ts'
import { readOnly } from '../store/read-only-store.ts'
import type { Store } from '../store/store.ts'
import { chargingKit, openReading, openStore, openTickets, readMap, roomsIn } from '../wiring.ts'
import { readHealth, settingsOf } from './probes-command.ts'
import { setUp } from './setup.ts'

/** The unit's TimeoutStopSec, less a little. */
const PATIENCE_MS = 25_000

/** Listens until SIGTERM or SIGINT, then lets what is under way end. Throws when it can't listen. */
export async function serveCommand(effects: Effects): Promise<ExitCode> {
  const { config, log } = setUp(serveConfig, effects)
  const app = createApp(createService(config, effects, log))
  const server = await listen(app.fetch, { host: config.HOST, port: config.PORT })
  log.info(`Listening on http://${config.HOST}:${server.port}`)
  await effects.untilAskedToEnd()
  log.info('Asked to end: finishing what is under way')
  await server.close(PATIENCE_MS)
  return ExitCode.done
}

/** What the routes ask for, from the configuration: everything is opened anew for each request. */
export function createService(config: ServeConfig, effects: Effects, log: Log): Service {
  return {
    adminTokens: config.ADMIN_TOKENS,
    corsOrigins: config.CORS_ORIGINS,
    trustedProxies: config.TRUSTED_PROXIES,
    log,
    now: effects.now,
    today: () => localDayOf(effects.now(), config.TIMEZONE),
    openReading: () => openReading(config, effects, log),
    whileCharging: (asked, work, onWait) =>
      whileCharging(chargingKit(config, effects, log), asked, work, onWait),
    measure: createMeasure(config, effects, log),
    readiness: () =>
      Promise.all([
        check('store', async () => (await openStore(config, effects)).folders('')),
        check('ticket server', () =>
          readMap(config, openTickets(config, effects, silent.warn, IMPATIENT), silent),
        ),
      ]),
  }
}

/**
 * Reads what is measured. The days that are over are read once an hour: they hardly change, and Prometheus asks
 * several times a minute.
 */
function createMeasure(config: ServeConfig, effects: Effects, log: Log): Service['measure'] {
  const days = new Map<string, { readonly readAt: number; readonly read: DaysRead }>()
  return async () => {
    const now = effects.now()
    const today = localDayOf(now, config.TIMEZONE)
    const store = await openStore(config, effects)
    const recent = async (location: string) => (await daysOf(location, store)).recent
    const { known, ...strangers } = await roomsIn(store, config, effects, log)
    const [health, nightly] = await Promise.all([
      readHealth(known, store, config, now, recent),
      readMemory(readOnly(store), { now: effects.now, onSetAside: (line) => log.warn(line) }),
    ])
    const locations = await pMap(health, async (each) => ({
      ...each,
      month: (await daysOf(each.location, store)).month,
    }))
    return { locations, strangers, nightly: nightly ?? NOT_KNOWN, today }

    async function daysOf(location: string, from: Store): Promise<DaysRead> {
      const name = `${location} ${today}`
      const known = days.get(name)
      if (known && now.getTime() - known.readAt < HOUR_MS) return known.read
      const month = await monthLooked(location, today, from, settingsOf(config), (fault) =>
        log.warn(fault),
      )
      const read = { month, recent: await recentProbes(location, today, from, config.TIMEZONE) }
      for (const each of days.keys()) if (!each.endsWith(today)) days.delete(each)
      days.set(name, { readAt: now.getTime(), read })
      return read
    }
  }
}

/** What the days before today say of a location. */
interface DaysRead {
  readonly month: Looked
  readonly recent: readonly ProbeSeen[]
}

const NOT_KNOWN: NightlyMemory = { lastRun: undefined, openDays: [] }
const HOUR_MS = 3_600_000

/** Whoever asks whether we are ready does not wait for retries. */
const IMPATIENT = { retries: 0, timeoutMs: 3_000 }

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

async function check(name: string, attempt: () => Promise<unknown>): Promise<Readiness> {
  try {
    await attempt()
    return { name }
  } catch (error) {
    return { name, fault: (error as Error).message }
  }
}
