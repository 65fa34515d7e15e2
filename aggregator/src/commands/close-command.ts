/** `close DATE EMAIL`: ends what can't be done for a member and day, or, with `--undo`, begins it again. */
import { ExitCode } from '@presences/shared'
import { pastDay } from '../arguments/period.ts'
import { UsageError } from '../arguments/usage-error.ts'
import { whileCharging } from '../charging/charging.ts'
import { closeDay } from '../charging/close.ts'
import { chargeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { chargingKit } from '../wiring.ts'
import { setUp, whoAsks } from './setup.ts'

export interface CloseOptions {
  readonly date: string
  readonly email: string
  readonly because: string
  readonly by?: string
  readonly undo: boolean
  readonly dryRun: boolean
}

/** Prints what is closed. Throws UsageError where nothing is open, or closed, saying what is so. */
export async function closeCommand(options: CloseOptions, effects: Effects): Promise<ExitCode> {
  const { config, log, today } = setUp(chargeConfig, effects)
  const day = pastDay(options.date, today)
  const because = oneLineOf(options.because)
  if (because === '') throw new UsageError('--because needs a reason: it is kept, and explained')
  const by = oneLineOf(options.by ?? '') || whoAsks(effects)
  const { dryRun, email: who } = options
  const statement = options.undo ? ('reopen' as const) : ('close' as const)
  const result = await whileCharging(
    chargingKit(config, effects, log),
    { kind: 'close', by, firstDay: day, dryRun, allowLower: false, acceptMap: false },
    (charging) => closeDay({ statement, day, who, because }, charging),
  )
  if ('nothing' in result) throw new UsageError(result.nothing)
  const done = options.undo ? 'reopened' : 'closed'
  for (const name of result.names) {
    effects.printLine(`${day} ${name} ${done} by ${by}: ${because}`)
  }
  if (result.unremembered) log.error(result.unremembered)
  return result.unremembered ? ExitCode.partial : ExitCode.done
}

/** It stands in lines, of reports and explanations. */
function oneLineOf(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
