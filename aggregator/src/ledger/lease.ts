/**
 * One run charges at a time: whoever charges holds a lease in the store, renews it as long as it lives, and the others
 * wait. A run that was killed is waited for until its lease is over: when the store's own clock says that it has not been
 * renewed for as long as it lasts, or whoever waits has seen that. Nobody's clock is compared with another's. Who holds
 * it sends nothing that could arrive when it is over.
 *
 * With a server that honours conditional writes two runs can't both hold it. With one that does not (`doctor` tells) the
 * last to write within a moment has it, and whose write was held up for longer waits as long as any lease lasts. Two can
 * hold it there only if reads show what was written before for longer than a moment: they may then post the same amounts
 * twice, and one's ledger entries may be lost.
 */
import { z } from 'zod'
import { type Aside, decodeNote, setAside } from '../store/notes.ts'
import type { Store, StoredObject } from '../store/store.ts'

/** Who asks for the lease: `id` is no other run's. */
export interface Charger {
  readonly id: string
  readonly kind: string
  readonly by: string
}

export interface Lease {
  /**
   * Makes sure the lease is held for longer than one attempt of a post, or a write, can take. Throws LeaseError when it was
   * lost, StoreError when that can't be told.
   */
  renew(): Promise<void>
  release(): Promise<void>
  /** When it was taken, by the store's clock, where that tells. */
  readonly takenAt?: Date | undefined
}

/** For whom a run waits. */
export interface Waiting {
  /** One sentence: who charges, since when. */
  readonly message: string
  /** It may be over by then, if that run does not live any more. */
  readonly retryAfterSeconds: number
}

/** Is told once for whom a run waits; what it throws ends the waiting. */
export type OnWait = (waiting: Waiting) => void

/** Another run is charging, or took over from this one. The message says which, and what to do. */
export class LeaseError extends Error {
  override readonly name = 'LeaseError'
}

/** For whom would rather come back than wait. */
export class AlreadyCharging extends Error {
  override readonly name = 'AlreadyCharging'
  readonly retryAfterSeconds: number

  constructor({ message, retryAfterSeconds }: Waiting) {
    super(`Not begun: ${message.replace(/^Waiting: /, '')}. Ask again in a while.`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export interface LeaseClock {
  readonly now: () => Date
  readonly sleep: (ms: number) => Promise<void>
  /** Does `action` every so often, as long as the program lives, until what it returns is called. */
  readonly every: (ms: number, action: () => void | Promise<void>) => () => void
}

const KEY = 'jobs/charging.json'
/** A run that was killed is waited for so long: with what is around it under a minute. */
const LEASE_MS = 50_000
/** One attempt of a post takes 30 s at most (`ticket-request.ts`); the rest is for what lies between look and deed. */
const ATTEMPT_MS = 35_000
/** Twice before a post would have to wait for it. */
const RENEW_EVERY_MS = 7_000
const RENEW_BELOW_MS = LEASE_MS - RENEW_EVERY_MS + 1_000
const POLL_MS = 2_000
/** Stores cut their times to seconds, and the servers of one may be a little apart. */
const STORE_TICK_MS = 2_000
/** Longer than a write takes from the look before it, where only that tells two writers apart. */
const MOMENT_MS = 3_000
const PATIENCE_MS = 60 * 60_000
/** As many renewals in a row as may come back too late, before nobody can say that the lease is held. */
const RENEWALS = 3
/** An etag of nothing. */
const NO_VERSION = '00000000000000000000000000000000'
/** What programs of before took, which do not say how long theirs lasts; and the most that is believed. */
const LONGEST_MS = 6 * 60_000

const schema = z.object({
  version: z.literal(1),
  /** The run's id; `null` when nobody charges. */
  holder: z.string().nullable(),
  what: z.string(),
  since: z.iso.datetime(),
  /** By the clock of who holds it: for people, and for programs of before. */
  until: z.iso.datetime(),
  /** From when it was written. */
  lastsMs: z.number().positive().exactOptional(),
})

type Held = z.infer<typeof schema>

/**
 * Waits until no other run charges, and takes the lease. `onWait` is told once whom it waits for. A lease that can't be
 * read is taken for that of a run that may live, and set aside. Throws LeaseError after an hour, StoreError when the
 * store can't be used, and what `onWait` throws.
 */
export async function takeLease(
  store: Store,
  run: Charger,
  clock: LeaseClock,
  onWait: OnWait,
  aside: Aside,
): Promise<Lease> {
  const began = clock.now().getTime()
  const watch = createWatch()
  const tell = once(onWait)
  const isOverdue = () => clock.now().getTime() - began > PATIENCE_MS
  for (;;) {
    const seen = await look(store, clock)
    const other = heldByOther(seen, run, watch)
    if (!other) {
      await setAsideDamaged(store, seen, aside)
      const taken = await take(store, seen, clock.now().toISOString(), run, clock)
      if (typeof taken === 'object') return leaseOf(store, run, clock, taken)
      if (taken === 'held up') {
        if (isOverdue()) throw tooSlow()
        tell({ message: HELD_UP, retryAfterSeconds: LEASE_MS / 1000 })
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
    tell({
      message: `Waiting: ${other.what} is charging since ${other.since}`,
      retryAfterSeconds: Math.ceil(other.leftMs / 1000),
    })
    await clock.sleep(POLL_MS)
  }
}

/** A lease for runs that change nothing: there is nothing to wait for. */
export const NO_LEASE: Lease = { renew: async () => {}, release: async () => {} }

/** `store`, whose writes are done only while the lease is held. Its methods throw LeaseError, too. */
export function fenced(store: Store, lease: Lease): Store {
  return {
    ...store,
    put: async (...asked) => {
      await lease.renew()
      return store.put(...asked)
    },
  }
}

interface Taken {
  /** By our own clock, in milliseconds since 1970. */
  readonly until: number
  readonly since: string
  readonly etag: string
  readonly takenAt: Date | undefined
  /** The server does not write over another's version where it is told so. */
  readonly hasConditions: boolean
}

function leaseOf(store: Store, run: Charger, clock: LeaseClock, taken: Taken): Lease {
  let held = taken
  let isReleased = false
  let isLost = false
  let renewing: Promise<void> | undefined
  // A renewal that failed is tried again; whoever has to hold the lease finds out.
  const stop = clock.every(RENEW_EVERY_MS, () => holdFor(RENEW_BELOW_MS).catch(() => {}))
  return {
    takenAt: taken.takenAt,
    renew: () => holdFor(ATTEMPT_MS),
    release: async () => {
      isReleased = true
      stop()
      await renewing?.catch(() => {})
      const there = await store.get(KEY)
      if (!there || holderIn(there) !== run.id) return
      const bytes = bytesOf({ ...describe(run, taken.since, clock), holder: null })
      const put = await store.put(KEY, bytes, { ifMatch: there.etag })
      if (put.outcome === 'unsupported') await store.put(KEY, bytes)
    },
  }

  async function holdFor(ms: number): Promise<void> {
    if (isReleased || isLost) throw lost()
    for (let renewals = 0; !isHeldFor(ms); renewals += 1) {
      // The one that is under way may have begun before this run was held up; what it gives is over sooner.
      if (renewals === RENEWALS) throw lost()
      // Whoever needs it at once shares one renewal: two would take the lease from each other.
      renewing ??= renewOnce().finally(() => {
        renewing = undefined
      })
      await renewing
    }
  }

  /** Until then nobody else can have taken it: there is no need to look. */
  function isHeldFor(ms: number): boolean {
    return held.until - clock.now().getTime() > ms
  }

  async function renewOnce(): Promise<void> {
    const renewed = await (held.hasConditions ? writeOver(held) : takeAgain(held))
    if (typeof renewed !== 'object') {
      isLost = true
      stop()
    }
    if (typeof renewed !== 'object' || isReleased) throw lost()
    held = renewed
  }

  /** No look before: a store may show an old version for a while, and knows which one it writes over. */
  async function writeOver({ etag, since }: Taken): Promise<Taken | 'taken by another'> {
    const mine = describe(run, since, clock)
    const bytes = bytesOf(mine)
    const put = await store.put(KEY, bytes, { ifMatch: etag })
    if (put.outcome === 'written') return { ...held, until: Date.parse(mine.until), etag: put.etag }
    // It may have been our own write, whose answer was lost.
    const now = await store.get(KEY)
    if (!now || Buffer.compare(now.bytes, bytes) !== 0) return 'taken by another'
    return { ...held, until: Date.parse(mine.until), etag: now.etag }
  }

  async function takeAgain(before: Taken) {
    const seen = await look(store, clock)
    const isOurs = seen.there !== undefined && holderIn(seen.there) === run.id
    return isOurs ? take(store, seen, before.since, run, clock, before) : 'taken by another'
  }
}

const HELD_UP =
  'Waiting: the store was so slow that another run may be charging, until its lease is over'

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

/** How long the same version of the lease has been seen, in milliseconds of our own clock. */
type Watch = (seen: Seen) => number

function createWatch(): Watch {
  let etag: string | undefined
  let firstSeen = 0
  return ({ there, since, at }) => {
    if (there?.etag !== etag) firstSeen = at
    etag = there?.etag
    return since - firstSeen
  }
}

interface Other {
  readonly what: string
  readonly since: string
  readonly leftMs: number
}

/** Who holds the lease, other than `run`; `undefined`: nobody does, or it is over. */
function heldByOther(seen: Seen, run: Charger, watch: Watch): Other | undefined {
  const watchedMs = watch(seen)
  const { there } = seen
  if (!there) return undefined
  const note = decodeNote(there.bytes, KEY, schema)
  const held = 'value' in note ? note.value : UNKNOWN
  if (held.holder === null || held.holder === run.id) return undefined
  const { times } = there
  const ageMs = times ? times.answered.getTime() - times.modified.getTime() - STORE_TICK_MS : 0
  const leftMs = lengthOf(held) - Math.max(ageMs, watchedMs)
  return leftMs > 0 ? { what: held.what, since: held.since, leftMs } : undefined
}

/** Whose lease can't be read: its writer, if it lives, finds so too, and writes no more once its lease is over. */
const UNKNOWN: Held = {
  version: 1,
  holder: '',
  what: 'a run whose lease is damaged',
  since: 'a time that it does not tell',
  until: '',
  lastsMs: LEASE_MS,
}

function lengthOf({ lastsMs, since, until }: Held): number {
  return Math.min(lastsMs ?? Date.parse(until) - Date.parse(since), LONGEST_MS)
}

async function setAsideDamaged(store: Store, { there }: Seen, aside: Aside): Promise<void> {
  const note = there && decodeNote(there.bytes, KEY, schema)
  if (there && note && 'damaged' in note)
    await setAside(store, KEY, there.bytes, note.damaged, aside)
}

function holderIn({ bytes }: StoredObject): string | null | undefined {
  const note = decodeNote(bytes, KEY, schema)
  return 'value' in note ? note.value.holder : undefined
}

interface Seen {
  readonly there: StoredObject | undefined
  /** Milliseconds since 1970, by our clock: what is there may be as old as this … */
  readonly since: number
  /** … and was there by this. */
  readonly at: number
}

async function look(store: Store, clock: LeaseClock): Promise<Seen> {
  const since = clock.now().getTime()
  const there = await store.get(KEY)
  return { there, since, at: clock.now().getTime() }
}

/**
 * Writes our name over what was seen; until when the lease is ours then, or why it is not. Where the server can't tell
 * two writers apart, the last one to write within a moment has it: so a write that took longer since the look, and past
 * the end of what `before` gave us, may be over the name of one that looked at itself and went on.
 */
async function take(
  store: Store,
  { there, since }: Seen,
  chargingSince: string,
  run: Charger,
  clock: LeaseClock,
  before?: Taken,
): Promise<Taken | 'taken by another' | 'held up'> {
  const mine = describe(run, chargingSince, clock)
  const bytes = bytesOf(mine)
  const put = await store.put(KEY, bytes, there ? { ifMatch: there.etag } : { ifAbsent: true })
  if (put.outcome === 'conflict') return 'taken by another'
  if (put.outcome === 'unsupported') await store.put(KEY, bytes)
  // What a server was found to be it is.
  const hasConditions =
    !before && put.outcome === 'written' && (await keepsConditions(store, bytes))
  if (!hasConditions) {
    if (clock.now().getTime() > Math.max(since + MOMENT_MS, before?.until ?? 0)) return 'held up'
    await clock.sleep(MOMENT_MS)
  }
  const now = await store.get(KEY)
  if (!now || holderIn(now) !== run.id) return 'taken by another'
  const until = Date.parse(mine.until)
  const { etag, times } = now
  return { until, since: chargingSince, etag, takenAt: times?.modified, hasConditions }
}

/** Writes once more what is there, on conditions that don't hold: an honest server refuses. */
async function keepsConditions(store: Store, bytes: Uint8Array): Promise<boolean> {
  for (const condition of [{ ifAbsent: true as const }, { ifMatch: NO_VERSION }]) {
    if ((await store.put(KEY, bytes, condition)).outcome === 'written') return false
  }
  return true
}

function describe({ id, kind, by }: Charger, since: string, { now }: LeaseClock): Held {
  const until = new Date(now().getTime() + LEASE_MS).toISOString()
  return { version: 1, holder: id, what: `${kind} by ${by}`, since, until, lastsMs: LEASE_MS }
}

function bytesOf(held: Held): Uint8Array {
  return Buffer.from(JSON.stringify(held))
}

function once(onWait: OnWait): OnWait {
  let told = false
  return (waiting) => {
    if (!told) onWait(waiting)
    told = true
  }
}
