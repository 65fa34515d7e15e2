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

/**
 * Stores what a nightly run leaves behind; only one run charges at a time. By now it has charged, so that a store which
 * fails is told beside that, not instead: in words why nothing was stored, or `undefined`.
 */
export function rememberNight(store: Store, memory: NightlyMemory): Promise<string | undefined> {
  return unlessUnstored(
    write(store, memory),
    'The next night looks again at what was to be caught up',
  )
}

/** Adds days that another run left undone, for the nightly one to look at. Answers as `rememberNight` does. */
export async function rememberOpenDays(
  store: Store,
  days: readonly LocalDay[],
): Promise<string | undefined> {
  if (days.length === 0) return undefined
  return unlessUnstored(
    add(store, days),
    `The nightly run does not know that something is left undone on ${days.join(', ')}: run this again`,
  )
}

async function add(store: Store, days: readonly LocalDay[]): Promise<void> {
  const memory = await readMemory(store)
  await write(store, { ...memory, openDays: [...memory.openDays, ...days] })
}

async function write(store: Store, { lastRun, openDays }: NightlyMemory): Promise<void> {
  const json = { version: 1, ...(lastRun && { lastRun }), openDays: [...new Set(openDays)].sort() }
  await store.put(KEY, Buffer.from(JSON.stringify(json)))
}

function unlessUnstored(storing: Promise<void>, whatFollows: string): Promise<string | undefined> {
  return storing.then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof StoreError)) throw error
      return `${error.message.replace(/\.$/, '')}. ${whatFollows}.`
    },
  )
}
