/** The story of an explanation: read the day, its ledger and its owners, and put them into words' hands. */
import { dayWindow, type LocalDay } from '@presences/shared'
import { lookedAt, type ReadDeps, readDay, unreadRooms } from '../charging/read-day.ts'
import type { MacSpelling } from '../domain/mac-spelling.ts'
import type { Owners } from '../domain/ownership.ts'
import { entriesOf, type LedgerEntry } from '../ledger/ledger.ts'
import { readLedger } from '../ledger/ledger-store.ts'
import { explainDay } from './explain.ts'
import type { Explanation } from './explanation.ts'

export interface ExplainDeps extends ReadDeps {
  readonly now: () => Date
  /** The e-mail now of whom a ledger's entry is about; `undefined`: they are no member any more. */
  readonly emailNow: (entry: LedgerEntry) => string | undefined
  /** The ticket server's id of who has an e-mail now; `undefined`: nobody, as far as it is known. */
  readonly memberId: (email: string) => string | undefined
  /** The e-mail a person has now, from any they had. */
  readonly currentEmail: (email: string) => string
  readonly minCoveragePercent: number
}

/**
 * Explains one member's day; `undefined` when nobody of this e-mail ever had a device or a charge that day. Throws
 * DayUnreadable, StoreError or LedgerError.
 */
export async function explainMemberDay(
  day: LocalDay,
  email: string,
  owners: Owners,
  deps: ExplainDeps,
  macs: MacSpelling,
): Promise<Explanation | undefined> {
  const present = deps.currentEmail(email)
  const registeredDevices = [...owners.values()].filter(
    ({ owner }) => owner.kind === 'member' && owner.email === present,
  ).length
  const [{ presences, refreshed }, { value: ledger }] = await Promise.all([
    readDay(day, owners, deps),
    readLedger(deps.store, day),
  ])
  // Those who are gone are asked about by the address they had, unless somebody else has it now.
  const isFree = deps.memberId(present) === undefined
  const entries = entriesOf(
    ledger,
    present,
    (entry) => deps.emailNow(entry) ?? (isFree ? entry.email : undefined),
  )
  if (registeredDevices === 0 && entries.length === 0) return undefined
  return explainDay({
    window: dayWindow(day, deps.settings.timeZone),
    rollups: lookedAt(day, refreshed, deps.activity),
    unread: unreadRooms(refreshed),
    withdrawn: new Map(
      refreshed.flatMap(({ rollup, withdrawn }) =>
        withdrawn ? [[rollup.location, withdrawn] as const] : [],
      ),
    ),
    email: present,
    member: [...presences.members, ...presences.outsideHours].find(
      ({ email }) => email === present,
    ),
    settings: deps.settings,
    now: deps.now(),
    entries,
    registeredDevices,
    minCoveragePercent: deps.minCoveragePercent,
    macs,
  })
}
