/** What a run has to say, in words: pure, the same for the command line and the HTTP service. */
import { type Mac, shortMac } from '@presences/shared'
import { whyUncharged } from './members/ownership.ts'
import type { MemberDay, OwnerDay } from './presence/presences.ts'
import { formatAmount } from './presence/rule.ts'
import { formatSlot } from './presence/slots.ts'
import type { ReplayedDay } from './replay.ts'
import type { RollupRefreshed } from './rollup/refresh-rollup.ts'
import type { DayRead, DaySettled } from './settle-day.ts'

/** One line for each thing in a day's raw files that can't be used as it is: key, line, reason. */
export function rawFaults(refreshed: readonly RollupRefreshed[]): string[] {
  return refreshed.flatMap(({ rollup, strangers }) => [
    ...[...rollup.faults].map(([key, { cut, count, first }]) => {
      const lines = first.map(({ line, reason }) => `line ${line}: ${reason}`).join('; ')
      const more = count > first.length ? `; and ${count - first.length} more` : ''
      const cutShort = cut ? 'the file was cut short: it has fewer lines than it says' : ''
      return `${key}: ${[cutShort, lines + more].filter(Boolean).join('; ')}`
    }),
    ...strangers.map(
      (key) => `${key}: the name is not that of a minute of this day; it was left out`,
    ),
  ])
}

/** One line for each person who was there and can't be charged. */
export function unchargeableLines(days: readonly OwnerDay[]): string[] {
  return days.flatMap(({ owner, slots, amount, devices }) =>
    owner.kind === 'member'
      ? []
      : [
          `${slots.length} slots (${formatAmount(amount)} ticket) are charged to nobody: ${whyUncharged(owner, macsOf(devices))}`,
        ],
  )
}

/** True when no location has anything at all for the day, not even a minute that was looked at. */
export function hasNoData({ refreshed }: DayRead): boolean {
  return refreshed.every(
    ({ rollup }) =>
      rollup.probes.size === 0 && rollup.devices.size === 0 && rollup.dayFile === undefined,
  )
}

/** The line of the nightly log: "2026-11-20: 27 members, 24.5 tickets posted". */
export function settledLine({ presences, posted, failed }: DaySettled): string {
  const tickets = posted.reduce((sum, { amount }) => sum + amount, 0)
  const members = posted.length === 1 ? '1 member' : `${posted.length} members`
  const failures = failed.length === 0 ? '' : `, ${failed.length} not posted`
  return `${presences.day}: ${members}, ${tickets.toFixed(1)} tickets${failures}`
}

/** A line of `reupload`: the device's day, its owner's whole day, what was posted. */
export function replayedLine({
  day,
  minutes,
  slots,
  locations,
  ownerDay,
  posted,
  failed,
}: ReplayedDay): string {
  const seen = `${day} seen ${minutes} min, ${slots} slots at ${locations.join(', ')}`
  if (!ownerDay) return `${seen}; charged to nobody`
  const name = ownerDay.owner.kind === 'member' ? ownerDay.owner.email : ownerDay.owner.name
  const whole = `${name} ${formatAmount(ownerDay.amount)} (${ownerDay.slots.length} slots in all)`
  if (failed) return `${seen}; ${whole}: NOT POSTED`
  return `${seen}; ${whole}${posted ? ': posted' : ': nothing to post'}`
}

export type MacSpelling = 'short' | 'whole'

/** A member's day as JSON: the slots, devices and locations behind the amount. */
export function evidenceOf(member: MemberDay, macs: MacSpelling) {
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

function macsOf(devices: OwnerDay['devices']): Mac[] {
  return [...new Set(devices.map(({ mac }) => mac))]
}
