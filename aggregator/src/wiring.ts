/**
 * Puts adapters together from the configuration: the only file, with main.ts and the commands, that knows
 * them. A dry run is other adapters, not a condition somewhere inside.
 */
import type { LocalConfig, StoreConfig, TicketsConfig } from './config.ts'
import type { Effects } from './effects.ts'
import { failedPostsIn } from './failed-posts.ts'
import type { Log } from './log.ts'
import { parseMemberMap } from './members/member-map.ts'
import { type Owners, ownersOf } from './members/ownership.ts'
import type { PresenceSettings } from './presence/presences.ts'
import { formatAmount } from './presence/rule.ts'
import { listLocations } from './rollup/refresh-rollup.ts'
import type { ReadDeps, SettleDeps } from './settle-day.ts'
import { openStore as openStoreAt } from './store/open-store.ts'
import { readOnly } from './store/read-only-store.ts'
import type { Store } from './store/store.ts'
import { createDryRunTickets } from './tickets/dry-run-tickets.ts'
import { createHttpTickets } from './tickets/http-tickets.ts'
import type { Tickets } from './tickets/tickets.ts'

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
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
    ...(config.S3_ENDPOINT && { endpoint: config.S3_ENDPOINT }),
    ...(config.S3_REGION && { region: config.S3_REGION }),
    ...(credentials && { credentials }),
  })
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

/** The ticket server of the configuration. */
export function openTickets(config: TicketsConfig, { sleep }: Effects): Tickets {
  return createHttpTickets({
    url: config.TICKET_BACKEND_URL,
    token: config.TICKET_BACKEND_TOKEN,
    sleep,
  })
}

/** Reads a day without writing anything: neither to the store nor to the ticket server. */
export async function readDeps(config: StoreConfig): Promise<ReadDeps> {
  const store = readOnly(await openStore(config))
  return { store, locations: await listLocations(store), settings: presenceSettings(config) }
}

/** What charging takes; with `dryRun`, adapters that read all and change nothing. Throws StoreError. */
export async function settleDeps(
  config: StoreConfig & TicketsConfig,
  { dryRun }: { readonly dryRun: boolean },
  effects: Effects,
  log: Log,
): Promise<SettleDeps> {
  const opened = await openStore(config)
  const store = dryRun ? readOnly(opened) : opened
  const tickets = openTickets(config, effects)
  return {
    store,
    locations: await listLocations(store),
    settings: presenceSettings(config),
    tickets: dryRun ? createDryRunTickets(tickets) : tickets,
    onFailedPost: failedPostLog(config, effects, log),
  }
}

/** The owners of today's member map, with its faults logged. Throws TicketsError or MemberMapRefused. */
export async function currentOwners(
  config: LocalConfig,
  tickets: Pick<Tickets, 'memberMap'>,
  log: Log,
): Promise<Owners> {
  return ownersFromText(await tickets.memberMap(), config, log)
}

/** The owners of a member map given as text, with its faults logged. Throws MemberMapRefused. */
export function ownersFromText(text: string, config: LocalConfig, log: Log): Owners {
  const map = parseMemberMap(text, { excludedNames: config.EXCLUDED_NAMES })
  for (const { row, reason } of map.faults) log.warn(`Member map, row ${row}: ${reason}`)
  return ownersOf(map)
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
