/**
 * What charging takes, opened once a run, with the lease held around it. A dry run is other adapters, not a condition
 * somewhere inside.
 */
import { addDays, type LocalDay, localDayOf } from '@presences/shared'
import { formatAmount } from '../domain/amount.ts'
import type { Owners } from '../domain/ownership.ts'
import { type Lease, type LeaseClock, NO_LEASE, takeLease } from '../ledger/lease.ts'
import type { Run } from '../ledger/ledger.ts'
import { ledgerFirstDay } from '../ledger/ledger-store.ts'
import { recordMap } from '../members/history-store.ts'
import { type MapHistory, presentEmail } from '../members/map-history.ts'
import type { MemberMap } from '../members/member-map.ts'
import { ownersOn } from '../members/owners-on.ts'
import type { Log } from '../runtime/log.ts'
import { readOnly } from '../store/read-only-store.ts'
import type { Store } from '../store/store.ts'
import { createDryRunTickets } from '../tickets/dry-run-tickets.ts'
import { type Tickets, TicketsError } from '../tickets/tickets.ts'
import { failedPostsIn } from './failed-posts.ts'
import type { ReadDeps } from './read-day.ts'
import type { SettleDeps } from './settle-day.ts'

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

/** What a run charges with, before it is known whether it may: wiring.ts makes it of the configuration. */
export interface ChargingKit {
  readonly openStore: () => Promise<Store>
  readonly tickets: Tickets
  /** Today's member map, checked. Throws TicketsError or MemberMapRefused. */
  readonly readMap: () => Promise<MemberMap>
  /** What reading days takes. Throws StoreError. */
  readonly readDeps: (store: Store) => Promise<ReadDeps>
  readonly timeZone: string
  readonly minCoveragePercent: number
  /** Where failed posts are appended besides, when somebody wants that. */
  readonly logDir: string | undefined
  readonly clock: LeaseClock
  /** A few characters that no other run on earth has. */
  readonly newId: () => string
  readonly log: Log
}

/**
 * Does `work` with all that charging takes: waits until no other run charges, checks and records the member map, and
 * lets the next run go on when the work is done, or failed. With `dryRun`, adapters that read all and change
 * nothing. Throws LeaseError, StoreError, TicketsError, MemberMapRefused … and what `work` throws.
 */
export async function whileCharging<Result>(
  kit: ChargingKit,
  asked: Asked,
  work: (charging: Charging) => Promise<Result>,
): Promise<Result> {
  const { clock, newId, log } = kit
  const opened = await kit.openStore()
  const store = asked.dryRun ? readOnly(opened) : opened
  const run = { id: `${clock.now().toISOString()}-${newId()}`, kind: asked.kind, by: asked.by }
  const lease = asked.dryRun
    ? NO_LEASE
    : await takeLease(store, run, clock, (line) => log.info(line))
  try {
    return await work(await chargingWith(store, run, lease, asked, kit))
  } finally {
    // A lease that stays ends by itself: a run that is done is not undone for it.
    await lease.release().catch((error: Error) => log.warn(error.message))
  }
}

async function chargingWith(
  store: Store,
  run: Run,
  lease: Lease,
  asked: Asked,
  kit: ChargingKit,
): Promise<Charging> {
  const { tickets, clock, log } = kit
  const today = localDayOf(clock.now(), kit.timeZone)
  const map = await kit.readMap()
  const { history } = await recordMap(store, map, today, { acceptShrunk: asked.acceptMap })
  const deps: SettleDeps = {
    ...(await kit.readDeps(store)),
    run,
    now: clock.now,
    today,
    ledgerFirstDay: await ledgerFirstDay(store, today),
    ...askedOnce(tickets, asked, log),
    presentEmail: (email, on) => presentEmail(history, email, on),
    allowLower: asked.allowLower,
    minCoveragePercent: kit.minCoveragePercent,
    tickets: asked.dryRun ? createDryRunTickets(tickets) : tickets,
    lease,
    onFailedPost: failedPostLog(kit),
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

function failedPostLog({ logDir, timeZone, clock, log }: ChargingKit): SettleDeps['onFailedPost'] {
  const record = logDir && failedPostsIn(logDir, timeZone, clock.now)
  return async (presence, error) => {
    const { email, day, amount } = presence
    log.error(`${email} was not charged ${formatAmount(amount)} for ${day}: ${error.message}`)
    if (!record) return
    await record(presence, error.message).catch((cause: Error) => {
      log.error(`Can't append the failed post of ${email} to LOG_DIR ${logDir}: ${cause.message}`)
    })
  }
}
