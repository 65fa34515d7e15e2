/** One run at a time: what is done to the store while its lease is held. */
import {
  type Charger,
  fenced,
  type Lease,
  type LeaseClock,
  type OnWait,
  takeLease,
} from '../ledger/lease.ts'
import type { Log } from '../runtime/log.ts'
import { checkClock } from '../store/clock-check.ts'
import type { Aside, Noted } from '../store/notes.ts'
import { readOnly } from '../store/read-only-store.ts'
import type { Store } from '../store/store.ts'

/** What holding the lease takes. */
export interface LeaseKit {
  readonly openStore: () => Promise<Store>
  readonly clock: LeaseClock
  /** A few characters that no other run on earth has. */
  readonly newId: () => string
  readonly log: Log
}

/** Who asks for a store that no other run writes meanwhile, and what for. */
export interface Mending<Kind extends string> {
  readonly kind: Kind
  readonly by: string
  readonly dryRun: boolean
}

/**
 * Does `work` on the store while no other run charges; with `dryRun`, on one that is only read, and nobody is waited for.
 * Throws LeaseError, ClockError, StoreError, and what `work` throws.
 */
export async function whileMending<Result, Kind extends string>(
  kit: LeaseKit,
  { dryRun, ...asked }: Mending<Kind>,
  work: (store: Store, run: Charger & { readonly kind: Kind }) => Promise<Result>,
): Promise<Result> {
  if (dryRun) return work(readOnly(await kit.openStore()), runOf(asked, kit))
  return whileLeased(kit, asked, noted(kit), ({ message }) => kit.log.info(message), work)
}

/**
 * Does `work` while no other run charges, on a store whose clock agrees with this machine's; its writes are done only
 * as long as the lease is held. Throws LeaseError, ClockError, StoreError, and what `work` and `onWait` throw.
 */
export async function whileLeased<Result, Kind extends string>(
  kit: LeaseKit,
  asked: { readonly kind: Kind; readonly by: string },
  aside: Aside,
  onWait: OnWait,
  work: (store: Store, run: Charger & { readonly kind: Kind }, lease: Lease) => Promise<Result>,
): Promise<Result> {
  const { clock, log } = kit
  const store = await kit.openStore()
  const run = runOf(asked, kit)
  const lease = await takeLease(store, run, clock, onWait, aside)
  try {
    checkClock(lease.takenAt, clock.now())
    return await work(fenced(store, lease), run, lease)
  } finally {
    // A lease that stays ends by itself: a run that is done is not undone for it.
    await lease.release().catch((error: Error) => log.warn(error.message))
  }
}

/** A run of its own: what was asked, and an id that no other one has. */
export function runOf<Kind extends string>(
  { kind, by }: { readonly kind: Kind; readonly by: string },
  { clock, newId }: LeaseKit,
) {
  return { id: `${clock.now().toISOString()}-${newId()}`, kind, by }
}

/** Whatever is set aside is logged at once, and kept for what the run tells in the end. */
export function noted({ clock, log }: Pick<LeaseKit, 'clock' | 'log'>): Noted {
  const messages: string[] = []
  const onSetAside = (message: string) => {
    messages.push(message)
    log.warn(message)
  }
  return { now: clock.now, onSetAside, messages }
}
