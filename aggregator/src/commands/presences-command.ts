/** `presences [DATE]`: prints who was there and what it makes; changes nothing. */
import { ExitCode, type LocalDay, shortMac } from '@presences/shared'
import { pastDay } from '../arguments/period.ts'
import { rawFaults } from '../charging/raw-faults.ts'
import {
  type DayRead,
  hasNoData,
  presentOn,
  type ReadDeps,
  readDay,
  unreadRooms,
} from '../charging/read-day.ts'
import {
  chargeConfig,
  type LocalConfig,
  localConfig,
  membersConfig,
  storeConfig,
} from '../config.ts'
import { formatAmount } from '../domain/amount.ts'
import type { MacSpelling } from '../domain/mac-spelling.ts'
import type { Owners } from '../domain/ownership.ts'
import type { Effects, VisibleEffects } from '../effects.ts'
import type { MemberMap } from '../members/member-map.ts'
import { ownersOf } from '../members/ownership.ts'
import type { MemberDay } from '../presence/presences.ts'
import { formatSlot } from '../presence/slots.ts'
import { unchargeableLines } from '../reports/day-lines.ts'
import { strangerLines } from '../reports/room-lines.ts'
import type { Log } from '../runtime/log.ts'
import {
  checkMap,
  openReading,
  openTickets,
  presenceSettings,
  readDeps,
  readMap,
} from '../wiring.ts'
import { readGiven, readGivenFiles } from './given-files.ts'
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
  effects: VisibleEffects,
): Promise<ExitCode> {
  const { read, log } = await compute(options, effects)
  const { presences } = read
  for (const fault of rawFaults(read.refreshed)) log.warn(fault)
  for (const line of unchargeableLines(presences.unchargeable)) log.warn(line)
  if (hasNoData(read)) log.warn(`No location has any file for ${presences.day}`)
  if (options.json) {
    const macs = options.macs ? 'whole' : 'short'
    const members = presences.members.map((member) => evidenceOf(member, macs))
    effects.printText(JSON.stringify(members, null, 2))
  } else {
    for (const { email, amount } of presences.members) {
      if (amount > 0) effects.printLine(`${email} ${formatAmount(amount)}`)
    }
  }
  return unreadRooms(read.refreshed).length === 0 ? ExitCode.done : ExitCode.partial
}

/** Each way of computing asks for just the configuration it needs. */
async function compute(
  options: PresencesOptions,
  effects: Effects,
): Promise<{ read: DayRead; log: Log }> {
  const { input, members } = options
  if (input && members) {
    const { config, log, today } = setUp(localConfig, effects)
    const day = dayOf(options, today)
    const owners = ownersOf(await mapFromFile(members, config, log))
    return { read: await fromFiles(input, day, owners, config), log }
  }
  if (input) {
    const { config, log, today } = setUp(membersConfig, effects)
    const day = dayOf(options, today)
    const tickets = openTickets(config, effects, (fault) => log.warn(fault))
    const owners = ownersOf(await readMap(config, tickets, log))
    return { read: await fromFiles(input, day, owners, config), log }
  }
  if (members) {
    const { config, log, today } = setUp(storeConfig, effects)
    const day = dayOf(options, today)
    const owners = ownersOf(await mapFromFile(members, config, log))
    return { read: await readDayOf(day, owners, await readDeps(config, effects, log), log), log }
  }
  const { config, log, today } = setUp(chargeConfig, effects)
  const day = dayOf(options, today)
  const { deps, ownersOn } = await openReading(config, effects, log)
  return { read: await readDayOf(day, ownersOn(day), deps, log), log }
}

function readDayOf(day: LocalDay, owners: Owners, deps: ReadDeps, log: Log): Promise<DayRead> {
  for (const line of strangerLines(deps.strangers)) log.warn(line)
  return readDay(day, owners, deps)
}

function dayOf({ date }: PresencesOptions, today: LocalDay): LocalDay {
  return date === undefined ? today : pastDay(date, today)
}

async function mapFromFile(path: string, config: LocalConfig, log: Log): Promise<MemberMap> {
  const bytes = await readGiven(path)
  return checkMap(Buffer.from(bytes).toString('utf8'), config, log)
}

async function fromFiles(
  paths: readonly string[],
  day: LocalDay,
  owners: Owners,
  config: LocalConfig,
): Promise<DayRead> {
  const settings = presenceSettings(config)
  return presentOn(day, await readGivenFiles(paths, day, settings.timeZone), owners, { settings })
}

/** A member's day as JSON: the slots, devices and locations behind the amount. */
function evidenceOf(member: MemberDay, macs: MacSpelling) {
  return {
    email: member.email,
    amount: member.amount,
    slotCount: member.slots.length,
    slots: member.slots.map(formatSlot),
    locations: [...new Set(member.devices.map(({ location }) => location))].sort(),
    devices: member.devices.map(({ mac, location, minutes, slots }) => ({
      mac: macs === 'whole' ? mac : shortMac(mac),
      location,
      minutes,
      slotCount: slots.length,
    })),
  }
}
