/** `upload`: the nightly job. Computes one day or several, and posts their amounts. */
import { ExitCode, type LocalDay } from '@presences/shared'
import { chargeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { UsageError } from '../errors.ts'
import type { Log } from '../log.ts'
import { pastDay, pastDays } from '../period.ts'
import { formatAmount } from '../presence/rule.ts'
import { hasNoData, rawFaults, settledLine, unchargeableLines } from '../reports.ts'
import { type DaySettled, DayUnreadable, settleDay } from '../settle-day.ts'
import { currentOwners, settleDeps } from '../wiring.ts'
import { setUp } from './setup.ts'

export interface UploadOptions {
  readonly date: string | undefined
  readonly from?: string
  readonly to?: string
  readonly dryRun: boolean
}

/** Prints `day email amount` for each post; says on stderr what failed. Throws when nothing could be done. */
export async function uploadCommand(options: UploadOptions, effects: Effects): Promise<ExitCode> {
  const { config, log, today } = setUp(chargeConfig, effects)
  const days = daysOf(options, today)
  const deps = await settleDeps(config, options, effects, log)
  const owners = await currentOwners(config, deps.tickets, log)
  const settled: DaySettled[] = []
  for (const day of days) {
    try {
      const result = await settleDay(day, owners, deps)
      report(result, effects, log)
      settled.push(result)
    } catch (error) {
      if (!(error instanceof DayUnreadable)) throw error
      log.error(error.message)
    }
  }
  if (settled.length === 0) return ExitCode.unable
  return settled.length === days.length && isComplete(settled) ? ExitCode.done : ExitCode.partial
}

function daysOf({ date, from, to }: UploadOptions, today: LocalDay): LocalDay[] {
  if (from === undefined && to === undefined)
    return [date === undefined ? today : pastDay(date, today)]
  if (date !== undefined) throw new UsageError('Give one day, or --from and --to, not both')
  if (from === undefined || to === undefined) throw new UsageError('Give both --from and --to')
  return pastDays(from, to, today)
}

function report(settled: DaySettled, { printLine }: Effects, log: Log): void {
  for (const { day, email, amount } of settled.posted) {
    printLine(`${day} ${email} ${formatAmount(amount)}`)
  }
  for (const fault of rawFaults(settled.refreshed)) log.warn(fault)
  for (const line of unchargeableLines(settled.presences.unchargeable)) log.error(line)
  if (hasNoData(settled)) {
    log.error(
      `No location has any file for ${settled.presences.day}: were the boxes on, and shipping?`,
    )
  }
  log.info(settledLine(settled))
}

/** True when everybody who should have been charged was. */
function isComplete(settled: readonly DaySettled[]): boolean {
  return (
    settled.every(({ failed, presences }) => failed.length + presences.unchargeable.length === 0) &&
    !settled.every(hasNoData)
  )
}
