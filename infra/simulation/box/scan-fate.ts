/** What becomes of one scan, or run of shipping: killed, cut off by the power, met by a failing or a full disk, or by another. */
import type { Random } from '../../random.ts'
import type { Faults } from '../faults/faults.ts'
import type { Fate } from './disk-files.ts'

export interface ScanFate extends Fate {
  readonly hasPowerCut: boolean
  /** Bytes that fit on the disk. */
  readonly room: number
}

/** A scan is some 30 operations of the disk; its files, names and lines take less than this. */
const OPERATIONS = 40
const BYTES = 600
/** As a power of two. */
const SHIP_OPERATIONS = 12
const PACK_BYTES = 20_000

/** One run of shipping, when `isOffline`, or when packed days wait: packing and unpacking are thousands of operations. */
export function drawShipFate(
  faults: Faults,
  { isOffline, hasPacks }: { readonly isOffline: boolean; readonly hasPacks: boolean },
  random: Random,
): ScanFate {
  const cuts = isOffline ? 0.02 : hasPacks ? 0.3 : 0.005
  const hasPowerCut = random.chance(faults['power-cut'] * cuts)
  const isKilled = random.chance(faults['scan-killed'] * cuts)
  const isFailing = random.chance(faults['disk-errors'] * 0.002)
  const isFull = random.chance(faults['disk-full'] * 0.02)
  const anyOperation = () => Math.ceil(2 ** (random.next() * SHIP_OPERATIONS))
  return {
    hasPowerCut,
    hasCompany: false,
    endsAt: hasPowerCut || isKilled ? anyOperation() : Number.POSITIVE_INFINITY,
    failsAt: isFailing ? anyOperation() : 0,
    room: isFull ? random.between(0, PACK_BYTES) : Number.POSITIVE_INFINITY,
  }
}

export function drawFate(faults: Faults, random: Random): ScanFate {
  const hasPowerCut = random.chance(faults['power-cut'] * 0.002)
  const isKilled = random.chance(faults['scan-killed'] * 0.005)
  const hasCompany = random.chance(faults['scan-twice'] * 0.01)
  const isFailing = random.chance(faults['disk-errors'] * 0.0005)
  const isFull = random.chance(faults['disk-full'] * 0.02)
  const anyOperation = () => random.between(1, hasCompany ? 2 * OPERATIONS : OPERATIONS)
  return {
    hasPowerCut,
    hasCompany,
    endsAt: hasPowerCut || isKilled ? anyOperation() : Number.POSITIVE_INFINITY,
    failsAt: isFailing ? anyOperation() : 0,
    room: isFull ? random.between(0, BYTES) : Number.POSITIVE_INFINITY,
  }
}
