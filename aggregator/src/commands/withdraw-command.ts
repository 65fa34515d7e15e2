/** `withdraw`: evidence that shall not count, without deleting it; back with `--restore`; what there is with `--list`. */
import {
  ExitCode,
  formatLocalTime,
  instantOf,
  LOCATION_PATTERN,
  type LocalDay,
  oneLine,
  PROBE_PATTERN,
} from '@presences/shared'
import { parseMoment } from '../arguments/moment.ts'
import { UsageError } from '../arguments/usage-error.ts'
import { noted, whileMending } from '../charging/while-leased.ts'
import { type Withdrawing, withdraw } from '../charging/withdraw.ts'
import { chargeConfig, type LocalConfig, storeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { listLocations } from '../rollup/refresh-rollup.ts'
import type { Store } from '../store/store.ts'
import { chargingKit, openStore } from '../wiring.ts'
import { type Extent, ended, MOST_LETTERS, standing } from '../withdrawal/withdrawals.ts'
import { readWithdrawals } from '../withdrawal/withdrawn-store.ts'
import { setUp, whoAsks } from './setup.ts'

export interface WithdrawOptions {
  readonly location?: string
  readonly probe?: string
  readonly from?: string
  readonly to?: string
  readonly because?: string
  readonly by?: string
  readonly restore: boolean
  readonly list: boolean
  readonly dryRun: boolean
}

/** A year: a longer time is a typing error, or several withdrawals. */
const MOST_MINUTES = 366 * 1440

/** Prints what is withdrawn, or restored, and what to do next. Throws UsageError, BadPeriod … */
export async function withdrawCommand(
  options: WithdrawOptions,
  effects: Effects,
): Promise<ExitCode> {
  if (options.list) return list(effects)
  const { config, log, today } = setUp(chargeConfig, effects)
  const said = saidIn(options, config, effects)
  const { extent } = said
  const kit = chargingKit(config, effects, log)
  const aside = noted(kit)
  const { timeZone, newId } = kit
  const asked = { kind: 'withdraw', by: said.by, dryRun: options.dryRun }
  const result = await whileMending(kit, asked, async (store) => {
    await checkLocation(extent.location, store)
    return withdraw(said, { store, timeZone, today, now: effects.now, newId, aside })
  })
  const done = said.statement === 'withdraw' ? 'withdrawn' : 'restored'
  const what = extentText(extent, timeZone)
  if ('standing' in result) {
    const there = result.standing.map((each) => extentText(each, timeZone))
    const known = there.length === 0 ? 'nothing of this location is' : there.join('; ')
    throw new UsageError(`Not withdrawn, so not to restore: ${what}. What is: ${known}`)
  }
  const { isNew, days, unremembered } = result
  effects.printLine(
    `${what} ${isNew ? '' : 'was '}${done}${isNew ? ` by ${said.by}: ${said.because}` : ' already'}`,
  )
  for (const line of nextLines(days, said.statement)) effects.printLine(line)
  if (unremembered) log.error(unremembered)
  return unremembered ? ExitCode.partial : ExitCode.done
}

/** What a person says, checked. Throws UsageError or BadPeriod. */
function saidIn(options: WithdrawOptions, config: LocalConfig, effects: Effects): Withdrawing {
  const { location, probe, from, to } = options
  const because = textOf(options.because)
  if (location === undefined || from === undefined || to === undefined || because === '') {
    throw new UsageError(
      'withdraw needs --location, --from, --to and --because, which is kept, and explained; or --list',
    )
  }
  if (!LOCATION_PATTERN.test(location)) {
    throw new UsageError(`--location ${JSON.stringify(location)} is not made of a-z, 0-9 and -`)
  }
  if (probe !== undefined && !PROBE_PATTERN.test(probe)) {
    throw new UsageError(`--probe ${JSON.stringify(probe)} is no name of a probe`)
  }
  const zone = config.TIMEZONE
  const first = parseMoment(from, 'from', zone)
  const end = parseMoment(to, 'to', zone)
  if (first >= end) {
    throw new UsageError(
      `--to ${to} is not after --from ${from}: the minute of --to is the first that counts again, a whole day ends with the next one`,
    )
  }
  if (end - first > MOST_MINUTES)
    throw new UsageError('Not more than a year at once: look at --from and --to')
  return {
    statement: options.restore ? 'restore' : 'withdraw',
    extent: { location, ...(probe !== undefined && { probe }), from: first, to: end },
    because,
    by: textOf(options.by) || whoAsks(effects),
  }
}

/** Throws UsageError for a location that there is not: a typing error would withdraw nothing. */
async function checkLocation(location: string, store: Store): Promise<void> {
  const { locations } = await listLocations(store)
  if (locations.includes(location)) return
  const known = locations.slice(0, 20).join(', ')
  throw new UsageError(`There is no location ${location}. There are: ${known}`)
}

async function list(effects: Effects): Promise<ExitCode> {
  const { config } = setUp(storeConfig, effects)
  const { value } = await readWithdrawals(await openStore(config, effects))
  const dayOf = (at: string) => formatLocalTime(new Date(at), config.TIMEZONE).slice(0, 10)
  const line = (each: Extent & { by: string; at: string; because: string }) =>
    `${extentText(each, config.TIMEZONE)} withdrawn by ${each.by} on ${dayOf(each.at)}: ${each.because}`
  const lines = [
    ...standing(value).map(line),
    ...ended(value).map(
      ({ withdrawal, restoration: { by, at, because } }) =>
        `${line(withdrawal)}; restored by ${by} on ${dayOf(at)}: ${because}`,
    ),
  ]
  for (const each of lines.length > 0 ? lines : ['Nothing is withdrawn']) effects.printLine(each)
  return ExitCode.done
}

/** `poulailler, probe box-1, 2026-11-22T08:00 to 2026-11-22T12:00`. */
function extentText({ location, probe, from, to }: Extent, timeZone: string): string {
  const local = (minute: number) => formatLocalTime(instantOf(minute), timeZone).slice(0, 16)
  const whose = probe === undefined ? location : `${location}, probe ${probe}`
  return `${whose}, ${local(from)} to ${local(to)}`
}

/** What comes of it, and the one next step. */
function nextLines(days: readonly LocalDay[], statement: Withdrawing['statement']): string[] {
  const [first, last] = [days[0], days.at(-1)]
  if (first === undefined || last === undefined) {
    return ['No day that was charged by now is in it: later runs leave it out']
  }
  const which = first === last ? first : `--from ${first} --to ${last}`
  return statement === 'restore'
    ? [`The next night charges again what it makes; or now: upload ${which}`]
    : [
        `Nothing is lowered by itself. To see what it changes: upload ${which} --allow-lower --dry-run; to lower it: the same without --dry-run`,
      ]
}

/** It stands in lines, of reports and explanations. */
function textOf(text = ''): string {
  return oneLine(text.replace(/\s+/g, ' '), MOST_LETTERS)
}
