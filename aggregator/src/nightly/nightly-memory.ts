/**
 * What the nightly run must not forget: when it ran last, and which days it left undone, however long ago. Without
 * this, a day would fall out of `CATCH_UP_DAYS` and be lost.
 */
import { type LocalDay, parseLocalDay } from '@presences/shared'
import { z } from 'zod'
import { type Store, StoreError } from '../store/store.ts'

export interface NightlyMemory {
  /** The day of the last nightly run; `undefined`: there was none. */
  readonly lastRun: LocalDay | undefined
  /** Days with something that failed, or could not be read. */
  readonly openDays: readonly LocalDay[]
}

const KEY = 'jobs/nightly.json'
const day = z.custom<LocalDay>(
  (text) => typeof text === 'string' && parseLocalDay(text) !== undefined,
)
const schema = z.object({
  version: z.literal(1),
  lastRun: day.exactOptional(),
  openDays: z.array(day),
})

/** Reads the memory. Throws StoreError, also when it is damaged. */
export async function readMemory(store: Store): Promise<NightlyMemory> {
  const there = await store.get(KEY)
  if (!there) return { lastRun: undefined, openDays: [] }
  try {
    const { lastRun, openDays } = schema.parse(
      JSON.parse(Buffer.from(there.bytes).toString('utf8')),
    )
    return { lastRun, openDays }
  } catch (cause) {
    throw new StoreError(
      `Can't use ${KEY}: it is not what this program writes. Restore it from a copy, or delete it and upload the last weeks by hand.`,
      { cause },
    )
  }
}

/** Stores the memory: only one run charges at a time. Throws StoreError. */
export async function writeMemory(store: Store, memory: NightlyMemory): Promise<void> {
  const { lastRun, openDays } = memory
  const json = { version: 1, ...(lastRun && { lastRun }), openDays: [...new Set(openDays)].sort() }
  await store.put(KEY, Buffer.from(JSON.stringify(json)))
}

/** Adds days that another run left undone, for the nightly one to look at. Throws StoreError. */
export async function rememberOpenDays(store: Store, days: readonly LocalDay[]): Promise<void> {
  if (days.length === 0) return
  const memory = await readMemory(store)
  await writeMemory(store, { ...memory, openDays: [...memory.openDays, ...days] })
}
