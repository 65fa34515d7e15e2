/**
 * Evidence that people took out of account, and what they gave back. Pure. Every withdrawal and every restoration is a
 * fact of its own with an id: facts are only ever added, so that merging two copies, in any order, loses nothing.
 */
import type { DayWindow, EpochMinute } from '@presences/shared'

/** Who said a thing, when and why. */
interface Said {
  /** Unique. */
  readonly id: string
  /** ISO instant. */
  readonly at: string
  readonly by: string
  readonly because: string
}

/** What a withdrawal is about: the minutes from `from` on, up to and without `to`, of a location or of one of its probes. */
export interface Extent {
  readonly location: string
  readonly probe?: string
  readonly from: EpochMinute
  readonly to: EpochMinute
}

export interface Withdrawal extends Said, Extent {}

/** The withdrawal of the id `restores` counts no more: what it was about is evidence again. */
export interface Restoration extends Said {
  readonly restores: string
}

export interface Withdrawals {
  readonly withdrawn: readonly Withdrawal[]
  readonly restored: readonly Restoration[]
}

/** A withdrawal that does not stand any more, and what ended it. */
export interface Restored {
  readonly withdrawal: Withdrawal
  readonly restoration: Restoration
}

export const NOTHING_WITHDRAWN: Withdrawals = { withdrawn: [], restored: [] }

/** Facts that are kept in all: a space has a handful a year. */
export const MOST_FACTS = 2000
/** Letters of a reason, and of a name: they stand in lines. */
export const MOST_LETTERS = 500

/** Both in one: every fact of either. The order of the arguments does not matter. */
export function mergeWithdrawals(a: Withdrawals, b: Withdrawals): Withdrawals {
  return {
    withdrawn: union(a.withdrawn, b.withdrawn),
    restored: union(a.restored, b.restored),
  }
}

/** True when `whole` has every fact of `part`. */
export function includesWithdrawals(whole: Withdrawals, part: Withdrawals): boolean {
  const ids = new Set([...whole.withdrawn, ...whole.restored].map(({ id }) => id))
  return [...part.withdrawn, ...part.restored].every(({ id }) => ids.has(id))
}

/** The withdrawals that stand. */
export function standing({ withdrawn, restored }: Withdrawals): Withdrawal[] {
  const ended = new Set(restored.map(({ restores }) => restores))
  return withdrawn.filter(({ id }) => !ended.has(id))
}

/** Those that were ended, each by its last restoration. */
export function ended({ withdrawn, restored }: Withdrawals): Restored[] {
  const last = new Map(restored.map((restoration) => [restoration.restores, restoration]))
  return withdrawn.flatMap((withdrawal) => {
    const restoration = last.get(withdrawal.id)
    return restoration ? [{ withdrawal, restoration }] : []
  })
}

/** True when a withdrawal is about minutes of a location's day. */
export function touches(
  { location, from, to }: Extent,
  room: string,
  { start, minutes }: DayWindow,
): boolean {
  return location === room && from < start + minutes && to > start
}

/** True when both are about the same minutes of the same location and probe. */
export function isSameExtent(a: Extent, b: Extent): boolean {
  return a.location === b.location && a.probe === b.probe && a.from === b.from && a.to === b.to
}

function union<Fact extends Said>(a: readonly Fact[], b: readonly Fact[]): Fact[] {
  const facts = new Map<string, Fact>()
  for (const fact of [...a, ...b]) {
    const known = facts.get(fact.id)
    // An id is one fact's: this only makes merging the same in any order, come what may.
    if (!known || rankOf(fact) > rankOf(known)) facts.set(fact.id, fact)
  }
  return [...facts.values()].sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))
}

function rankOf(fact: Said): string {
  return JSON.stringify(Object.entries(fact).sort(([one], [other]) => (one < other ? -1 : 1)))
}

function orderOf({ at, id }: Said): string {
  return `${at} ${id}`
}
