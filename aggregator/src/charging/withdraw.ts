/**
 * The story of a withdrawal: a person takes evidence out of account, or gives it back. That is one more fact in the
 * store; no evidence is touched, and nothing is charged here: the next night looks at the days that it is about.
 */
import {
  daysBetween,
  type EpochMinute,
  instantOf,
  type LocalDay,
  localDayOf,
} from '@presences/shared'
import { ledgerFirstDay } from '../ledger/ledger-store.ts'
import type { Noted } from '../store/notes.ts'
import { readOnly } from '../store/read-only-store.ts'
import type { Store } from '../store/store.ts'
import { type Extent, isSameExtent, standing, type Withdrawal } from '../withdrawal/withdrawals.ts'
import { addWithdrawals, readWithdrawals } from '../withdrawal/withdrawn-store.ts'
import { rememberOpenDays } from './nightly-memory.ts'

/** What a person says, of what, and who says it. */
export interface Withdrawing {
  readonly statement: 'withdraw' | 'restore'
  readonly extent: Extent
  readonly because: string
  readonly by: string
}

export interface WithdrawDeps {
  readonly store: Store
  readonly timeZone: string
  readonly today: LocalDay
  readonly now: () => Date
  readonly newId: () => string
  readonly aside: Noted
}

export type WithdrawResult =
  | {
      /** `false`: it was so already. */
      readonly isNew: boolean
      /** The days that the next night looks at. */
      readonly days: readonly LocalDay[]
      /** In words why it does not know of them; `undefined` when it does. */
      readonly unremembered: string | undefined
    }
  /** Nothing like it is withdrawn; what is, of the same location. */
  | { readonly standing: readonly Withdrawal[] }

/** Writes down what is said, unless it is so already. Throws StoreError, WithdrawnError or LedgerError. */
export async function withdraw(said: Withdrawing, deps: WithdrawDeps): Promise<WithdrawResult> {
  const { extent, statement, because, by } = said
  const stored = await readWithdrawals(deps.store)
  const { withdrawn } = stored.value
  const there = standing(stored.value)
  const same = there.filter((each) => isSameExtent(each, extent))
  const wasEnded = same.length === 0 && withdrawn.some((each) => isSameExtent(each, extent))
  if (statement === 'restore' && same.length === 0 && !wasEnded) {
    return { standing: there.filter(({ location }) => location === extent.location) }
  }
  const at = deps.now().toISOString()
  const fact = () => ({ id: `${at}-${deps.newId()}`, at, by, because })
  const isNew = statement === 'withdraw' ? same.length === 0 : same.length > 0
  if (isNew) {
    const facts =
      statement === 'withdraw'
        ? { withdrawn: [{ ...fact(), ...extent }] }
        : { restored: same.map(({ id }) => ({ ...fact(), restores: id })) }
    await addWithdrawals(deps.store, stored, facts)
  }
  // Also when it was so: whoever says it again may have been told that the night does not know.
  const firstDay = await ledgerFirstDay(readOnly(deps.store), deps.today, deps.aside)
  const days = daysOf(extent, deps).filter((day) => day >= firstDay && day <= deps.today)
  const remembering = { ...deps, ledgerFirstDay: firstDay }
  return { isNew, days, unremembered: await rememberOpenDays(remembering, days) }
}

function daysOf({ from, to }: Extent, { timeZone }: WithdrawDeps): LocalDay[] {
  const dayOf = (minute: EpochMinute) => localDayOf(instantOf(minute), timeZone)
  return daysBetween(dayOf(from), dayOf(to - 1))
}
