/** `upload`: the nightly job, or the days that are given. Says what it did for each member, and what is left to do. */
import { addDays, ExitCode, type LocalDay } from '@presences/shared'
import { tellAlerts } from '../alerts/alert-book.ts'
import type { Cause } from '../alerts/alerts.ts'
import { webhook } from '../alerts/webhook.ts'
import { pastDay, pastDays } from '../arguments/period.ts'
import { UsageError } from '../arguments/usage-error.ts'
import { type Asked, whileCharging } from '../charging/charging.ts'
import { PROPOSED_DAYS } from '../charging/proposals.ts'
import { rawFaults } from '../charging/raw-faults.ts'
import { hasNoData } from '../charging/read-day.ts'
import type { DaySettled } from '../charging/settle-day.ts'
import {
  type NightlyUploaded,
  type Uploaded,
  uploadAsked,
  uploadNightly,
} from '../charging/upload.ts'
import { type ChargeConfig, chargeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { MemberMapRefused } from '../members/member-map.ts'
import { englishLine, frenchLine } from '../nightly/nightly-line.ts'
import { causesOf, countsOf, isCheckedBy, isComplete, proposalLines } from '../nightly/summary.ts'
import {
  goneLines,
  incompleteLines,
  recheckedLines,
  unchargeableLines,
  unreadLines,
} from '../reports/day-lines.ts'
import { isWorthSaying, memberLine } from '../reports/member-line.ts'
import { strangerLines } from '../reports/room-lines.ts'
import type { Log } from '../runtime/log.ts'
import { readOnly } from '../store/read-only-store.ts'
import { createDryRunTickets } from '../tickets/dry-run-tickets.ts'
import { chargingKit, openStore } from '../wiring.ts'
import { setUp, whoAsks } from './setup.ts'

export interface UploadOptions {
  readonly date: string | undefined
  readonly from?: string
  readonly to?: string
  readonly dryRun: boolean
  readonly allowLower: boolean
  readonly acceptMap: boolean
}

/** Prints one line a member and day, then the nightly line. Throws when nothing could be done. */
export async function uploadCommand(options: UploadOptions, effects: Effects): Promise<ExitCode> {
  const { config, log, today } = setUp(chargeConfig, effects)
  const days = daysOf(options, today)
  const asked: Asked = {
    ...options,
    kind: days ? 'upload' : 'nightly',
    by: whoAsks(effects),
    firstDay:
      days?.[0] ??
      addDays(today, -Math.max(PROPOSED_DAYS, config.CATCH_UP_DAYS, config.AUTO_REPLAY_DAYS)),
  }
  const run = await upload(days, asked, config, effects, log).catch(async (error: unknown) => {
    if (!options.dryRun && !days) await alertOfFailure(error as Error, config, effects, log)
    throw error
  })
  for (const line of recheckedLines(run.rechecked)) log.error(line)
  for (const line of strangerLines(run.strangers)) log.warn(line)
  for (const line of proposalLines(run)) log.warn(line)
  if (run.unremembered) log.error(run.unremembered)
  const counts = countsOf(run)
  effects.printLine(englishLine(counts))
  effects.printLine(frenchLine(counts))
  // A run of other days knows nothing of what the nightly one found.
  if (!options.dryRun && !days) await alert(causesOf(run), isCheckedBy(run), config, effects, log)
  if (run.days.length === 0) return ExitCode.unable
  return isComplete(run) ? ExitCode.done : ExitCode.partial
}

/** A run that could do nothing found nothing either: what was open before stays open. */
async function alertOfFailure(
  error: Error,
  config: ChargeConfig,
  effects: Effects,
  log: Log,
): Promise<void> {
  const key = error instanceof MemberMapRefused ? 'member map' : 'run'
  const cause: Cause = { key, level: 'error', text: `The nightly run stopped: ${error.message}` }
  await alert([cause], (each) => each === key, config, effects, log)
}

function upload(
  days: readonly LocalDay[] | undefined,
  asked: Asked,
  config: ChargeConfig,
  effects: Effects,
  log: Log,
): Promise<Uploaded & Partial<NightlyUploaded>> {
  return whileCharging(chargingKit(config, effects, log), asked, (charging) => {
    const { deps } = charging
    const upload = {
      ...charging,
      onSettled: (settled: DaySettled) => report(settled, effects, log),
      onUnreadable: ({ message }: Error) => log.error(message),
    }
    if (days) return uploadAsked(days, upload)
    const preview = {
      ...deps,
      store: readOnly(deps.store),
      tickets: createDryRunTickets(deps.tickets),
    }
    return uploadNightly(upload, preview, {
      catchUpDays: config.CATCH_UP_DAYS,
      autoReplayDays: config.AUTO_REPLAY_DAYS,
    })
  })
}

/** The days that were asked for; `undefined`: the nightly run. Throws BadPeriod or UsageError. */
function daysOf({ date, from, to }: UploadOptions, today: LocalDay): LocalDay[] | undefined {
  if (from === undefined && to === undefined) {
    return date === undefined ? undefined : [pastDay(date, today)]
  }
  if (date !== undefined) throw new UsageError('Give one day, or --from and --to, not both')
  if (from === undefined || to === undefined) throw new UsageError('Give both --from and --to')
  return pastDays(from, to, today)
}

function report(settled: DaySettled, { printLine }: Effects, log: Log): void {
  const { day } = settled
  for (const member of settled.members) {
    if (isWorthSaying(member)) printLine(memberLine(day, member))
  }
  for (const fault of rawFaults(settled.refreshed)) log.warn(fault)
  for (const line of incompleteLines(settled)) log.warn(line)
  for (const line of unreadLines(settled)) log.error(line)
  for (const line of goneLines(settled)) log.warn(line)
  for (const line of unchargeableLines(settled.presences.unchargeable)) log.error(`${day}: ${line}`)
  if (hasNoData(settled)) {
    log.error(`No location has any file for ${day}: were the boxes on, and shipping?`)
  }
}

async function alert(
  causes: readonly Cause[],
  isChecked: (key: string) => boolean,
  config: ChargeConfig,
  effects: Effects,
  log: Log,
): Promise<void> {
  if (!config.ALERT_WEBHOOK_URL) return
  const store = await openStore(config, effects)
  await tellAlerts(causes, isChecked, {
    store,
    log,
    now: effects.now,
    send: webhook(config.ALERT_WEBHOOK_URL, effects.fetch),
  })
}
