/**
 * What the clock of a box shows: a board without one of its own wakes months off until the time is
 * synchronised, and a clock that is right is stepped all the same, by seconds, minutes, an hour. What a box
 * records it records by this clock, and so does the truth: a clock that is minutes off is nobody's lie.
 */
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'

export interface BoxClock {
  /** What it shows at a true instant. */
  shown(at: number): number
  /** Whether the system has set it since it woke (systemd-time-wait-sync). */
  isSynchronised(at: number): boolean
  /** The box wakes. */
  wake(at: number): void
  /** Draws whether it is stepped now. */
  drift(at: number): void
  setFaults(faults: Faults): void
}

const MS_PER_MINUTE = 60_000
const MS_PER_HOUR = 60 * MS_PER_MINUTE
const MS_PER_DAY = 24 * MS_PER_HOUR

export function createBoxClock(
  begins: Faults,
  random: Random,
  note: (line: string) => void,
): BoxClock {
  let faults = begins
  let wrongBy = 0
  let synchronisedAt = 0
  let step = 0

  return { shown, isSynchronised, wake, drift, setFaults }

  function shown(at: number): number {
    return at + (isSynchronised(at) ? step : wrongBy)
  }

  function isSynchronised(at: number): boolean {
    return at >= synchronisedAt
  }

  function wake(at: number): void {
    step = 0
    if (!random.chance(faults['wrong-clock'])) return
    const far = random.chance(0.5)
      ? random.next() * 12 * MS_PER_HOUR
      : random.next() * 90 * MS_PER_DAY
    wrongBy = Math.round(random.chance(0.7) ? -far : far)
    // Mostly it is a matter of the network coming up; sometimes that takes half a day.
    const waits = random.chance(0.7) ? 5 * MS_PER_MINUTE : 12 * MS_PER_HOUR
    synchronisedAt = at + Math.round(random.next() * waits)
    note(
      `wakes at ${new Date(at + wrongBy).toISOString()}, until ${new Date(synchronisedAt).toISOString()}`,
    )
  }

  function drift(at: number): void {
    if (!random.chance(faults['clock-steps'] * 0.02)) return
    const size = random.pick([0, 0, MS_PER_MINUTE, 15 * MS_PER_MINUTE, MS_PER_HOUR])
    const by = size === MS_PER_HOUR ? size : Math.round(random.next() * size)
    step = random.chance(0.5) ? by : -by
    note(`at ${new Date(at).toISOString()} is ${step / 1000} s off`)
  }

  function setFaults(next: Faults): void {
    faults = next
    synchronisedAt = 0
    step = 0
  }
}
