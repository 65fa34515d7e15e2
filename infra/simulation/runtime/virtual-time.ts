/**
 * Time without timers: it stands while anybody works, and jumps to the next who sleeps when all wait. So
 * an hour of patience costs nothing, and the same works always wake in the same order.
 */
export interface VirtualTime {
  /** Milliseconds since 1970. */
  now(): number
  /** Goes on to `ms`, never back; what was to happen until then happens in its time. */
  advanceTo(ms: number): Promise<void>
  sleep(ms: number): Promise<void>
  /** Does `action` every so often, as time passes for those who sleep; until what it returns is called. */
  every(ms: number, action: () => void): () => void
  /** Lets time pass until `work` is settled. */
  until<Result>(work: Promise<Result>): Promise<Result>
}

interface Sleeper {
  readonly at: number
  readonly number: number
  readonly wake: () => void
}

interface Ticking {
  at: number
  readonly everyMs: number
  readonly action: () => void
}

/** Rounds of the event loop in which nothing sleeps and nothing ends: then something waits for ever. */
const STUCK_ROUNDS = 10_000

export function virtualTime(start: number): VirtualTime {
  let now = start
  let slept = 0
  let sleepers: Sleeper[] = []
  const ticking = new Set<Ticking>()

  return { now: () => now, advanceTo, sleep, every, until }

  async function advanceTo(ms: number): Promise<void> {
    if (ms > now) await until(sleep(ms - now))
  }

  function jumpTo(ms: number): void {
    now = Math.max(now, ms)
  }

  function sleep(ms: number): Promise<void> {
    slept += 1
    const number = slept
    return new Promise((wake) => {
      sleepers.push({ at: now + ms, number, wake })
    })
  }

  function every(everyMs: number, action: () => void): () => void {
    const tick = { at: now + everyMs, everyMs, action }
    ticking.add(tick)
    return () => void ticking.delete(tick)
  }

  /** The first that is due before `ms`, in the order in which they began. */
  function nextTick(ms: number): Ticking | undefined {
    return [...ticking].sort((a, b) => a.at - b.at).find(({ at }) => at < ms)
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
      const tick = next && nextTick(next.at)
      if (tick) {
        jumpTo(tick.at)
        tick.at = now + tick.everyMs
        tick.action()
        rounds = 0
      } else if (next) {
        sleepers = sleepers.slice(1)
        jumpTo(next.at)
        next.wake()
        rounds = 0
      } else if (rounds > STUCK_ROUNDS) {
        throw new Error('The simulation is stuck: somebody waits for what never comes')
      }
    }
    return work
  }
}
