/**
 * Is the time on the clock the time it is? Pure. A box without a clock of its own wakes in the past, and a minute
 * written under a wrong time charges a wrong day; a minute not written is a hole that everybody can see.
 */
import { formatLocalTime } from '@presences/shared'

/** What a machine's clock is taken on: what sets it from the network, or the word of an administrator. */
export const CLOCK_BASES = ['synchronized', 'trusted'] as const
export type ClockBasis = (typeof CLOCK_BASES)[number]

/** The clock when it was last known to be right. */
export interface ClockMemory {
  /** Of the start of the machine: uptime counts from there. */
  readonly bootId: string
  /** The clock less the uptime, in milliseconds: it changes when the clock is set, and hardly otherwise. */
  readonly offsetMs: number
  /** When the synchronizer last left its mark, in milliseconds; absent without one. */
  readonly markMs?: number | undefined
  /** The clock was set since, and `markMs` was there already when that was found: only another one counts. */
  readonly isMarkStale?: true
}

export interface ClockFacts {
  readonly now: Date
  readonly timeZone: string
  readonly basis: ClockBasis
  readonly bootId: string
  readonly uptimeMs: number
  readonly memory: ClockMemory | undefined
}

export type ClockJudgement =
  | { readonly verdict: 'right' }
  /** Only what synchronizes the clock can tell; `stepMs` when it was set since it was known to be right. */
  | { readonly verdict: 'ask'; readonly stepMs?: number }
  | { readonly verdict: 'wrong'; readonly reason: string }

/** No right clock shows a time before this version was made. */
export const MADE = new Date('2026-11-01T00:00:00Z')
/**
 * A clock that moves by more within a minute was set. Slewing moves it less: chrony's fastest is 5 s a
 * minute (maxslewrate), the kernel's own 0.03 s.
 */
export const STEP_MS = 10_000

/** What can be told of a clock without asking anybody. */
export function judgeClock(facts: ClockFacts): ClockJudgement {
  const { now, timeZone, basis, bootId, uptimeMs, memory } = facts
  if (now < MADE) {
    const shown = formatLocalTime(now, timeZone)
    return { verdict: 'wrong', reason: `the clock shows ${shown}, before this program was made` }
  }
  if (basis === 'trusted') return { verdict: 'right' }
  if (memory?.bootId !== bootId) return { verdict: 'ask' }
  const stepMs = now.getTime() - uptimeMs - memory.offsetMs
  return Math.abs(stepMs) <= STEP_MS ? { verdict: 'right' } : { verdict: 'ask', stepMs }
}

/** A step in words: `forward by 3 h`. */
export function formatStep(stepMs: number): string {
  const seconds = Math.round(Math.abs(stepMs) / 1000)
  const [unit, size] = STEP_UNITS.find(([, each]) => seconds >= 2 * each) ?? (['s', 1] as const)
  return `${stepMs < 0 ? 'back' : 'forward'} by ${Math.round(seconds / size)} ${unit}`
}

const STEP_UNITS = [
  ['days', 86_400],
  ['h', 3600],
  ['min', 60],
] as const

/** True for what `ClockMemory` looks like: it is read back from a file. */
export function isClockMemory(value: unknown): value is ClockMemory {
  if (typeof value !== 'object' || value === null) return false
  const { bootId, offsetMs, markMs, isMarkStale } = value as Record<string, unknown>
  const isMark =
    (markMs === undefined || Number.isFinite(markMs)) &&
    (isMarkStale === undefined || isMarkStale === true)
  return typeof bootId === 'string' && Number.isFinite(offsetMs) && isMark
}
