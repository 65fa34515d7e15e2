/** What a run has to say, in words: pure, the same for the command line and the HTTP service. */
import { type LocalDay, type Mac, shortMac } from '@presences/shared'
import type { DayPlan, MemberPlan } from '../charging/plan-day.ts'
import type { Proposal } from '../charging/proposals.ts'
import type { DayRead } from '../charging/read-day.ts'
import type { ReplayedDay } from '../charging/replay.ts'
import { hasFailed, type MemberSettled } from '../charging/settle-day.ts'
import { formatAmount } from '../domain/amount.ts'
import type { MacSpelling } from '../domain/mac-spelling.ts'
import type { UnchargedOwner } from '../domain/ownership.ts'
import { whyUncharged } from '../members/ownership.ts'
import type { MemberDay, OwnerDay } from '../presence/presences.ts'
import { formatSlot } from '../presence/slots.ts'
import { isUnknown } from '../rollup/day-rollup.ts'

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
  return refreshed.every(({ rollup }) => isUnknown(rollup))
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

/** What the server had, as text: `-` for nothing, `?` when it could not be asked. */
function formatLast(last: MemberPlan['last']): string {
  if (last === 'none') return '-'
  return last === 'unreadable' ? '?' : formatValue(last.amount)
}

/** The line of one member and day, the same in a preview and a live run: `day email was → is decision: reason`. */
export function memberLine(day: LocalDay, member: MemberSettled): string {
  const { email, last, computed, decided } = member
  return `${day} ${email} ${formatLast(last)} → ${formatAmount(computed)} ${decisionWord(member)}: ${decided.reason}`
}

/** `post`, `skip`, `hold`, or `NOT POSTED` when it was tried and failed. */
function decisionWord(member: MemberSettled): string {
  return hasFailed(member) ? 'NOT POSTED' : member.decided.decision
}

/** True for a line worth printing: whoever was seen long enough, charged once, or is held. */
export function isWorthSaying({ computed, last, decided }: MemberPlan): boolean {
  return (
    computed > 0 || decided.decision !== 'skip' || (typeof last === 'object' && last.amount > 0)
  )
}

/** A line of `reupload`: the device's own day, whose it was, and what becomes of that member's whole day. */
export function replayedLine({
  day,
  minutes,
  slots,
  locations,
  owned,
  member,
}: ReplayedDay): string {
  const seen = `${day} seen ${minutes} min, ${slots} slots at ${locations.join(', ')}`
  if (!owned) return `${seen}; nobody had registered it`
  const { owner } = owned
  if (owner.kind !== 'member') return `${seen}; ${owner.name}: charged to nobody`
  if (!member) return `${seen}; ${owner.email}: outside the opening hours, nothing to charge`
  const whole = `${formatLast(member.last)} → ${formatAmount(member.computed)} (${member.evidence.slots.length} slots in all)`
  return `${seen}; ${owner.email} [${SOURCES[owned.source]}] ${whole} ${decisionWord(member)}: ${member.decided.reason}`
}

/** Where an ownership is known from, in words. */
const SOURCES = {
  map: 'theirs that day',
  audit: 'theirs that day, by the audit trail',
  'registered-late': 'known from a later day',
} as const

/** "3 half days for Ana, 1.5 tickets: presences-aggregator reupload …" */
export function proposalLine({ mac, email, days }: Proposal): string {
  const halves = days.reduce((sum, { was, amount }) => sum + (amount - was) * 2, 0)
  const first = days[0]?.day
  const last = days.at(-1)?.day
  const what = halves === 1 ? '1 half day' : `${halves} half days`
  const command = `presences-aggregator reupload ${mac} --period ${first}..${last}`
  return `Registered late: ${what} for ${email}, ${(halves / 2).toFixed(1)} tickets: ${command}`
}

export function nobodyRegistered(mac: Mac): string {
  return `Nobody has registered ${shortMac(mac)}: add it to its member at the ticket server, then run this again`
}

export function nothingPosted(mac: Mac, owner: UnchargedOwner): string {
  return `Nothing was posted: ${whyUncharged(owner, [mac])}`
}

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

/** A person may have set any number. */
function formatValue(value: number): string {
  return value === 0 || !Number.isInteger(value) ? String(value) : value.toFixed(1)
}

function macsOf(devices: OwnerDay['devices']): Mac[] {
  return [...new Set(devices.map(({ mac }) => mac))]
}
