/** What settling days takes, for tests of single steps of charging: nobody did anything, nothing can be sent. */
import { addDays, type LocalDay } from '@presences/shared'
import type { SettleDeps } from '../src/charging/settle-day.ts'
import { DEFAULT_RULE } from '../src/domain/rule.ts'
import { NO_LEASE } from '../src/ledger/lease.ts'
import { NOTHING_WITHDRAWN } from '../src/withdrawal/withdrawals.ts'

/** At 22:15 in Paris on `today`, but for what a test gives. The store is for a test to give, where it is used. */
export function settleDeps(today: LocalDay, given: Partial<SettleDeps>): SettleDeps {
  const deps: Partial<SettleDeps> = {
    locations: ['a'],
    strangers: { waiting: [], ignored: [] },
    activity: new Map(),
    withdrawals: NOTHING_WITHDRAWN,
    settings: { timeZone: 'Europe/Paris', rule: DEFAULT_RULE },
    run: { id: 'run1', kind: 'nightly', by: 'timer' },
    now: () => new Date(`${today}T21:15:00Z`),
    today,
    ledgerFirstDay: addDays(today, -9),
    marks: { lost: [], mark: async () => {} },
    auditedSince: addDays(today, -99),
    audit: async () => ({ corrections: [], devices: [], faults: [] }),
    auditAgain: async () => 'no news',
    storedAmounts: async () => new Map(),
    emailNow: ({ email }) => email,
    memberId: () => undefined,
    allowLower: false,
    minCoveragePercent: 90,
    lease: NO_LEASE,
    restoreCorrections: false,
    onFailedPost: async () => {},
    ...given,
  }
  return deps as SettleDeps
}
