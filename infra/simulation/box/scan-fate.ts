/** What becomes of one scan: killed, cut off by the power, met by a failing or a full disk, or by another scan. */

import type { Faults } from '../faults.ts'
import type { Random } from '../random.ts'
import type { Fate } from './disk-files.ts'

export interface ScanFate extends Fate {
  readonly hasPowerCut: boolean
  /** Bytes that fit on the disk. */
  readonly room: number
}

/** A scan is some 30 operations of the disk; its files, names and lines take less than this. */
const OPERATIONS = 40
const BYTES = 600

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
