/** What the timer's run has logged, in the store. */
import { z } from 'zod'
import type { Cause } from '../alerts/alerts.ts'
import type { Log } from '../runtime/log.ts'
import { readNoteOrNone } from '../store/notes.ts'
import type { Store } from '../store/store.ts'
import { logDue } from './cause-log.ts'

/** Not the webhook's book: that one knows what was sent, and is not kept without a webhook. */
const BOOK = 'jobs/probe-log.json'
const schema = z.object({
  version: z.literal(1),
  open: z.record(z.string(), z.object({ text: z.string(), at: z.number() })),
})

/** Logs what is due, and remembers it. A book that can't be used is logged: the worst is that lines come again. */
export async function logCauses(
  causes: readonly Cause[],
  isChecked: (key: string) => boolean,
  { store, log, now }: { readonly store: Store; readonly log: Log; readonly now: Date },
): Promise<void> {
  const aside = { now: () => now, onSetAside: (message: string) => log.warn(message) }
  const book = await readNoteOrNone(store, BOOK, schema, aside)
  const { found, over, open } = logDue(book?.open ?? {}, causes, isChecked, now)
  for (const text of found) log.warn(text)
  for (const text of over) log.info(`Over / Terminé: ${text}`)
  if (found.length + over.length === 0) return
  try {
    await store.put(BOOK, Buffer.from(JSON.stringify({ version: 1, open })))
  } catch (error) {
    log.warn(`Can't remember what was logged: ${(error as Error).message}`)
  }
}
