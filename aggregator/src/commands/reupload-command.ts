/** `reupload MAC`: replays a device over a period, and says for each day what was seen and decided. */
import { ExitCode, type Mac, shortMac } from '@presences/shared'
import { requireMac } from '../arguments/mac.ts'
import { requireNumber } from '../arguments/number.ts'
import { parsePeriod } from '../arguments/period.ts'
import { UsageError } from '../arguments/usage-error.ts'
import { whileCharging } from '../charging/charging.ts'
import { proposalOf } from '../charging/proposal-book.ts'
import { isReplayComplete, replay } from '../charging/replay.ts'
import { type ChargeConfig, chargeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { recheckedLines } from '../reports/day-lines.ts'
import { nobodyRegistered, nothingPosted, replayedLine } from '../reports/device-lines.ts'
import type { Log } from '../runtime/log.ts'
import { readOnly } from '../store/read-only-store.ts'
import { chargingKit, openStore } from '../wiring.ts'
import { createProgress } from './progress.ts'
import { setUp, whoAsks } from './setup.ts'

export interface ReuploadOptions {
  readonly mac: string | undefined
  readonly period?: string
  /** The number of what a night proposed: instead of `mac`. */
  readonly proposal?: string
  readonly dryRun: boolean
  readonly allowLower: boolean
  readonly acceptMap: boolean
}

/** Prints one line a day the device was seen. Throws when nothing could be done. */
export async function reuploadCommand(
  options: ReuploadOptions,
  effects: Effects,
): Promise<ExitCode> {
  const { config, log, today } = setUp(chargeConfig, effects)
  const { mac, period = today.slice(0, 4) } = await wantedOf(options, config, effects, log)
  const days = parsePeriod(period, today)
  const [firstDay = today] = days
  const asked = { ...options, kind: 'replay' as const, by: whoAsks(effects), firstDay }
  const { replayed, owned } = await whileCharging(
    chargingKit(config, effects, log),
    asked,
    async (charging) => {
      const progress = createProgress(`Replaying ${shortMac(mac)}`, effects, log)
      const replayed = await replay(mac, days, charging.ownersOn, charging.deps, (each) => {
        progress.update(each.done, each.total, each.day)
      }).finally(() => progress.stop())
      return { replayed, owned: charging.ownersOn(today).get(mac) }
    },
  )

  for (const day of replayed.days) effects.printLine(replayedLine(day))
  for (const fault of replayed.faults) log.warn(fault)
  for (const { message } of replayed.unreadable) log.error(message)
  for (const line of recheckedLines(replayed.rechecked)) log.error(line)
  if (replayed.unremembered) log.error(replayed.unremembered)
  log.info(
    `${shortMac(mac)} was seen on ${replayed.days.length} of ${days.length} days, ${firstDay} to ${days.at(-1)}`,
  )
  const isAnyones = owned !== undefined || replayed.days.some((day) => day.owned)
  if (!isAnyones) log.error(nobodyRegistered(mac))
  else if (owned && owned.owner.kind !== 'member' && !replayed.days.some(({ member }) => member)) {
    log.error(nothingPosted(mac, owned.owner))
  }
  if (replayed.unreadable.length === days.length) return ExitCode.unable
  const isDone = isReplayComplete(replayed) && isAnyones
  return isDone ? ExitCode.done : ExitCode.partial
}

/** Which device, and which days where that is said. Throws UsageError, StoreError. */
async function wantedOf(
  { mac, proposal, period }: ReuploadOptions,
  config: ChargeConfig,
  effects: Effects,
  log: Log,
): Promise<{ readonly mac: Mac; readonly period?: string | undefined }> {
  if ((mac === undefined) === (proposal === undefined)) {
    throw new UsageError('Give a MAC address, or --proposal and its number')
  }
  if (mac !== undefined) return { mac: requireMac(mac), period }
  const aside = { now: effects.now, onSetAside: (line: string) => log.warn(line) }
  const store = readOnly(await openStore(config, effects))
  const proposed = await proposalOf(requireNumber(proposal ?? ''), { store, aside })
  return { mac: proposed.mac, period: period ?? `${proposed.from}..${proposed.to}` }
}
