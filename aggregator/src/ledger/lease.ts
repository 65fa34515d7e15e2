/**
 * One run charges at a time: whoever charges holds a lease in the store, and the others wait. A run that was
 * killed is waited for until its lease ends. With a server that honours conditional writes two runs can't
 * both hold it. With one that does not (`doctor` tells) they can, if one's write is held up for seconds: they
 * may then post the same amounts twice, and one's ledger entries may be lost.
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
  for (;;) {
    const there = await store.get(KEY)
    const other = there && heldByOther(decode(there), run, clock)
    if (!other) {
      const until = await take(store, there, run, clock)
      if (until !== undefined) return leaseOf(store, run, clock, until)
      continue
    }
    if (clock.now().getTime() - began > PATIENCE_MS) {
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
    const there = await store.get(KEY)
    if (!there || decode(there).holder !== run.id) throw lost()
    const renewed = await take(store, there, run, clock)
    if (renewed === undefined || isReleased) throw lost()
    until = renewed
  }
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

/**
 * Writes our name over `there`; the instant until which the lease is ours, or `undefined` when another run was
 * first. Where the server can't tell two writers apart, the last one to write within a moment has it.
 */
async function take(
  store: Store,
  there: StoredObject | undefined,
  run: Run,
  clock: LeaseClock,
): Promise<number | undefined> {
  const mine = describe(run, clock)
  const bytes = Buffer.from(JSON.stringify(mine))
  const put = await store.put(KEY, bytes, there ? { ifMatch: there.etag } : { ifAbsent: true })
  if (put.outcome === 'conflict') return undefined
  if (put.outcome === 'unsupported') await store.put(KEY, bytes)
  if (put.outcome === 'unsupported' || (await ignoresConditions(store, bytes))) {
    await clock.sleep(MOMENT_MS)
  }
  const now = await store.get(KEY)
  return now && decode(now).holder === run.id ? Date.parse(mine.until) : undefined
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
