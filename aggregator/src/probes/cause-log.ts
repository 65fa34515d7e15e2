/**
 * What the timer's run logs. It runs every five minutes: a cause is logged when it is found first, once a day while
 * it stays, and when it is over. Pure: `cause-book.ts` keeps what was logged.
 */
import type { Cause } from '../alerts/alerts.ts'

const AGAIN_MS = 24 * 3_600_000

/** Causes that were logged and are not over, by key: with which text, and when last (milliseconds since 1970). */
export type LoggedCauses = Readonly<Record<string, { readonly text: string; readonly at: number }>>

export interface LogDue {
  /** What is found first, or has stayed for another day. */
  readonly found: readonly string[]
  readonly over: readonly string[]
  readonly open: LoggedCauses
}

/** Compares what was logged with the causes found at `now`. `isChecked`: as for `alertsDue`. */
export function logDue(
  open: LoggedCauses,
  causes: readonly Cause[],
  isChecked: (key: string) => boolean,
  now: Date,
): LogDue {
  const at = now.getTime()
  const isFound = new Set(causes.map(({ key }) => key))
  // A time of the future is of a clock that was ahead: it must not silence anything.
  const isRecent = (key: string) => {
    const age = at - (open[key]?.at ?? Number.NEGATIVE_INFINITY)
    return age >= 0 && age < AGAIN_MS
  }
  const due = causes.filter(({ key }) => !isRecent(key))
  const over = Object.entries(open).filter(([key]) => !isFound.has(key) && isChecked(key))
  const isOver = new Set(over.map(([key]) => key))
  return {
    found: due.map(({ text }) => text),
    over: over.map(([, { text }]) => text),
    open: {
      ...Object.fromEntries(Object.entries(open).filter(([key]) => !isOver.has(key))),
      ...Object.fromEntries(due.map(({ key, text }) => [key, { text, at }])),
    },
  }
}
