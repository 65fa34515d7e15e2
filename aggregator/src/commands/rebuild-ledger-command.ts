/** `ledger rebuild`: what was charged, made again from what the ticket server has, where it is lost or an old copy. */
import { ExitCode, type LocalDay } from '@presences/shared'
import { pastDays } from '../arguments/period.ts'
import { UsageError } from '../arguments/usage-error.ts'
import { beginningsTold } from '../charging/ledger-lost.ts'
import { type LedgerPeriod, rebuildLedger } from '../charging/rebuild-ledger.ts'
import { noted, whileMending } from '../charging/while-leased.ts'
import { chargeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import type { Run } from '../ledger/ledger.ts'
import { openMarks } from '../ledger/ledger-marks.ts'
import { HistoryError } from '../members/history-codec.ts'
import { readHistory } from '../members/history-store.ts'
import { EMPTY_HISTORY, type MapHistory } from '../members/map-history.ts'
import type { Store } from '../store/store.ts'
import { chargingKit, presenceSettings } from '../wiring.ts'
import { setUp, whoAsks } from './setup.ts'

export interface RebuildLedgerOptions {
  readonly from?: string
  readonly to?: string
  readonly dryRun: boolean
}

/**
 * Prints what was added, and a sentence. Throws UsageError where nothing tells the first day, LeaseError, ClockError,
 * StoreError, LedgerError and TicketsError: running it again goes on.
 */
export async function rebuildLedgerCommand(
  options: RebuildLedgerOptions,
  effects: Effects,
): Promise<ExitCode> {
  const { config, log, today } = setUp(chargeConfig, effects)
  const kit = chargingKit(config, effects, log)
  const rebuild = async (store: Store, run: Run) => {
    const history = await knownHistory(store)
    const marks = await openMarks(store, noted(kit))
    const [beginning] = await beginningsTold(store, history.chargedSince)
    const period = periodOf(options, { beginning, lost: marks.lost }, today)
    const { added, firstDay, faults, gone } = await rebuildLedger(period, {
      store,
      run,
      tickets: kit.tickets,
      now: effects.now,
      rule: presenceSettings(config).rule,
      marks,
      history,
    })
    for (const { day, entry } of added) {
      effects.printLine(`${day} ${entry.email} ${entry.person?.value ?? entry.computed}`)
    }
    for (const fault of faults) log.error(fault)
    if (gone.length > 0) {
      log.warn(`Not made again, for they are no members any more: ${gone.join(', ')}`)
    }
    const days = new Set(added.map(({ day }) => day)).size
    const persons = added.filter(({ entry }) => entry.person).length
    const over = `${period.days[0] ?? today} to ${period.days.at(-1) ?? today}`
    effects.printLine(
      `${over}: ${added.length} amounts on ${days} days made again from the ticket server, ${persons} of them set by people; the ledger begins on ${firstDay}`,
    )
    return faults.length === 0 ? ExitCode.done : ExitCode.partial
  }
  const asked = { kind: 'rebuild' as const, by: whoAsks(effects), dryRun: options.dryRun }
  return whileMending(kit, asked, rebuild)
}

interface Known {
  readonly beginning: LocalDay | undefined
  readonly lost: readonly LocalDay[]
}

/**
 * The days that are asked for; left out, all since the first that this system was to charge, and lost ones of before:
 * somebody had uploaded those by hand.
 */
function periodOf(
  { from, to }: RebuildLedgerOptions,
  { beginning: known, lost }: Known,
  today: LocalDay,
): LedgerPeriod {
  const first = from ?? known
  if (first === undefined) {
    throw new UsageError(
      'Nothing tells since when this system charges: give the first day with --from',
    )
  }
  const days = pastDays(first, to ?? today, today)
  const before = from === undefined ? lost.filter((day) => day < first) : []
  return { days: [...before, ...days], beginning: known ?? days[0] ?? today }
}

/** The history of members; empty where it can't be used. Throws StoreError. */
function knownHistory(store: Store): Promise<MapHistory> {
  return readHistory(store).catch((error: unknown) => {
    if (error instanceof HistoryError) return EMPTY_HISTORY
    throw error
  })
}
