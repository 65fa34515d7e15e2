/** What is said of a whole day: who can't be charged, which rooms were not looked at enough. */
import type { Mac } from '@presences/shared'
import type { DayPlan } from '../charging/plan-day.ts'
import { formatAmount } from '../domain/amount.ts'
import { whyUncharged } from '../members/ownership.ts'
import type { OwnerDay } from '../presence/presences.ts'

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
export function incompleteLines({ day, coverage, incomplete }: DayPlan, only?: string): string[] {
  return coverage
    .filter(({ location }) => incomplete.includes(location))
    .filter(({ location }) => only === undefined || location === only)
    .map(({ location, lookedMinutes = 0, openMinutes }) => {
      const percent = Math.floor((lookedMinutes * 100) / openMinutes)
      return `${day}: ${location} was looked at ${percent} % of the opening hours: the day is incomplete, and will be looked at again`
    })
}

function macsOf(devices: OwnerDay['devices']): Mac[] {
  return [...new Set(devices.map(({ mac }) => mac))]
}
