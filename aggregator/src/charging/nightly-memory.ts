/**
 * What the nightly run must not forget: when it ran last, and which days it left undone, however long ago. Without
 * this, a day would fall out of `CATCH_UP_DAYS` and be lost.
 */
import { addDays, type LocalDay, parseLocalDay } from '@presences/shared'
import { z } from 'zod'
import { type Aside, readNote, setAside } from '../store/notes.ts'
import { type Store, StoreError } from '../store/store.ts'
import { type LedgersDeps, memoryFromLedgers, nightSince } from './memory-from-ledgers.ts'

export interface NightlyMemory {
  /** The day of the last nightly run; `undefined`: there was none. */
  readonly lastRun: LocalDay | undefined
  /** Days with something that failed, or could not be read. */
  readonly openDays: readonly LocalDay[]
  /** Of them, those that a person asked for and that could not be read: devices registered late count there. */
  readonly askedDays?: readonly LocalDay[]
}

const KEY = 'jobs/nightly.json'
const day = z.custom<LocalDay>(
  (text) => typeof text === 'string' && parseLocalDay(text) !== undefined,
)
const schema = z.object({
  version: z.literal(1),
  lastRun: day.exactOptional(),
  openDays: z.array(day),
  askedDays: z.array(day).exactOptional(),
})

/** What recalling takes: what the ledgers know stands in for a memory that is lost. */
type RecallDeps = LedgersDeps & { readonly aside: Aside }

/**
 * The memory as it is kept; `undefined` when there is none, or when it was damaged and is set aside. Throws StoreError,
 * also when it is of another version.
 */
export async function readMemory(store: Store, aside: Aside): Promise<NightlyMemory | undefined> {
  const kept = await readNote(store, KEY, schema, aside)
  return kept && { lastRun: kept.lastRun, openDays: kept.openDays, askedDays: kept.askedDays ?? [] }
}

/**
 * The memory; where it is lost, an old copy, or of a day to come, as a clock that was wrong has left it, what the ledgers
 * say in its place, so that no day falls out. Throws StoreError.
 */
export async function recallMemory(deps: RecallDeps): Promise<NightlyMemory> {
  const { store, today, aside } = deps
  const kept = await readMemory(store, aside)
  const { lastRun, openDays = [], askedDays = [] } = kept ?? {}
  const why = lastRun && (await whyUseless(lastRun, deps))
  if (lastRun !== undefined && why === undefined) return { lastRun, openDays, askedDays }
  if (why !== undefined) await setAsideNow(why, deps)
  const { lastRun: ranOn, openDays: open } = await memoryFromLedgers(deps)
  return {
    lastRun: ranOn,
    openDays: [...open, ...openDays.filter((day) => day <= today)],
    askedDays,
  }
}

/** In words why a memory of `lastRun` is not the last one; `undefined`: as far as can be told it is. */
async function whyUseless(lastRun: LocalDay, deps: LedgersDeps): Promise<string | undefined> {
  // A run that began before midnight may come to this after one that began after it.
  if (lastRun > addDays(deps.today, 1)) return `it tells of ${lastRun}, a day to come`
  const later = await nightSince(lastRun, deps)
  return later && `it tells of ${lastRun}, but a night charged on ${later}: it is an old copy`
}

async function setAsideNow(why: string, { store, aside }: RecallDeps): Promise<void> {
  const there = await store.get(KEY)
  if (there) await setAside(store, KEY, there.bytes, why, aside)
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

/**
 * Adds days that another run left undone, for the nightly one to look at; `asked` are those of them that a person asked
 * for and that could not be read. Answers as `rememberNight` does.
 */
export async function rememberOpenDays(
  deps: RecallDeps,
  days: readonly LocalDay[],
  asked: readonly LocalDay[] = [],
): Promise<string | undefined> {
  if (days.length === 0) return undefined
  return unlessUnstored(
    add(deps, days, asked),
    `The nightly run does not know that something is left undone on ${days.join(', ')}: run this again`,
  )
}

async function add(
  deps: RecallDeps,
  days: readonly LocalDay[],
  asked: readonly LocalDay[],
): Promise<void> {
  const { lastRun, openDays, askedDays = [] } = await recallMemory(deps)
  await write(deps.store, {
    lastRun,
    openDays: [...openDays, ...days],
    askedDays: [...askedDays, ...asked],
  })
}

async function write(
  store: Store,
  { lastRun, openDays, askedDays = [] }: NightlyMemory,
): Promise<void> {
  const json = {
    version: 1,
    ...(lastRun && { lastRun }),
    openDays: inOrder(openDays),
    ...(askedDays.length > 0 && { askedDays: inOrder(askedDays) }),
  }
  await store.put(KEY, Buffer.from(JSON.stringify(json)))
}

function inOrder(days: readonly LocalDay[]): LocalDay[] {
  return [...new Set(days)].sort()
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
