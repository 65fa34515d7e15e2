/**
 * Puts together all that charging takes, and holds the lease around it: with wiring.ts, the files that know every
 * adapter. A dry run is other adapters, not a condition somewhere inside.
 */
import { addDays, type LocalDay, localDayOf } from '@presences/shared'
import type { ChargeConfig, LocalConfig } from './config.ts'
import type { Effects } from './effects.ts'
import { failedPostsIn } from './failed-posts.ts'
import { type Lease, NO_LEASE, takeLease } from './ledger/lease.ts'
import type { Run } from './ledger/ledger.ts'
import { ledgerFirstDay } from './ledger/ledger-store.ts'
import type { Log } from './log.ts'
import { recordMap } from './members/history-store.ts'
import { type MapHistory, presentEmail } from './members/map-history.ts'
import { ownersOn } from './members/owners-on.ts'
import type { Owners } from './members/ownership.ts'
import { formatAmount } from './presence/rule.ts'
import type { SettleDeps } from './settle-day.ts'
import { readOnly } from './store/read-only-store.ts'
import type { Store } from './store/store.ts'
import { createDryRunTickets } from './tickets/dry-run-tickets.ts'
import { type Tickets, TicketsError } from './tickets/tickets.ts'
import { openStore, openTickets, readMap, storeDeps } from './wiring.ts'

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

/** People may enter a day so long in advance. What was seen once is kept in the ledger besides. */
const AUDIT_MARGIN_DAYS = 92

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
  const opened = await openStore(config, effects)
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
    // A lease that stays ends by itself: a run that is done is not undone for it.
    await lease.release().catch((error: Error) => log.warn(error.message))
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
    presentEmail: (email, on) => presentEmail(history, email, on),
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

/** What the ticket server is asked once a run: the audit trail, and each member's own days. */
function askedOnce(
  tickets: Tickets,
  { firstDay }: Asked,
  log: Log,
): Pick<SettleDeps, 'audit' | 'auditedSince' | 'storedAmounts'> {
  const auditedSince = addDays(firstDay, -AUDIT_MARGIN_DAYS)
  const unlessUnreadable = <Value>(answer: Promise<Value>) =>
    answer.catch((error: unknown) => {
      if (!(error instanceof TicketsError)) throw error
      log.warn(error.message)
      return undefined
    })
  let audit: ReturnType<SettleDeps['audit']> | undefined
  const stored = new Map<string, ReturnType<SettleDeps['storedAmounts']>>()
  return {
    auditedSince,
    audit: () => {
      audit ??= unlessUnreadable(
        tickets.auditTrail(auditedSince).then((trail) => {
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
