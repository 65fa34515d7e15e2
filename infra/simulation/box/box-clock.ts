/**
 * What the clock of a box shows: a board without one of its own wakes months off until the time is
 * synchronised; a clock that is right is stepped by what synchronises it, or by hand, which nobody vouches for.
 * What is recorded by a clock that something vouches for is recorded by what it shows, and so is the truth.
 */
import { type Clock, machineClock } from '@presences/probe/clock/clock.ts'
import type { ClockMemory } from '@presences/probe/clock/judge-clock.ts'
import { millisecondsInDay } from 'date-fns/constants'
import type { Random } from '../../random.ts'
import type { Faults } from '../faults/faults.ts'
import { TIME_ZONE } from '../runtime/civil-time.ts'

export interface BoxClock {
  /** What it shows at a true instant. */
  shown(at: number): number
  /** The system has set it since the box woke: time-sync.target is reached. */
  hasBeenSet(at: number): boolean
  /** What synchronises it vouches for what it shows. A minute recorded at another time is an offence. */
  isKnown(at: number): boolean
  /** The probe's own check of the clock, for one scan. */
  checked(at: () => number): Clock
  /** The box wakes. */
  wake(at: number): void
  /** Draws whether it is stepped now. */
  drift(at: number): void
  setFaults(faults: Faults): void
}

const MS_PER_MINUTE = 60_000
const MS_PER_HOUR = 60 * MS_PER_MINUTE
/** systemd-timesyncd asks a server so often at least, and leaves its mark. */
const POLL_MS = 34 * MS_PER_MINUTE
/** What the probe takes for a step. */
const STEP_MS = 10_000
/** How far off a clock that was stepped is when nothing goes wrong any more: well within what servers bear. */
const SETTLED_MS = 30_000
/** Minutes that are further ahead of the bucket's clock are of a time to come, and count for nothing. */
const AHEAD_MS = 100_000
/** Before any world begins, and before the program was made. */
const IMAGE_MADE = Date.parse('2025-06-01T00:00:00Z')

export function createBoxClock(
  begins: { readonly at: number; readonly faults: Faults },
  random: Random,
  note: (line: string) => void,
): BoxClock {
  let { faults } = begins
  /** Until `setAt` it is off by `wrongBy`, and then by `step`. */
  let wrongBy = 0
  let setAt = begins.at
  let step = 0
  let firstSetAt = begins.at
  let wokeAt = begins.at
  let wakings = 1
  /** The mark of before it was stepped by hand. */
  let markBefore: number | undefined
  let memory: ClockMemory | undefined
  // systemd-timesyncd leaves a mark, chrony does not. Drawn at each waking: so most boxes try both.
  let hasMark = random.chance(0.6)

  return { shown, hasBeenSet, isKnown, checked, wake, drift, setFaults }

  function shown(at: number): number {
    return at + (isKnown(at) ? step : wrongBy)
  }

  function hasBeenSet(at: number): boolean {
    return at >= firstSetAt
  }

  function isKnown(at: number): boolean {
    return at >= setAt
  }

  function checked(at: () => number): Clock {
    return machineClock({
      basis: 'synchronized',
      timeZone: TIME_ZONE,
      now: () => new Date(shown(at())),
      uptimeMs: () => at() - wokeAt,
      bootId: `start${wakings}`,
      // The kernel takes its flag back when the network is away.
      askSynchronizer: async () => ({
        isSynchronized: isKnown(at()) && random.chance(0.9),
        markMs: hasMark ? markOf(at()) : undefined,
        finding: 'simulated',
      }),
      recall: () => memory,
      remember: (fresh) => {
        memory = fresh
      },
    })
  }

  function markOf(at: number): number | undefined {
    if (!isKnown(at)) return markBefore
    return shown(at) - ((at - setAt) % POLL_MS)
  }

  function wake(at: number): void {
    wakings += 1
    wokeAt = at
    setAt = at
    step = 0
    markBefore = undefined
    memory = undefined
    hasMark = random.chance(0.6)
    if (random.chance(faults['wrong-clock'])) {
      const hours = random.next() * 12 * MS_PER_HOUR
      const months = random.next() * 90 * millisecondsInDay
      wrongBy = Math.round(random.pick([-hours, -months, hours, months, IMAGE_MADE - at]))
      // Mostly it is a matter of the network coming up; sometimes that takes half a day.
      const waits = random.chance(0.7) ? 5 * MS_PER_MINUTE : 12 * MS_PER_HOUR
      setAt = at + Math.round(random.next() * waits)
      note(`wakes at ${iso(at + wrongBy)}, until ${iso(setAt)}`)
    }
    firstSetAt = setAt
  }

  function drift(at: number): void {
    if (!isKnown(at) || !random.chance(faults['clock-steps'] * 0.02)) return
    const isByHand = random.chance(0.4)
    const size = random.pick([MS_PER_MINUTE, 15 * MS_PER_MINUTE, MS_PER_HOUR])
    const by = size === MS_PER_HOUR ? size : Math.round(random.next() * size)
    const next = random.chance(0.3) ? 0 : random.chance(0.5) ? by : -by
    if (!isByHand) {
      step = Math.min(next, AHEAD_MS)
      setAt = at
      note(`at ${iso(at)} is set ${step / 1000} s off`)
    } else if (isRemembered(at) && Math.abs(next - step) > 2 * STEP_MS) {
      markBefore = markOf(at)
      wrongBy = next
      step = 0
      setAt = at + Math.round(random.next() * 3 * MS_PER_HOUR)
      note(`at ${iso(at)} is set ${wrongBy / 1000} s off by hand, until ${iso(setAt)}`)
    }
  }

  /** The probe knows the clock as it is. Nobody sets it by hand in the minute between its setting and a scan. */
  function isRemembered(at: number): boolean {
    if (memory?.bootId !== `start${wakings}` || memory.isMarkStale) return false
    return Math.abs(memory.offsetMs - (shown(at) - (at - wokeAt))) <= STEP_MS
  }

  function setFaults(next: Faults): void {
    faults = next
    setAt = Math.min(setAt, begins.at)
    firstSetAt = setAt
    // Not as it first was: a probe that only takes the clock it once knew for right is blind from then on.
    step = Math.sign(step) * SETTLED_MS
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
