/** `presences [DATE]`: prints who was there and what it makes; changes nothing. */
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { dayWindow, ExitCode, type LocalDay, parseRawKey, RAW_PREFIX } from '@presences/shared'
import {
  chargeConfig,
  type LocalConfig,
  localConfig,
  membersConfig,
  storeConfig,
} from '../config.ts'
import type { Effects } from '../effects.ts'
import { UsageError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Owners, ownersOf } from '../members/ownership.ts'
import { pastDay } from '../period.ts'
import { type DayPresences, presencesOf } from '../presence/presences.ts'
import { formatAmount } from '../presence/rule.ts'
import { readDay } from '../read-day.ts'
import { evidenceOf, rawFaults, unchargeableLines } from '../reports.ts'
import { type DayRollup, emptyRollup, mergeDayFile, mergeMinuteFile } from '../rollup/day-rollup.ts'
import {
  checkMap,
  openReading,
  openTickets,
  presenceSettings,
  readDeps,
  readMap,
} from '../wiring.ts'
import { setUp } from './setup.ts'

export interface PresencesOptions {
  readonly date: string | undefined
  readonly json?: boolean
  readonly macs?: boolean
  readonly input?: readonly string[]
  readonly members?: string
}

/** Prints the day's amounts above 0, sorted by e-mail. Throws for what can't be read. */
export async function presencesCommand(
  options: PresencesOptions,
  effects: Effects,
): Promise<ExitCode> {
  const { presences, faults, log } = await compute(options, effects)
  for (const fault of faults) log.warn(fault)
  for (const line of unchargeableLines(presences.unchargeable)) log.warn(line)
  if (options.json) {
    const macs = options.macs ? 'whole' : 'short'
    const members = presences.members.map((member) => evidenceOf(member, macs))
    effects.printLine(JSON.stringify(members, null, 2))
  } else {
    for (const { email, amount } of presences.members) {
      if (amount > 0) effects.printLine(`${email} ${formatAmount(amount)}`)
    }
  }
  return ExitCode.done
}

/** Each way of computing asks for just the configuration it needs. */
async function compute(options: PresencesOptions, effects: Effects) {
  const { input, members } = options
  if (input && members) {
    const { config, log, today } = setUp(localConfig, effects)
    const owners = await ownersFromFile(members, config, log)
    return fromFiles(input, owners, dayOf(options, today), config, log)
  }
  if (input) {
    const { config, log, today } = setUp(membersConfig, effects)
    const owners = ownersOf(
      await readMap(
        config,
        openTickets(config, effects, (fault) => log.warn(fault)),
        log,
      ),
    )
    return fromFiles(input, owners, dayOf(options, today), config, log)
  }
  if (members) {
    const { config, log, today } = setUp(storeConfig, effects)
    const day = dayOf(options, today)
    const owners = await ownersFromFile(members, config, log)
    const { presences, refreshed } = await readDay(day, owners, await readDeps(config))
    return { presences, faults: rawFaults(refreshed), log }
  }
  const { config, log, today } = setUp(chargeConfig, effects)
  const day = dayOf(options, today)
  const { deps, ownersOn } = await openReading(config, effects, log)
  const { presences, refreshed } = await readDay(day, ownersOn(day), deps)
  return { presences, faults: rawFaults(refreshed), log }
}

function dayOf({ date }: PresencesOptions, today: LocalDay): LocalDay {
  return date === undefined ? today : pastDay(date, today)
}

async function ownersFromFile(path: string, config: LocalConfig, log: Log): Promise<Owners> {
  const bytes = await readGiven(path)
  return ownersOf(checkMap(Buffer.from(bytes).toString('utf8'), config, log))
}

async function fromFiles(
  paths: readonly string[],
  owners: Owners,
  day: LocalDay,
  config: LocalConfig,
  log: Log,
): Promise<{ presences: DayPresences; faults: string[]; log: Log }> {
  const settings = presenceSettings(config)
  const window = dayWindow(day, settings.timeZone)
  const rollups = new Map<string, DayRollup>()
  for (const path of paths) {
    const location = locationOf(path)
    const rollup = rollups.get(location) ?? emptyRollup(location, window)
    rollups.set(location, rollup)
    mergeGiven(rollup, path, await readGiven(path))
  }
  const all = [...rollups.values()]
  const faults = rawFaults(all.map((rollup) => ({ rollup, fetched: 0, strangers: [] })))
  return { presences: presencesOf(window, all, owners, settings), faults, log }
}

/** Adds a file by what its name says it is; a file of any other name is read as a day file. */
function mergeGiven(rollup: DayRollup, path: string, bytes: Uint8Array): void {
  const name = parseRawKey(`${RAW_PREFIX}${rollup.location}/${rollup.window.day}/${basename(path)}`)
  const object = { key: path, etag: '', bytes }
  if (name?.kind === 'minute') mergeMinuteFile(rollup, name, object)
  else mergeDayFile(rollup, object)
}

/** The location a file's path tells: the folder above the day, or the file's own name. */
function locationOf(path: string): string {
  const parent = basename(dirname(path))
  const isMinuteFile = parseRawKey(`${RAW_PREFIX}x/${parent}/${basename(path)}`)?.kind === 'minute'
  if (isMinuteFile) return basename(dirname(dirname(path)))
  return parent && parent !== '.' ? parent : basename(path)
}

async function readGiven(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new UsageError(`Can't read ${path}: ${(cause as Error).message}`)
  }
}
