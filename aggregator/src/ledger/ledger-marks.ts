/**
 * The days that have a ledger, noted outside `ledger/`: one that is gone since, or that an old copy does not have, is
 * known to be lost. A day is noted once its ledger is stored, so that the note never tells of one that was not there.
 */
import { type LocalDay, parseLocalDay } from '@presences/shared'
import { z } from 'zod'
import { type Aside, readNote } from '../store/notes.ts'
import type { Store } from '../store/store.ts'
import { formatLedgerKey } from './ledger-codec.ts'
import { ledgerDays } from './ledger-store.ts'

export interface LedgerMarks {
  /** The days that had a ledger and have none, in their order. */
  readonly lost: readonly LocalDay[]
  /** Notes that a day has one, where that is news. Throws StoreError. */
  readonly mark: (day: LocalDay) => Promise<void>
}

const KEY = 'jobs/ledgers.json'
const schema = z.object({
  version: z.literal(1),
  days: z.array(
    z.custom<LocalDay>((text) => typeof text === 'string' && parseLocalDay(text) !== undefined),
  ),
})

/** What is noted by now, and what is there; a note that is lost or damaged is made again of that. Throws StoreError. */
export async function openMarks(store: Store, aside: Aside): Promise<LedgerMarks> {
  const noted = (await readNote(store, KEY, schema, aside))?.days ?? []
  const there = await ledgerDays(store)
  const known = new Set([...noted, ...there])
  const lost: LocalDay[] = []
  for (const day of lacking(noted, there)) {
    // A listing may lag behind.
    if (!(await store.get(formatLedgerKey(day)))) lost.push(day)
  }
  if (known.size > noted.length) await write()
  let writing: Promise<void> = Promise.resolve()

  return {
    lost: lost.sort(),
    mark: async (day) => {
      if (known.has(day)) return
      // One after another: a replay settles several days at once, and the last write has all of them.
      const written = writing.then(() => {
        known.add(day)
        return write()
      })
      writing = written.catch(() => void known.delete(day))
      await written
    },
  }

  async function write(): Promise<void> {
    await store.put(KEY, Buffer.from(JSON.stringify({ version: 1, days: [...known].sort() })))
  }
}

function lacking(noted: readonly LocalDay[], there: readonly LocalDay[]): LocalDay[] {
  const listed = new Set(there)
  return [...new Set(noted)].filter((day) => !listed.has(day))
}
