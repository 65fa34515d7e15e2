/** What is said of one device that was registered late: what its replay does, what one would do, why none can. */
import { type Mac, shortMac } from '@presences/shared'
import type { NumberedProposal } from '../charging/proposal-book.ts'
import type { ReplayedDay } from '../charging/replay.ts'
import { formatAmount } from '../domain/amount.ts'
import type { UnchargedOwner } from '../domain/ownership.ts'
import { whyUncharged } from '../members/ownership.ts'
import { decisionWord, formatLast } from './member-line.ts'

/** Where an ownership is known from, in words. */
const SOURCES = {
  map: 'theirs that day',
  audit: 'theirs that day, by the audit trail',
  'registered-late': 'known from a later day',
} as const

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

/** "3 half days for ana@x, 2026-11-02 to 2026-11-18, 1.5 tickets, AA:BB:…:FF: presences-aggregator reupload --proposal 3" */
export function proposalLine({ number, mac, email, days }: NumberedProposal): string {
  const halves = days.reduce((sum, { was, amount }) => sum + (amount - was) * 2, 0)
  const first = days[0]?.day
  const last = days.at(-1)?.day
  const what = halves === 1 ? '1 half day' : `${halves} half days`
  const command =
    number === undefined
      ? 'its number could not be kept, the next night gives one'
      : `presences-aggregator reupload --proposal ${number}`
  const tickets = `${(halves / 2).toFixed(1)} tickets`
  return `Registered late: ${what} for ${email}, ${first} to ${last}, ${tickets}, ${shortMac(mac)}: ${command}`
}

export function nobodyRegistered(mac: Mac): string {
  return `Nobody has registered ${shortMac(mac)}: add it to its member at the ticket server, then run this again`
}

export function nothingPosted(mac: Mac, owner: UnchargedOwner): string {
  return `Nothing was posted: ${whyUncharged(owner, [mac])}`
}
