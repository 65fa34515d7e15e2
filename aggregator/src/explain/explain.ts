/**
 * Gathers all that explains one member's day: what was seen, what it makes, when nobody was looking, and
 * what was decided. It prices nothing anew: slots and amount are those of `presences.ts`.
 */
import { type DayWindow, epochMinuteOf, formatLocalTime, instantOf } from '@presences/shared'
import { amountFor, type Rule } from '../domain/rule.ts'
import type { LedgerEntry } from '../ledger/ledger.ts'
import {
  coverageOf,
  coveragePercent,
  type DaySoFar,
  elapsedMinutes,
  isIncomplete,
  isOpen,
} from '../presence/coverage.ts'
import type { OwnerDay, PresenceSettings } from '../presence/presences.ts'
import { formatSlot, slotTable } from '../presence/slots.ts'
import type { DayRollup } from '../rollup/day-rollup.ts'
import {
  allSent,
  explainDevices,
  explainLocations,
  seenBetween,
  type WithdrawnAt,
} from './evidence.ts'
import type { ExplainedDecision, Explanation } from './explanation.ts'

export interface DayToExplain {
  readonly window: DayWindow
  /** Of every location. */
  readonly rollups: readonly DayRollup[]
  /** What does not count of them, by location; may be left out. */
  readonly withdrawn?: WithdrawnAt | undefined
  readonly email: string
  /** Locations of which something could not be read. */
  readonly unread: readonly string[]
  /** `undefined`: no device of this member was seen. */
  readonly member: Pick<OwnerDay, 'slots' | 'amount' | 'devices'> | undefined
  readonly settings: PresenceSettings
  readonly now: Date
  /** The ledger's entries for this member and day. */
  readonly entries: readonly LedgerEntry[]
  readonly minCoveragePercent: number
  /** How many devices the member has in all; may be left out. */
  readonly registeredDevices?: number | undefined
  /** How MACs are spelled: short, unless somebody asked for them whole. */
  readonly macs?: 'short' | 'whole' | undefined
}

/** Why the member was, or was not, charged that day. */
export function explainDay(input: DayToExplain): Explanation {
  const { window, rollups, email, member, settings, now, entries } = input
  const { timeZone, rule } = settings
  const withdrawn = input.withdrawn ?? new Map()
  const table = slotTable(window, timeZone, rule.openingHours)
  const day: DaySoFar = { window, table, now }
  const coverage = coverageOf(rollups, day)
  const slots = member?.slots ?? []
  const amount = member?.amount ?? 0
  const seen = member?.devices ?? []
  const history = entries.map((entry) => explainEntry(entry, timeZone)).sort(byTime)
  return {
    day: window.day,
    timeZone,
    email,
    asOf: formatLocalTime(instantOf(epochMinuteOf(now)), timeZone),
    over: !table.some((_, minute) => isOpen(table, minute) && minute >= elapsedMinutes(day)),
    amount,
    slotCount: slots.length,
    slots: slots.map(formatSlot),
    needed: neededFor(amount, rule),
    nearMiss: nearMissOf(slots.length, rule),
    rule,
    seen: seenBetween(seen, day, timeZone),
    deviceCount: new Set(seen.flatMap((device) => (device.slots.length > 0 ? device.mac : [])))
      .size,
    devices: explainDevices(seen, day, timeZone, input.macs ?? 'short'),
    registeredDevices: input.registeredDevices ?? null,
    locations: explainLocations(rollups, day, timeZone, withdrawn),
    lookedPercent: coveragePercent(coverage) ?? null,
    unread: [...input.unread],
    // What was withdrawn is known, and no later look completes it.
    incomplete:
      input.unread.length > 0 ||
      coverageOf(allSent(rollups, withdrawn), day).some((each) =>
        isIncomplete(each, input.minCoveragePercent),
      ),
    charged: history.findLast(({ outcome }) => outcome === 'posted')?.computed ?? null,
    history,
  }
}

/** The slots the amount takes; for 0, those the smallest amount takes. */
function neededFor(amount: number, { halfDaySlots, fullDaySlots }: Rule): number {
  return amount === 1 ? fullDaySlots : Math.min(halfDaySlots, fullDaySlots)
}

/** One or two slots short of the next amount: where a member may rightly ask what was missed. */
function nearMissOf(slots: number, rule: Rule): Explanation['nearMiss'] {
  if (slots === 0) return null
  const short = [1, 2] as const
  const missing = short.find((more) => amountFor(slots + more, rule) > amountFor(slots, rule))
  return missing ? { short: missing, amount: amountFor(slots + missing, rule) } : null
}

function explainEntry(entry: LedgerEntry, timeZone: string): ExplainedDecision {
  return {
    at: formatLocalTime(new Date(entry.at), timeZone),
    kind: entry.run.kind,
    by: entry.run.by,
    computed: entry.computed,
    slotCount: entry.evidence.slots.length,
    decision: entry.decision,
    reason: entry.reason,
    outcome: entry.outcome ?? null,
    answer: entry.answer ?? null,
  }
}

function byTime(a: ExplainedDecision, b: ExplainedDecision): number {
  return Date.parse(a.at) - Date.parse(b.at)
}
