/**
 * What the ticket server has stored for one member. Its list says of each day whether a ticket or a
 * subscription pays for it; both are presence, stored by the same post, so both are taken.
 */
import { type LocalDay, parseLocalDay } from '@presences/shared'
import { z } from 'zod'
import { shapedAs } from './json-answer.ts'

export interface StoredAmounts {
  readonly amounts: ReadonlyMap<LocalDay, number>
  /** Stored days that no calendar has: the server accepts 2026-02-30. */
  readonly impossibleDays: readonly string[]
}

const ACTIVITY = z.array(
  z.object({ date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/), value: z.number() }),
)

/** Reads the items of `GET /api/members/:id/activity`. Throws TicketsError for any other shape. */
export function storedAmountsOf(items: readonly unknown[], doing: string): StoredAmounts {
  const amounts = new Map<LocalDay, number>()
  const impossibleDays: string[] = []
  for (const { date, value } of shapedAs(ACTIVITY, items, doing)) {
    const day = parseLocalDay(date)
    if (day === undefined) impossibleDays.push(date)
    else amounts.set(day, value)
  }
  return { amounts, impossibleDays }
}
