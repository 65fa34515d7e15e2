/** `reupload MAC`: replays a device over a period, and says for each day what was seen and posted. */
import { ExitCode, shortMac } from '@presences/shared'
import { chargeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { whyUncharged } from '../members/ownership.ts'
import { parsePeriod } from '../period.ts'
import { createProgress } from '../progress.ts'
import { replay } from '../replay.ts'
import { replayedLine } from '../reports.ts'
import { currentOwners, settleDeps } from '../wiring.ts'
import { requireMac, setUp } from './setup.ts'

export interface ReuploadOptions {
  readonly mac: string
  readonly period?: string
  readonly dryRun: boolean
}

/** Prints one line a day the device was seen. Throws when nothing could be done. */
export async function reuploadCommand(
  options: ReuploadOptions,
  effects: Effects,
): Promise<ExitCode> {
  const mac = requireMac(options.mac)
  const { config, log, today } = setUp(chargeConfig, effects)
  const days = parsePeriod(options.period ?? today.slice(0, 4), today)
  const deps = await settleDeps(config, options, effects, log)
  const owners = await currentOwners(config, deps.tickets, log)
  const progress = createProgress(`Replaying ${shortMac(mac)}`, effects, log)
  const replayed = await replay(mac, days, owners, deps, ({ day, done, total }) => {
    progress.update(done, total, day)
  }).finally(() => progress.stop())

  for (const day of replayed.days) effects.printLine(replayedLine(day))
  for (const { message } of replayed.unreadable) log.error(message)
  const period = `${days[0]} to ${days.at(-1)}`
  log.info(`${shortMac(mac)} was seen on ${replayed.days.length} of ${days.length} days, ${period}`)
  const { owner } = replayed
  if (owner === undefined) {
    log.error(
      `Nobody has registered ${shortMac(mac)}: add it to its member at the ticket server, then run this again`,
    )
    return ExitCode.partial
  }
  if (owner.kind !== 'member') log.error(`Nothing was posted: ${whyUncharged(owner, [mac])}`)
  if (replayed.unreadable.length === days.length) return ExitCode.unable
  const isComplete =
    replayed.unreadable.length === 0 &&
    replayed.days.every(({ failed }) => failed === undefined) &&
    (owner.kind === 'member' || owner.kind === 'excluded')
  return isComplete ? ExitCode.done : ExitCode.partial
}
