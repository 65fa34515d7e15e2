/**
 * What can go wrong, and how badly in one world. Each seed draws which kinds it has and how much of each
 * ("swarm testing": worlds with few kinds of fault go deeper into those than worlds with all).
 */
import type { Random } from '../../random.ts'

export const FAULT_KINDS = [
  'box-off',
  'cable-out',
  'disk-full',
  'late-files',
  'files-twice',
  'cut-copies',
  'expiry',
  'stale-lists',
  'lost-rollups',
  'bucket',
  'no-conditions',
  'lost-answers',
  'tickets',
  'outage',
  'bad-map',
  'audit',
  'member-gone',
  'kill',
  'overlap',
  'damaged-rollup',
  // Below: later ones. A kind's place in this list is its place in the draw.
  'power-cut',
  'disk-errors',
  'scan-killed',
  'scan-twice',
  'wrong-clock',
  'clock-steps',
  'old-files',
  'ignored-conditions',
  'stale-gets',
  'no-nights',
  'partial-scans',
  'clock-ahead',
  'lost-notes',
  'missed-nights',
  'acts-in-runs',
  'reused-emails',
  'old-members',
  'failed-beginning',
  'old-ledger',
  'forged-rooms',
  'closed-days',
  'slow-tickets',
] as const

export type FaultKind = (typeof FAULT_KINDS)[number]

/** For each kind how much of it there is, 0 … 1; 0 is none. */
export type Faults = Readonly<Record<FaultKind, number>>

/** Those of few worlds: most buckets are not like that. Drawn from streams of their own. */
const RARE: ReadonlySet<FaultKind> = new Set(['ignored-conditions', 'stale-gets'])
/** What a bucket is, and never learns. */
const NATURE: ReadonlySet<FaultKind> = new Set(['no-conditions', 'ignored-conditions'])

/** Nothing goes wrong; what a bucket can't do it never learns. */
export function calmed(faults: Faults): Faults {
  const entries = FAULT_KINDS.map((kind) => [kind, NATURE.has(kind) ? faults[kind] : 0])
  return Object.fromEntries(entries) as Record<FaultKind, number>
}

/** Listings may be behind: by nature, or for an hour, when a rollup was lost. */
export function mayLag(faults: Faults): boolean {
  return faults['stale-lists'] > 0 || faults['lost-rollups'] > 0
}

/** False when nobody can tell that a write was written over by one who had not seen it. */
export function isOrderly(faults: Faults): boolean {
  return faults['stale-gets'] === 0 || [...NATURE].every((kind) => faults[kind] === 0)
}

/**
 * The faults of a world; those of `without` are left out, and nothing else changes. Of three seeds on end one at least
 * has each kind but the rare ones; the one that has two runs at once has a bucket that keeps conditions, since only
 * there nobody may ever take the lease that another one holds.
 */
export function drawFaults(
  random: Random,
  { seed, without }: { readonly seed: number; readonly without: ReadonlySet<FaultKind> },
): Faults {
  const keepsConditions = isTurnOf(FAULT_KINDS.indexOf('overlap'), seed)
  const entries = FAULT_KINDS.map((kind, place) => {
    const isRare = RARE.has(kind)
    const own = isRare ? random.fork(kind) : random
    const has = own.chance(isRare ? 0.25 : 0.45) || (!isRare && isTurnOf(place, seed))
    const amount = 0.2 + 0.8 * own.next()
    const isLeftOut = without.has(kind) || (keepsConditions && NATURE.has(kind))
    return [kind, has && !isLeftOut ? amount : 0] as const
  })
  return Object.fromEntries(entries) as Record<FaultKind, number>
}

function isTurnOf(place: number, seed: number): boolean {
  return (seed + place) % 3 === 0
}
