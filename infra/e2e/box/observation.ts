/**
 * Which minutes a box must have looked at, told from what was done to it and not from what it says. What
 * makes a box blind is noted from when to when; a scan begins at second 0.
 */
export interface Observation {
  /** From now on the box can't record what it sees; `why` is for a failing test. Gives what ends it. */
  blind(why: string): () => void
  /** Each minute since the first note that has begun and whose scan is over: was it looked at? */
  minutes(): Map<number, boolean>
}

const MINUTE_MS = 60_000
/** Blind for so long from second 0 on: not looked at. */
const SCAN_BEGINS_MS = 3_000
/** Never blind for so long: looked at. */
const SCAN_ENDS_MS = 15_000

interface Blind {
  readonly why: string
  readonly from: number
  to: number
}

/** Observes by this clock. Minutes are counted from the epoch. */
export function observe(now: () => number): Observation {
  const blinds: Blind[] = []
  return {
    blind(why) {
      const blind = { why, from: now(), to: Number.POSITIVE_INFINITY }
      blinds.push(blind)
      return () => {
        blind.to = now()
      }
    },
    minutes() {
      const first = Math.ceil(Math.min(...blinds.map(({ from }) => from)) / MINUTE_MS)
      const minutes = new Map<number, boolean>()
      for (let minute = first; minute * MINUTE_MS + SCAN_ENDS_MS <= now(); minute += 1) {
        minutes.set(minute, wasLookedAt(minute * MINUTE_MS, blinds))
      }
      return minutes
    },
  }
}

/** Throws when the test itself was too slow or too early to tell. */
function wasLookedAt(begun: number, blinds: readonly Blind[]): boolean {
  const touching = blinds.filter(({ from, to }) => from < begun + SCAN_ENDS_MS && to > begun)
  if (touching.length === 0) return true
  const from = Math.min(...touching.map((blind) => blind.from))
  const to = Math.max(...touching.map((blind) => blind.to))
  if (from < begun && to > begun + SCAN_BEGINS_MS) return false
  const whys = touching.map(({ why }) => why).join(', ')
  throw new Error(
    `Can't tell whether ${new Date(begun).toISOString()} was looked at: ${whys} began or ended in its first seconds`,
  )
}
