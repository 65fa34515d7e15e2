/** What is said of a whole day: who can't be charged, which rooms were not looked at enough. */

import type { Mac } from '@presences/shared'
import type { DayPlan } from '../charging/plan-day.ts'
import { unreadRooms } from '../charging/read-day.ts'
import type { Rechecked } from '../charging/recheck.ts'
import { goneReason } from '../charging/settle-day.ts'
import { formatAmount } from '../domain/amount.ts'
import { whyUncharged } from '../members/ownership.ts'
import type { OwnerDay } from '../presence/presences.ts'
import { memberLine } from './member-line.ts'

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

/** One line for each room that was not looked at enough: what was seen there is charged, and looked at again. */
export function incompleteLines(
  { day, coverage, incomplete, refreshed }: DayPlan,
  only?: string,
): string[] {
  const unread = unreadRooms(refreshed)
  return coverage
    .filter(({ location }) => incomplete.includes(location) && !unread.includes(location))
    .filter(({ location }) => only === undefined || location === only)
    .map(({ location, lookedMinutes = 0, openMinutes }) => {
      const percent = Math.floor((lookedMinutes * 100) / openMinutes)
      return `${day}: ${location} was looked at ${percent} % of the opening hours: the day is incomplete, and will be looked at again`
    })
}

/** One line for each room of which something could not be read: the rest of the day is charged without it. */
export function unreadLines({ day, refreshed }: DayPlan, only?: string): string[] {
  return unreadRooms(refreshed)
    .filter((location) => only === undefined || location === only)
    .map(
      (location) =>
        `${day}: ${location} could not be read wholly, and is charged without what is missing: the day is incomplete, and will be looked at again`,
    )
}

function macsOf(devices: OwnerDay['devices']): Mac[] {
  return [...new Set(devices.map(({ mac }) => mac))]
}

/** What people did to days while they were posted: one line a member, and one for what nobody could say. */
export function recheckedLines({ days, unasked }: Rechecked): string[] {
  return [
    ...days.flatMap(({ day, members }) => members.map((member) => memberLine(day, member))),
    ...(unasked.length > 0
      ? [
          `Whether a person corrected ${unasked.join(', ')} during this run could not be asked: the next night asks again`,
        ]
      : []),
  ]
}

/** One line for each who was there and is no member any more: told once. */
export function goneLines({ day, gone }: DayPlan): string[] {
  return gone.map(
    ({ name, computed }) => `${day}: ${goneReason(name)}; it would be ${formatAmount(computed)}`,
  )
}
