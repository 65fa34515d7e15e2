/**
 * Who is told of what, and when: once when a cause appears, once when it is over. Pure: `alert-book.ts` keeps the
 * open causes, `webhook.ts` sends.
 */

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

export interface AlertsDue {
  readonly alerts: readonly Alert[]
  /** What is open once the alerts are sent. */
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
): AlertsDue {
  const found = new Map(causes.map((cause) => [cause.key, cause]))
  const fresh = [...found.values()].filter(({ key }) => !(key in open))
  const over = Object.entries(open).filter(([key]) => !found.has(key) && isChecked(key))
  const isOver = new Set(over.map(([key]) => key))
  const alerts: Alert[] = []
  if (fresh.length > 0) {
    alerts.push({
      title: 'Présences: something to do / quelque chose à faire',
      message: sentences(fresh.map(({ text }) => text)),
      level: fresh.some(({ level }) => level === 'error') ? 'error' : 'warning',
    })
  }
  if (over.length > 0) {
    alerts.push({
      title: 'Présences: over / terminé',
      message: sentences(over.map(([, text]) => text)),
      level: 'ok',
    })
  }
  const kept = Object.entries(open).filter(([key]) => !isOver.has(key))
  const now = [...kept, ...fresh.map(({ key, text }) => [key, text] as const)]
  return { alerts, open: Object.fromEntries(now.sort(([a], [b]) => (a < b ? -1 : 1))) }
}

function sentences(texts: readonly string[]): string {
  const more = texts.length > NAMED ? [`… ${texts.length - NAMED} more: see the log`] : []
  return [...texts.slice(0, NAMED), ...more].join('\n')
}
