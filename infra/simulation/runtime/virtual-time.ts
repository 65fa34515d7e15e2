/**
 * Time without timers: it stands while anybody works, and jumps to the next who sleeps when all wait. So
 * an hour of patience costs nothing, and the same works always wake in the same order.
 */
export interface VirtualTime {
  /** Milliseconds since 1970. */
  now(): number
  /** Goes on to `ms`; never back. */
  advanceTo(ms: number): void
  sleep(ms: number): Promise<void>
  /** Lets time pass until `work` is settled. */
  until<Result>(work: Promise<Result>): Promise<Result>
}

interface Sleeper {
  readonly at: number
  readonly number: number
  readonly wake: () => void
}

/** Rounds of the event loop in which nothing sleeps and nothing ends: then something waits for ever. */
const STUCK_ROUNDS = 10_000

export function virtualTime(start: number): VirtualTime {
  let now = start
  let slept = 0
  let sleepers: Sleeper[] = []

  return { now: () => now, advanceTo, sleep, until }

  function advanceTo(ms: number): void {
    now = Math.max(now, ms)
  }

  function sleep(ms: number): Promise<void> {
    slept += 1
    const number = slept
    return new Promise((wake) => {
      sleepers.push({ at: now + ms, number, wake })
    })
  }

  async function until<Result>(work: Promise<Result>): Promise<Result> {
    let isSettled = false
    const settled = () => {
      isSettled = true
    }
    work.then(settled, settled)
    for (let rounds = 0; !isSettled; rounds += 1) {
      // All that can go on without waiting has gone on when this comes back.
      await new Promise((resolve) => setImmediate(resolve))
      if (isSettled) break
      sleepers.sort((a, b) => a.at - b.at || a.number - b.number)
      const [next] = sleepers
      if (next) {
        sleepers = sleepers.slice(1)
        advanceTo(next.at)
        next.wake()
        rounds = 0
      } else if (rounds > STUCK_ROUNDS) {
        throw new Error('The simulation is stuck: somebody waits for what never comes')
      }
    }
    return work
  }
}
