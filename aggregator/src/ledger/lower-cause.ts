/** Why a day's evidence makes less than it did when it was charged. Pure. */
import type { Mac } from '@presences/shared'
import { isSameRule, SLOT_MINUTES } from '../domain/rule.ts'
import type { LowerCause } from './decide.ts'
import type { Evidence } from './ledger.ts'

/**
 * Compares the evidence of the last post with that of now. `isTheirs`: whether a device is the member's on that
 * day; `isWithdrawn`: whether a slot is missing because a person took its evidence out of account. Data that is missing
 * outweighs every other cause: a charge is never lowered for it.
 */
export function lowerCauseOf(
  then: Evidence | undefined,
  now: Evidence,
  isTheirs: (mac: Mac) => boolean,
  isWithdrawn: (slot: number) => boolean = () => false,
): LowerCause {
  if (!then) return 'unknown'
  const stillTheirs = then.devices.filter(({ mac }) => isTheirs(mac))
  const expected = stillTheirs.flatMap(({ slots }) => slots).filter((slot) => isOpen(slot, now))
  const there = new Set(now.slots)
  const missing = expected.filter((slot) => !there.has(slot))
  if (!missing.every(isWithdrawn)) return 'less data'
  if (missing.length > 0) return 'evidence was withdrawn'
  if (stillTheirs.length < then.devices.length) return 'a device is not theirs'
  return isSameRule(then.rule, now.rule) ? 'less data' : 'the rule changed'
}

/** True when a slot, at least in part, lies in the opening hours in force. */
function isOpen(slot: number, { rule: { openingHours } }: Evidence): boolean {
  const first = slot * SLOT_MINUTES
  return first + SLOT_MINUTES > openingHours.firstMinute && first <= openingHours.lastMinute
}
