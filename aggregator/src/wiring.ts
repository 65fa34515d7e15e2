/**
 * Puts adapters together from the configuration: the only file, with main.ts and the commands, that knows
 * them. A dry run is other adapters, not a condition somewhere inside.
 */
import { addDays, type LocalDay, localDayOf } from '@presences/shared'
import type { ChargingKit } from './charging/charging.ts'
import { type RoomDeps, readRooms } from './charging/known-rooms.ts'
import type { ReadDeps } from './charging/read-day.ts'
import type { ChargeConfig, LocalConfig, StoreConfig, TicketsConfig } from './config.ts'
import { gathered } from './domain/gathered.ts'
import type { Owners } from './domain/ownership.ts'
import type { Effects } from './effects.ts'
import type { ExplainDeps } from './explain/explain-day.ts'
import { ledgerFirstDay } from './ledger/ledger-store.ts'
import { type RecordOptions, recordMap } from './members/history-store.ts'
import { identities } from './members/identities.ts'
import { currentEmail } from './members/map-history.ts'
import { type MemberMap, parseMemberMap } from './members/member-map.ts'
import { ownersOn } from './members/owners-on.ts'
import type { PresenceSettings } from './presence/presences.ts'
import { readActivity } from './rollup/activity.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { Log } from './runtime/log.ts'
import { readOnly } from './store/read-only-store.ts'
import type { Store } from './store/store.ts'
import { createHttpTickets } from './tickets/http-tickets.ts'
import type { Tickets } from './tickets/tickets.ts'
import { unlessRefused } from './tickets/unless-refused.ts'
import { NOTHING_WITHDRAWN } from './withdrawal/withdrawals.ts'
import { readWithdrawals } from './withdrawal/withdrawn-store.ts'

/** A day's evidence is read with the owners of that day; nothing is written. */
export interface Reading {
  readonly deps: ExplainDeps
  readonly ownersOn: (day: LocalDay) => Owners
}

/** The rule and the time zone in force. */
export function presenceSettings(config: LocalConfig): PresenceSettings {
  return {
    timeZone: config.TIMEZONE,
    rule: {
      openingHours: config.OPENING_HOURS,
      halfDaySlots: config.HALF_DAY_SLOTS,
      fullDaySlots: config.FULL_DAY_SLOTS,
    },
  }
}

/** The store of the configuration. Throws StoreError. */
export function openStore(
  config: StoreConfig,
  { openStore, sleep, random }: Pick<Effects, 'openStore' | 'sleep' | 'random'>,
): Promise<Store> {
  const credentials = credentialsOf(config)
  return openStore(config.STORE_URL, {
    sleep,
    random,
    ...(config.S3_FORCE_PATH_STYLE !== undefined && {
      forcePathStyle: config.S3_FORCE_PATH_STYLE,
    }),
    ...(config.S3_ENDPOINT && { endpoint: config.S3_ENDPOINT }),
    ...(config.S3_REGION && { region: config.S3_REGION }),
    ...(credentials && { credentials }),
  })
}

/** The ticket server of the configuration. */
export function openTickets(
  config: TicketsConfig,
  { sleep, fetch, now, random }: Effects,
  onFault: (fault: string) => void,
  patience: { readonly retries?: number; readonly timeoutMs?: number } = {},
): Tickets {
  return createHttpTickets({
    ...patience,
    url: config.TICKET_BACKEND_URL,
    token: config.TICKET_BACKEND_TOKEN,
    sleep,
    fetch,
    now,
    random,
    onFault,
  })
}

/** What a run charges with. Nothing is opened yet. */
export function chargingKit(config: ChargeConfig, effects: Effects, log: Log): ChargingKit {
  const tickets = openTickets(config, effects, (fault) => log.warn(fault))
  return {
    openStore: () => openStore(config, effects),
    tickets,
    readMap: () => readMap(config, tickets, log),
    whoIsWho: () => whoIsWho(config, tickets, log),
    readDeps: (store) => storeDeps(store, config, effects, log),
    timeZone: config.TIMEZONE,
    minCoveragePercent: config.MIN_COVERAGE,
    restoreCorrections: config.RESTORE_CORRECTIONS,
    logDir: config.LOG_DIR,
    clock: effects,
    newId: effects.newId,
    log,
  }
}

/** Reads days without writing anything. Throws StoreError, TicketsError, MemberMapRefused or HistoryError. */
export async function openReading(
  config: ChargeConfig,
  effects: Effects,
  log: Log,
): Promise<Reading> {
  const deps = await readDeps(config, effects, log)
  const today = localDayOf(effects.now(), config.TIMEZONE)
  const tickets = openTickets(config, effects, (fault) => log.warn(fault))
  const map = await readMap(config, tickets, log)
  // The store is read-only: the map is looked at, not recorded.
  const { history } = await recordMap(deps.store, map, today, {
    acceptShrunk: true,
    beginning: await ledgerFirstDay(deps.store, today, {
      now: effects.now,
      onSetAside: (message) => log.warn(message),
    }),
    ...(await whoIsWho(config, tickets, log)),
  })
  return {
    deps: {
      ...deps,
      now: effects.now,
      ...identities(history, config.TIMEZONE),
      currentEmail: (email) => currentEmail(history, email),
      minCoveragePercent: config.MIN_COVERAGE,
    },
    ownersOn: (day) => ownersOn(history, map, day),
  }
}

/** Reads days of the store alone, writing nothing. Throws StoreError or WithdrawnError. */
export async function readDeps(config: StoreConfig, effects: Effects, log: Log): Promise<ReadDeps> {
  return storeDeps(readOnly(await openStore(config, effects)), config, effects, log)
}

/** What reading days takes, from a store that is open. Throws StoreError or WithdrawnError. */
export async function storeDeps(
  store: Store,
  config: StoreConfig,
  effects: Pick<Effects, 'now'>,
  log: Log,
): Promise<ReadDeps> {
  const [deps, { value: withdrawals }] = await Promise.all([
    wholeDeps(store, config, effects, log),
    readWithdrawals(store),
  ])
  return { ...deps, withdrawals }
}

/** The same for who needs to know what boxes sent, whatever people withdrew of it. Throws StoreError. */
export async function wholeDeps(
  store: Store,
  config: StoreConfig,
  effects: Pick<Effects, 'now'>,
  log: Log,
): Promise<ReadDeps> {
  const { known: locations, ...strangers } = await roomsIn(store, config, effects, log)
  const activity = await readActivity(store, locations)
  const settings = presenceSettings(config)
  return { store, locations, strangers, activity, withdrawals: NOTHING_WITHDRAWN, settings }
}

/** Which rooms count, and which folders do not; nothing is written. Throws StoreError. */
export function roomsIn(
  store: Store,
  config: StoreConfig,
  effects: Pick<Effects, 'now'>,
  log: Log,
): Promise<Rooms> {
  return readRooms(roomDeps(readOnly(store), config, effects, log))
}

/** What tells which rooms count. */
export function roomDeps(
  store: Store,
  config: StoreConfig,
  { now }: Pick<Effects, 'now'>,
  log: Log,
): RoomDeps {
  return {
    store,
    today: localDayOf(now(), config.TIMEZONE),
    aside: { now, onSetAside: (message) => log.warn(message) },
    listed: config.LOCATIONS,
  }
}

/** The member map from a text, with its faults logged. Throws MemberMapRefused. */
export function checkMap(text: string, config: LocalConfig, log: Log): MemberMap {
  const map = parseMemberMap(text, { excludedNames: config.EXCLUDED_NAMES })
  const faults = map.faults.map(({ row, reason }) => ({ key: `Member map, row ${row}`, reason }))
  for (const fault of gathered(faults)) log.warn(fault)
  return map
}

/** Today's member map. Throws TicketsError or MemberMapRefused. */
export async function readMap(
  config: LocalConfig,
  tickets: Pick<Tickets, 'memberMap'>,
  log: Log,
): Promise<MemberMap> {
  return checkMap(await tickets.memberMap(), config, log)
}

/** Who is who at the ticket server; where it can't say, the run goes on with what was known before. */
export async function whoIsWho(
  config: LocalConfig,
  tickets: Pick<Tickets, 'members' | 'auditTrail'>,
  log: Log,
): Promise<Omit<RecordOptions, 'acceptShrunk' | 'beginning'>> {
  const people = await unlessRefused(tickets.members(), log)
  return {
    ...(people && { people }),
    graceDays: config.MEMBER_GRACE_DAYS,
    gapSince: async (from) => {
      // The server counts days in UTC.
      const trail = await unlessRefused(tickets.auditTrail(addDays(from, -2)), log)
      const isPartial = trail?.unsure !== undefined
      return { from, events: trail?.devices, isPartial, timeZone: config.TIMEZONE }
    },
  }
}

/** Keys from `.env` or from `NAME_FILE`, which the SDK's own credential chain does not read. */
function credentialsOf(config: StoreConfig) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = config
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  }
}
