/**
 * One run charges at a time: whoever charges holds a lease in the store, and the others wait. A run that was
 * killed is waited for until its lease ends. With a server that honours conditional writes two runs can't
 * both hold it. With one that does not (`doctor` tells) the last to write within a moment has it, and whose write
 * was held up for longer waits as long as any lease lasts. Two can hold it there only if reads show what was
 * written before for longer than a moment: they may then post the same amounts twice, and one's ledger entries
 * may be lost.
 */
import { z } from 'zod'
import type { Store, StoredObject } from '../store/store.ts'
import { StoreError } from '../store/store.ts'
import type { Run } from './ledger.ts'

export interface Lease {
  /** Makes sure the lease is held for longer than one post can take. Throws LeaseError when it was lost. */
  renew(): Promise<void>
  release(): Promise<void>
}

/** Another run is charging, or took over from this one. The message says which, and what to do. */
export class LeaseError extends Error {
  override readonly name = 'LeaseError'
}

export interface LeaseClock {
  readonly now: () => Date
  readonly sleep: (ms: number) => Promise<void>
}

const KEY = 'jobs/charging.json'
/** A post that is tried again and again takes up to four minutes: a lease must outlive it. */
const LEASE_MS = 6 * 60_000
const RENEW_BELOW_MS = 5 * 60_000
const POLL_MS = 2_000
/** Longer than a write takes from the look before it, where only that tells two writers apart. */
const MOMENT_MS = 3_000
const PATIENCE_MS = 60 * 60_000

const schema = z.object({
  version: z.literal(1),
  /** The run's id; `null` when nobody charges. */
  holder: z.string().nullable(),
  what: z.string(),
  since: z.iso.datetime(),
  until: z.iso.datetime(),
})

type Held = z.infer<typeof schema>

/**
 * Waits until no other run charges, and takes the lease. `onWait` is told once whom it waits for. Throws LeaseError
 * after an hour, StoreError when the store can't be used.
 */
export async function takeLease(
  store: Store,
  run: Run,
  clock: LeaseClock,
  onWait: (message: string) => void,
): Promise<Lease> {
  const began = clock.now().getTime()
  let told = false
  const isOverdue = () => clock.now().getTime() - began > PATIENCE_MS
  for (;;) {
    const seen = await look(store, clock)
    const other = seen.there && heldByOther(decode(seen.there), run, clock)
    if (!other) {
      const taken = await take(store, seen, run, clock)
      if (typeof taken === 'number') return leaseOf(store, run, clock, taken)
      if (taken === 'held up') {
        if (isOverdue()) throw tooSlow()
        // What was written over may be the lease of a run that charges: by then it has seen so, or has ended.
        await clock.sleep(LEASE_MS)
      }
      continue
    }
    if (isOverdue()) {
      throw new LeaseError(
        `Can't charge: ${other.what} has been charging since ${other.since}. Run this again when it is done.`,
      )
    }
    if (!told)
      onWait(
        `Waiting: ${other.what} is charging since ${other.since}, until ${other.until} at the latest`,
      )
    told = true
    await clock.sleep(POLL_MS)
  }
}

/** A lease for runs that change nothing: there is nothing to wait for. */
export const NO_LEASE: Lease = { renew: async () => {}, release: async () => {} }

function leaseOf(store: Store, run: Run, clock: LeaseClock, takenUntil: number): Lease {
  let until = takenUntil
  let isReleased = false
  let renewing: Promise<void> | undefined
  return {
    // Posts under way at once share one renewal: two would take the lease from each other.
    renew: () => {
      renewing ??= renewOnce().finally(() => {
        renewing = undefined
      })
      return renewing
    },
    release: async () => {
      isReleased = true
      const there = await store.get(KEY)
      if (!there || decode(there).holder !== run.id) return
      const bytes = Buffer.from(JSON.stringify({ ...describe(run, clock), holder: null }))
      const put = await store.put(KEY, bytes, { ifMatch: there.etag })
      if (put.outcome === 'unsupported') await store.put(KEY, bytes)
    },
  }

  async function renewOnce(): Promise<void> {
    if (isReleased) throw lost()
    // Until then nobody else can have taken it: there is no need to look.
    if (until - clock.now().getTime() > RENEW_BELOW_MS) return
    const seen = await look(store, clock)
    if (!seen.there || decode(seen.there).holder !== run.id) throw lost()
    const renewed = await take(store, seen, run, clock, until)
    if (typeof renewed !== 'number' || isReleased) throw lost()
    until = renewed
  }
}

function tooSlow(): LeaseError {
  return new LeaseError(
    "Can't charge: each write to the store took so long that another run could not be told from this one. Run this again later.",
  )
}

function lost(): LeaseError {
  return new LeaseError(
    'Stopped charging: this run was held up for so long that another one may have taken over. Run it again.',
  )
}

function heldByOther(held: Held, run: Run, { now }: LeaseClock): Held | undefined {
  const isFree =
    held.holder === null ||
    held.holder === run.id ||
    Date.parse(held.until) <= now().getTime() ||
    // Nobody takes it for longer: a clock was wrong.
    Date.parse(held.until) - now().getTime() > 2 * LEASE_MS
  return isFree ? undefined : held
}

interface Seen {
  readonly there: StoredObject | undefined
  /** Milliseconds since 1970: what is there may be as old as this. */
  readonly since: number
}

async function look(store: Store, clock: LeaseClock): Promise<Seen> {
  const since = clock.now().getTime()
  return { there: await store.get(KEY), since }
}

/**
 * Writes our name over what was seen; the instant until which the lease is ours, or why it is not. Where the server
 * can't tell two writers apart, the last one to write within a moment has it: so a write that took longer since the
 * look, and past `oursUntil`, may be over the name of one that looked at itself and went on.
 */
async function take(
  store: Store,
  { there, since }: Seen,
  run: Run,
  clock: LeaseClock,
  oursUntil = 0,
): Promise<number | 'taken by another' | 'held up'> {
  const mine = describe(run, clock)
  const bytes = Buffer.from(JSON.stringify(mine))
  const put = await store.put(KEY, bytes, there ? { ifMatch: there.etag } : { ifAbsent: true })
  if (put.outcome === 'conflict') return 'taken by another'
  if (put.outcome === 'unsupported') await store.put(KEY, bytes)
  if (put.outcome === 'unsupported' || (await ignoresConditions(store, bytes))) {
    if (clock.now().getTime() > Math.max(since + MOMENT_MS, oursUntil)) return 'held up'
    await clock.sleep(MOMENT_MS)
  }
  const now = await store.get(KEY)
  return now && decode(now).holder === run.id ? Date.parse(mine.until) : 'taken by another'
}

/** Writes once more what is there, on the condition that nothing is: an honest server refuses. */
async function ignoresConditions(store: Store, bytes: Uint8Array): Promise<boolean> {
  return (await store.put(KEY, bytes, { ifAbsent: true })).outcome === 'written'
}

function describe({ id, kind, by }: Run, { now }: LeaseClock): Held {
  const since = now().toISOString()
  const until = new Date(now().getTime() + LEASE_MS).toISOString()
  return { version: 1, holder: id, what: `${kind} by ${by}`, since, until }
}

function decode({ bytes }: StoredObject): Held {
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (cause) {
    throw new StoreError(
      `Can't use ${KEY}: it is not what this program writes. If nothing is charging, delete it.`,
      { cause },
    )
  }
}
