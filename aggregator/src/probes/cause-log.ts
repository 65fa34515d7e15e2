/**
 * What the timer's run logs. It runs every five minutes: a cause is logged when it is found first, once a day while
 * it stays, and when it is over.
 */
import { z } from 'zod'
import type { Cause } from '../alerts/alerts.ts'
import type { Log } from '../runtime/log.ts'
import { readNoteOrNone } from '../store/notes.ts'
import type { Store } from '../store/store.ts'

/** Not the webhook's book: that one knows what was sent, and is not kept without a webhook. */
const BOOK = 'jobs/probe-log.json'
const AGAIN_MS = 24 * 3_600_000
const logged = z.object({ text: z.string(), at: z.number() })
const schema = z.object({ version: z.literal(1), open: z.record(z.string(), logged) })

/** Another program's: it is not written over. */
const REFUSED: z.output<typeof schema> = { version: 1, open: {} }

/** Causes that were logged and are not over, by key: with which text, and when last (milliseconds since 1970). */
export type LoggedCauses = Readonly<Record<string, z.output<typeof logged>>>

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

/** Logs what is due, and remembers it. A book that can't be used is logged: the worst is that lines come again. */
export async function logCauses(
  causes: readonly Cause[],
  isChecked: (key: string) => boolean,
  { store, log, now }: { readonly store: Store; readonly log: Log; readonly now: Date },
): Promise<void> {
  const aside = { now: () => now, onSetAside: (message: string) => log.warn(message) }
  const cannot = (error: Error) => log.warn(`Can't remember what was logged: ${error.message}`)
  const book = await readNoteOrNone(store, BOOK, schema, aside).catch((error: Error) => {
    cannot(error)
    return REFUSED
  })
  const { found, over, open } = logDue(book?.open ?? {}, causes, isChecked, now)
  for (const text of found) log.warn(text)
  for (const text of over) log.info(`Over / Terminé: ${text}`)
  if (found.length + over.length === 0 || book === REFUSED) return
  try {
    await store.put(BOOK, Buffer.from(JSON.stringify({ version: 1, open })))
  } catch (error) {
    cannot(error as Error)
  }
}
