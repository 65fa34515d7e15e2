/**
 * What single probes saw can't be taken out of a rollup, which holds the union of all of them: for the minutes that are
 * withdrawn, it is made again from the raw objects of the others. Where these are gone, it can't be told.
 */
import { parseRawKey } from '@presences/shared'
import { type DayRollup, mergeRollup } from '../rollup/day-rollup.ts'
import { hasMinute, includesAll, type MinuteSet, unite } from '../rollup/minute-set.ts'
import { type RefreshDeps, type RollupRefreshed, refreshRollup } from '../rollup/refresh-rollup.ts'
import { RollupError } from '../rollup/rollup-codec.ts'
import { type Store, StoreError } from '../store/store.ts'
import { addDevice, minus, minutesOf, ofProbe, within, withoutMinutes } from './mask.ts'
import type { Extent, Withdrawal } from './withdrawals.ts'

/** Where a raw object comes from: an old day file is no probe's. */
type Origin = { readonly kind: 'day' } | { readonly kind: 'minute'; readonly probe: string }

/**
 * `whole` without what withdrawn probes saw, in the minutes it is withdrawn of them. Throws StoreError, or RollupError where
 * raw objects of others are gone.
 */
export async function withoutProbes(
  whole: DayRollup,
  withdrawals: readonly Withdrawal[],
  deps: RefreshDeps,
): Promise<DayRollup> {
  const ofOne = withdrawals.filter(({ probe }) => probe !== undefined)
  if (ofOne.length === 0) return whole
  const minutes = minutesOf(ofOne, whole.window)
  const others = await seenByOthers(whole, ofOne, minutes, deps)
  const masked = withoutMinutes(whole, minutes, ofOne)
  for (const [mac, seen] of others.devices) {
    const again = within(seen, minutes)
    unite(again, masked.devices.get(mac) ?? again)
    addDevice(masked, mac, again)
  }
  return masked
}

/** What counts of the raw objects: of those of no withdrawn probe, all; of each of these, what is not withdrawn of it. */
async function seenByOthers(
  whole: DayRollup,
  ofOne: readonly Withdrawal[],
  minutes: MinuteSet,
  deps: RefreshDeps,
): Promise<DayRollup> {
  const named = new Set(ofOne.map(({ probe }) => probe))
  const isOthers = (from: Origin) => from.kind === 'day' || !named.has(from.probe)
  const found = await fromRaw(whole, deps, isOthers)
  expectAll(whole, found, ofOne, isOthers)
  for (const probe of named) {
    const hidden = minutesOf(ofProbe(ofOne, probe ?? ''), whole.window)
    // Nothing of it counts in any of these minutes: its files need not be read.
    if (includesAll(hidden, minutes)) continue
    const isOwn = (from: Origin) => from.kind === 'minute' && from.probe === probe
    const own = await fromRaw(whole, deps, isOwn)
    expectAll(whole, own, ofOne, isOwn)
    mergeRollup(found.rollup, withoutMinutes(own.rollup, hidden, []))
  }
  return found.rollup
}

/** The rollup of those raw objects alone. */
async function fromRaw(
  { location, window }: DayRollup,
  { store, timeZone }: RefreshDeps,
  isOfThem: (from: Origin) => boolean,
): Promise<RollupRefreshed> {
  const some = rawAlone(store, (key) => {
    const name = parseRawKey(key)
    return name !== undefined && isOfThem(name)
  })
  return refreshRollup(location, window.day, { store: some, timeZone })
}

/** Throws RollupError where `whole` holds of those probes what their raw objects do not say any more; or StoreError. */
function expectAll(
  whole: DayRollup,
  { rollup: found, unread }: RollupRefreshed,
  ofOne: readonly Extent[],
  isOfThem: (name: Origin) => boolean,
): void {
  const { location, window } = whole
  const isMinuteGone = [...whole.probes].some(([id, { looked }]) => {
    const counts = minus(looked, minutesOf(ofProbe(ofOne, id), window))
    return (
      isOfThem({ kind: 'minute', probe: id }) && !includesAll(found.probes.get(id)?.looked, counts)
    )
  })
  // Of a file that was cut short there is what was seen, and no minute that was looked at.
  const isCutGone = [...whole.faults].some(([key, { cut, read }]) => {
    const name = parseRawKey(key)
    if (!cut || read === 0 || name?.kind !== 'minute' || !isOfThem(name)) return false
    const looked = found.probes.get(name.probe)?.looked
    return !found.faults.has(key) && !hasMinute(looked, name.minute - window.start)
  })
  const isDayFileGone = whole.dayFile && !found.dayFile && isOfThem({ kind: 'day' })
  if (!isMinuteGone && !isCutGone && !isDayFileGone) return
  if (unread[0]) throw new StoreError(unread[0].reason)
  const probes = [...new Set(ofOne.map(({ probe }) => probe))].join(', ')
  throw new RollupError(
    `Can't tell what ${probes} saw at ${location} on ${window.day} from what others did: raw files of theirs are gone. Restore that withdrawal, or withdraw these minutes of the whole location (withdraw without --probe).`,
  )
}

/** The store as if it held those objects and no rollup; what is written goes nowhere. */
function rawAlone(store: Store, isShown: (key: string) => boolean): Store {
  return {
    ...store,
    async *list(prefix) {
      for await (const info of store.list(prefix)) if (isShown(info.key)) yield info
    },
    get: async (key) => (isShown(key) ? store.get(key) : undefined),
    put: async () => ({ outcome: 'written', etag: '' }),
  }
}
