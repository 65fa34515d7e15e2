/** When a box looks: a scan each minute would cost much and tell little more about slots of ten minutes. */
import type { Random } from '../../random.ts'

const MS_PER_MINUTE = 60_000
export const SLOT_MS = 10 * MS_PER_MINUTE

/** The last hour of a day: there it shows how long the day is. */
const LATE_SLOT = 138

/** Once or twice in a slot in which somebody may be charged, now and then in others: in order. */
export function scansOf(slotStart: number, slot: number, random: Random): number[] {
  const instants = Array.from(
    { length: countIn(slot, random) },
    () => slotStart + random.between(0, 9) * MS_PER_MINUTE + random.between(0, 40_000),
  )
  return instants.sort((a, b) => a - b)
}

function countIn(slot: number, random: Random): number {
  const isOpenOrNear = slot >= 44 && slot < 136
  if (isOpenOrNear) return random.chance(0.25) ? 2 : 1
  return random.chance(slot >= LATE_SLOT ? 0.6 : 0.1) ? 1 : 0
}
