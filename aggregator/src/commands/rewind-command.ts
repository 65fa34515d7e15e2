/** `members rewind`: the way back from a member map of a day to come, which a run with a wrong clock has left. */
import { ExitCode } from '@presences/shared'
import { lastRunIn } from '../charging/memory-from-ledgers.ts'
import { whileMending } from '../charging/while-leased.ts'
import { chargeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { readHistory, updateHistory } from '../members/history-store.ts'
import { isOfTheFuture, rewound } from '../members/rewind.ts'
import type { Store } from '../store/store.ts'
import { chargingKit } from '../wiring.ts'
import { setUp, whoAsks } from './setup.ts'

/** Prints what the last map is taken to be of. Throws LeaseError, ClockError, StoreError, HistoryError. */
export async function rewindCommand(
  { dryRun }: { readonly dryRun: boolean },
  effects: Effects,
): Promise<ExitCode> {
  const { config, log, today } = setUp(chargeConfig, effects)
  const kit = chargingKit(config, effects, log)
  const rewind = async (store: Store) => {
    const before = await readHistory(store)
    if (!isOfTheFuture(before, today))
      return `The last member map is of ${before.observedOn ?? 'no day'}: nothing to do`
    const lastRun = await lastRunIn(store, effects.now(), config.TIMEZONE)
    const after = await updateHistory(store, (history) => rewound(history, today, lastRun))
    return `The last member map was of ${before.observedOn}, a day to come; now it is of ${after.observedOn ?? 'no day'}: run upload again`
  }
  const asked = { kind: 'members rewind', by: whoAsks(effects), dryRun }
  effects.printLine(await whileMending(kit, asked, rewind))
  return ExitCode.done
}
