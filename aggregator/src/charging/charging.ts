/**
 * What charging takes, opened once a run, with the lease held around it. A dry run is other adapters, not a condition
 * somewhere inside.
 */
import { type LocalDay, localDayOf } from '@presences/shared'
import { formatAmount } from '../domain/amount.ts'
import type { Owners } from '../domain/ownership.ts'
import { type Lease, NO_LEASE, type OnWait } from '../ledger/lease.ts'
import type { Run } from '../ledger/ledger.ts'
import { openMarks } from '../ledger/ledger-marks.ts'
import { ledgerFirstDay } from '../ledger/ledger-store.ts'
import { type RecordOptions, recordMap } from '../members/history-store.ts'
import { identities } from '../members/identities.ts'
import type { MapHistory } from '../members/map-history.ts'
import type { MemberMap } from '../members/member-map.ts'
import { ownersOn } from '../members/owners-on.ts'
import type { Noted } from '../store/notes.ts'
import { readOnly } from '../store/read-only-store.ts'
import type { Store } from '../store/store.ts'
import { createDryRunTickets } from '../tickets/dry-run-tickets.ts'
import type { Tickets } from '../tickets/tickets.ts'
import { failedPostsIn } from './failed-posts.ts'
import { rememberRooms } from './known-rooms.ts'
import { refuseLaterLedger, refuseLostDays, refuseLostLedger } from './ledger-lost.ts'
import { type Questions, questionsTo } from './questions.ts'
import type { ReadDeps } from './read-day.ts'
import type { SettleDeps } from './settle-day.ts'
import { type LeaseKit, noted, runOf, whileLeased } from './while-leased.ts'

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
  /** How many devices the last member map had and today's has not, when they are more than a tenth; else 0. */
  readonly lostDevices: number
  /** The run's questions, about days from `firstDay` on: as far back as the run was asked for, or further. */
  readonly questionsFrom: (firstDay: LocalDay) => Questions
  /** The owners on a day; with `lateFrom`, late registrations count only from that day on. */
  readonly ownersOn: (day: LocalDay, lateFrom?: LocalDay) => Owners
}

/** What a run charges with, before it is known whether it may: wiring.ts makes it of the configuration. */
export interface ChargingKit extends LeaseKit {
  readonly tickets: Tickets
  /** Today's member map, checked. Throws TicketsError or MemberMapRefused. */
  readonly readMap: () => Promise<MemberMap>
  /** Who is who at the ticket server, and what happened while no run looked. */
  readonly whoIsWho: () => Promise<Omit<RecordOptions, 'acceptShrunk' | 'beginning'>>
  /** What reading days takes. Throws StoreError. */
  readonly readDeps: (store: Store) => Promise<ReadDeps>
  readonly timeZone: string
  readonly minCoveragePercent: number
  readonly restoreCorrections: boolean
  /** Where failed posts are appended besides, when somebody wants that. */
  readonly logDir: string | undefined
}

/**
 * Does `work` with all that charging takes: waits until no other run charges, checks and records the member map, and
 * lets the next run go on when the work is done, or failed. With `dryRun`, adapters that read all and change
 * nothing, and nobody is waited for. `onWait` is told for whom this waits, and ends the waiting by what it throws.
 * Throws LeaseError, ClockError, StoreError, TicketsError, MemberMapRefused … and what `work` throws.
 */
export async function whileCharging<Result>(
  kit: ChargingKit,
  asked: Asked,
  work: (charging: Charging) => Promise<Result>,
  onWait: OnWait = ({ message }) => kit.log.info(message),
): Promise<Result> {
  const aside = noted(kit)
  if (asked.dryRun) {
    const store = readOnly(await kit.openStore())
    return work(await chargingWith(store, runOf(asked, kit), NO_LEASE, aside, asked, kit))
  }
  return whileLeased(kit, asked, aside, onWait, async (store, run, lease) =>
    work(await chargingWith(store, run, lease, aside, asked, kit)),
  )
}

async function chargingWith(
  store: Store,
  run: Run,
  lease: Lease,
  aside: Noted,
  asked: Asked,
  kit: ChargingKit,
): Promise<Charging> {
  const { tickets, clock, log } = kit
  const today = localDayOf(clock.now(), kit.timeZone)
  await refuseLostLedger(store, today)
  const marks = await openMarks(store, aside)
  refuseLostDays(marks)
  // Before the ledger begins: a run that is killed in between would leave rooms that nobody knows.
  await rememberRooms({ store, today, aside })
  // Before anything is asked: a first night that fails was to charge all the same, and a later one looks at its day.
  const beginning = await ledgerFirstDay(store, today, aside)
  const map = await kit.readMap()
  const { history, lost } = await recordMap(store, map, today, {
    acceptShrunk: asked.acceptMap,
    beginning,
    ...(await kit.whoIsWho()),
  })
  refuseLaterLedger(beginning, history)
  const questionsFrom = (firstDay: LocalDay) => questionsTo(tickets, firstDay, clock.now, log)
  const questions = questionsFrom(asked.firstDay)
  const deps: SettleDeps = {
    ...(await kit.readDeps(store)),
    run,
    now: clock.now,
    today,
    ledgerFirstDay: beginning,
    marks,
    ...questions,
    ...identities(history, kit.timeZone),
    allowLower: asked.allowLower,
    minCoveragePercent: kit.minCoveragePercent,
    restoreCorrections: kit.restoreCorrections,
    tickets: asked.dryRun ? createDryRunTickets(tickets) : tickets,
    lease,
    aside,
    onFailedPost: failedPostLog(kit),
  }
  return {
    deps,
    history,
    lostDevices: lost,
    questionsFrom: (firstDay) => (firstDay < asked.firstDay ? questionsFrom(firstDay) : questions),
    ownersOn: (day, lateFrom) => ownersOn(history, map, day, lateFrom ? { lateFrom } : {}),
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
