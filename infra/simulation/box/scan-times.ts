/** When a box looks: a scan each minute would cost much and tell little more about slots of ten minutes. */
import type { Random } from '../random.ts'

const MS_PER_MINUTE = 60_000
export const SLOT_MS = 10 * MS_PER_MINUTE

/** Once or twice in a slot in which somebody may be charged, now and then in others: in order. */
export function scansOf(slotStart: number, slot: number, random: Random): number[] {
  const isOpenOrNear = slot >= 44 && slot < 136
  const count = isOpenOrNear ? (random.chance(0.25) ? 2 : 1) : random.chance(0.1) ? 1 : 0
  const instants = Array.from(
    { length: count },
    () => slotStart + random.between(0, 9) * MS_PER_MINUTE + random.between(0, 40_000),
  )
  return instants.sort((a, b) => a - b)
}
