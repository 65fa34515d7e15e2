/** The open causes in the store, and the sending of what is due: a message that could not be sent is sent by the next run. */
import { z } from 'zod'
import type { Log } from '../runtime/log.ts'
import { readNoteOrNone } from '../store/notes.ts'
import type { Store } from '../store/store.ts'
import { type Alert, alertsDue, type Cause } from './alerts.ts'

/** The nightly run's. */
const NIGHTLY_BOOK = 'jobs/alerts.json'
const schema = z.object({ version: z.literal(1), open: z.record(z.string(), z.string()) })

export interface AlertDeps {
  readonly store: Store
  /** Sends one alert. Throws when it could not. */
  readonly send: (alert: Alert) => Promise<void>
  readonly log: Log
  readonly now: () => Date
  /** The book's key. Default: the nightly run's. Two jobs that may run at the same time need two books. */
  readonly key?: string
}

/**
 * Sends what is due for `causes` and remembers it. Nothing is charged here: a webhook or a book that can't be used
 * is logged, and does not change what the run did.
 */
export async function tellAlerts(
  causes: readonly Cause[],
  isChecked: (key: string) => boolean,
  { store, send, log, now, key = NIGHTLY_BOOK }: AlertDeps,
): Promise<void> {
  try {
    const aside = { now, onSetAside: (message: string) => log.warn(message) }
    const book = await readNoteOrNone(store, key, schema, aside)
    const alerts = alertsDue(book?.open ?? {}, causes, isChecked)
    // One after another, each remembered at once: what was told is not told again because the next one failed.
    for (const { alert, open } of alerts) {
      await send(alert)
      await store.put(key, Buffer.from(JSON.stringify({ version: 1, open })))
    }
  } catch (error) {
    log.warn(`Can't tell ALERT_WEBHOOK_URL what there is to do: ${(error as Error).message}`)
  }
}
