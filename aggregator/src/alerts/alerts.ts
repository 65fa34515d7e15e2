/**
 * Who is told of what, and when: once when a cause appears, once when it is over. Pure: `alert-book.ts` keeps the
 * open causes, `webhook.ts` sends.
 */
import { visibleLine } from '@presences/shared'

export type AlertLevel = 'warning' | 'error' | 'ok'

/** What the webhook is sent. */
export interface Alert {
  readonly title: string
  readonly message: string
  readonly level: AlertLevel
}

/** A reason to alert. The same `key` is the same cause, however often it is found again. */
export interface Cause {
  readonly key: string
  readonly level: 'warning' | 'error'
  /** One sentence: what happened, what to do. */
  readonly text: string
}

/** Causes somebody was told of, by key, with their text. */
export type OpenCauses = Readonly<Record<string, string>>

/** One message, in the order they are to be sent. */
export interface AlertDue {
  readonly alert: Alert
  /** What is open once it is sent. */
  readonly open: OpenCauses
}

/** At most so many causes are named in one message. */
const NAMED = 10

/**
 * Compares what is open with the causes found now. `isChecked` tells which open causes this run would have found
 * again: the others stay open.
 */
export function alertsDue(
  open: OpenCauses,
  causes: readonly Cause[],
  isChecked: (key: string) => boolean,
): AlertDue[] {
  const found = new Map(causes.map((cause) => [cause.key, cause]))
  const fresh = [...found.values()].filter(({ key }) => !(key in open))
  const over = Object.entries(open).filter(([key]) => !found.has(key) && isChecked(key))
  const withFresh = { ...open, ...Object.fromEntries(fresh.map(({ key, text }) => [key, text])) }
  const isOver = new Set(over.map(([key]) => key))
  const due: AlertDue[] = []
  if (fresh.length > 0) {
    const level = fresh.some((cause) => cause.level === 'error') ? 'error' : 'warning'
    const title = 'Présences: something to do / quelque chose à faire'
    const message = sentences(fresh.map(({ text }) => text))
    due.push({ alert: { title, message, level }, open: withFresh })
  }
  if (over.length > 0) {
    const title = 'Présences: over / terminé'
    const message = sentences(over.map(([, text]) => text))
    const left = Object.entries(withFresh).filter(([key]) => !isOver.has(key))
    due.push({ alert: { title, message, level: 'ok' }, open: Object.fromEntries(left) })
  }
  return due
}

function sentences(texts: readonly string[]): string {
  const more = texts.length > NAMED ? [`… ${texts.length - NAMED} more: see the log`] : []
  return [...texts.slice(0, NAMED).map(visibleLine), ...more].join('\n')
}
