/**
 * Puts adapters together from the configuration: the only file, with main.ts and the commands, that knows
 * them. A dry run is other adapters, not a condition somewhere inside.
 */
import { addDays, type LocalDay, localDayOf } from '@presences/shared'
import type { ChargeConfig, LocalConfig, StoreConfig, TicketsConfig } from './config.ts'
import type { Effects } from './effects.ts'
import type { ExplainDeps } from './explain-day.ts'
import { failedPostsIn } from './failed-posts.ts'
import { type Lease, NO_LEASE, takeLease } from './ledger/lease.ts'
import type { Run } from './ledger/ledger.ts'
import { ledgerFirstDay } from './ledger/ledger-store.ts'
import type { Log } from './log.ts'
import { recordMap } from './members/history-store.ts'
import { emailsOf, type MapHistory } from './members/map-history.ts'
import { type MemberMap, parseMemberMap } from './members/member-map.ts'
import { ownersOn } from './members/owners-on.ts'
import type { Owners } from './members/ownership.ts'
import type { PresenceSettings } from './presence/presences.ts'
import { formatAmount } from './presence/rule.ts'
import type { ReadDeps } from './read-day.ts'
import { readActivity } from './rollup/activity.ts'
import { listLocations } from './rollup/refresh-rollup.ts'
import type { SettleDeps } from './settle-day.ts'
import { openStore as openStoreAt } from './store/open-store.ts'
import { readOnly } from './store/read-only-store.ts'
import type { Store } from './store/store.ts'
import { createDryRunTickets } from './tickets/dry-run-tickets.ts'
import { createHttpTickets } from './tickets/http-tickets.ts'
import { type Tickets, TicketsError } from './tickets/tickets.ts'

/** What a run was asked to do, and by whom. */
export interface Asked {
  readonly kind: Run['kind']
  readonly by: string
  /** The first of the days it is about. */
  readonly firstDay: LocalDay
  readonly dryRun: boolean
  readonly allowLower: boolean
  readonly acceptMap: boolean
}

/** Everything a run charges with. */
export interface Charging {
  readonly deps: SettleDeps
  readonly history: MapHistory
  /** The owners on a day; with `lateFrom`, late registrations count only from that day on. */
  readonly ownersOn: (day: LocalDay, lateFrom?: LocalDay) => Owners
}

/** A day's evidence is read with the owners of that day; nothing is written. */
export interface Reading {
  readonly deps: ExplainDeps
  readonly ownersOn: (day: LocalDay) => Owners
}

/** People who correct a day do so up to so long before it (a day is entered in advance). */
const AUDIT_MARGIN_DAYS = 31

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
export async function openStore(config: StoreConfig): Promise<Store> {
  const credentials = credentialsOf(config)
  return openStoreAt(config.STORE_URL, {
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
  { sleep, fetch, now }: Effects,
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
    onFault,
  })
}

/** Reads days without writing anything. Throws StoreError, TicketsError, MemberMapRefused or HistoryError. */
export async function openReading(
  config: ChargeConfig,
  effects: Effects,
  log: Log,
): Promise<Reading> {
  const deps = await readDeps(config)
  const today = localDayOf(effects.now(), config.TIMEZONE)
  const map = await readMap(
    config,
    openTickets(config, effects, (fault) => log.warn(fault)),
    log,
  )
  // The store is read-only: the map is looked at, not recorded.
  const { history } = await recordMap(deps.store, map, today, { acceptShrunk: true })
  return {
    deps: {
      ...deps,
      now: effects.now,
      emailsOf: (email) => emailsOf(history, email),
      minCoveragePercent: config.MIN_COVERAGE,
    },
    ownersOn: (day) => ownersOn(history, map, day),
  }
}

/** Reads days of the store alone, writing nothing. Throws StoreError. */
export async function readDeps(config: StoreConfig): Promise<ReadDeps> {
  return storeDeps(readOnly(await openStore(config)), config)
}

async function storeDeps(store: Store, config: LocalConfig): Promise<ReadDeps> {
  const locations = await listLocations(store)
  const activity = await readActivity(store, locations)
  return { store, locations, activity, settings: presenceSettings(config) }
}

/**
 * Does `work` with all that charging takes: waits until no other run charges, checks and records the member map, and
 * lets the next run go on when the work is done, or failed. With `dryRun`, adapters that read all and change
 * nothing. Throws LeaseError, StoreError, TicketsError, MemberMapRefused … and what `work` throws.
 */
export async function whileCharging<Result>(
  config: ChargeConfig,
  asked: Asked,
  effects: Effects,
  log: Log,
  work: (charging: Charging) => Promise<Result>,
): Promise<Result> {
  const opened = await openStore(config)
  const store = asked.dryRun ? readOnly(opened) : opened
  const run = {
    id: `${effects.now().toISOString()}-${effects.newId()}`,
    kind: asked.kind,
    by: asked.by,
  }
  const lease = asked.dryRun
    ? NO_LEASE
    : await takeLease(store, run, effects, (line) => log.info(line))
  try {
    return await work(await chargingWith(store, run, lease, config, asked, effects, log))
  } finally {
    await lease.release()
  }
}

async function chargingWith(
  store: Store,
  run: Run,
  lease: Lease,
  config: ChargeConfig,
  asked: Asked,
  effects: Effects,
  log: Log,
): Promise<Charging> {
  const tickets = openTickets(config, effects, (fault) => log.warn(fault))
  const today = localDayOf(effects.now(), config.TIMEZONE)
  const map = await readMap(config, tickets, log)
  const { history } = await recordMap(store, map, today, { acceptShrunk: asked.acceptMap })
  const deps: SettleDeps = {
    ...(await storeDeps(store, config)),
    run,
    now: effects.now,
    today,
    ledgerFirstDay: await ledgerFirstDay(store, today),
    ...askedOnce(tickets, asked, log),
    emailsOf: (email) => emailsOf(history, email),
    allowLower: asked.allowLower,
    minCoveragePercent: config.MIN_COVERAGE,
    tickets: asked.dryRun ? createDryRunTickets(tickets) : tickets,
    lease,
    onFailedPost: failedPostLog(config, effects, log),
  }
  return {
    deps,
    history,
    ownersOn: (day, lateFrom) => ownersOn(history, map, day, lateFrom ? { lateFrom } : {}),
  }
}

/** The member map from a text, with its faults logged. Throws MemberMapRefused. */
export function checkMap(text: string, config: LocalConfig, log: Log): MemberMap {
  const map = parseMemberMap(text, { excludedNames: config.EXCLUDED_NAMES })
  for (const { row, reason } of map.faults) log.warn(`Member map, row ${row}: ${reason}`)
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

/** What the ticket server is asked once a run: the audit trail, and each member's own days. */
function askedOnce(
  tickets: Tickets,
  { firstDay }: Asked,
  log: Log,
): Pick<SettleDeps, 'audit' | 'storedAmounts'> {
  const unlessUnreadable = <Value>(answer: Promise<Value>) =>
    answer.catch((error: unknown) => {
      if (!(error instanceof TicketsError)) throw error
      log.warn(error.message)
      return undefined
    })
  let audit: ReturnType<SettleDeps['audit']> | undefined
  const stored = new Map<string, ReturnType<SettleDeps['storedAmounts']>>()
  return {
    audit: () => {
      audit ??= unlessUnreadable(
        tickets.auditTrail(addDays(firstDay, -AUDIT_MARGIN_DAYS)).then((trail) => {
          for (const fault of trail.faults) log.warn(fault)
          return trail
        }),
      )
      return audit
    },
    storedAmounts: (email) => {
      const known = stored.get(email) ?? unlessUnreadable(tickets.storedAmounts(email))
      stored.set(email, known)
      return known
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

function failedPostLog(
  config: LocalConfig,
  { now }: Effects,
  log: Log,
): SettleDeps['onFailedPost'] {
  const record = config.LOG_DIR && failedPostsIn(config.LOG_DIR, config.TIMEZONE, now)
  return async (presence, error) => {
    const { email, day, amount } = presence
    log.error(`${email} was not charged ${formatAmount(amount)} for ${day}: ${error.message}`)
    if (!record) return
    await record(presence, error.message).catch((cause: Error) => {
      log.error(
        `Can't append the failed post of ${email} to LOG_DIR ${config.LOG_DIR}: ${cause.message}`,
      )
    })
  }
}
