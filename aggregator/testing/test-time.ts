/** Time for tests: waiting takes none, but the clock goes on, and what is done every so often is done on the way. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { LeaseClock } from '../src/ledger/lease.ts'

interface Timer {
  readonly everyMs: number
  readonly action: () => void | Promise<void>
  at: number
}

interface TestTimeOptions {
  /** What is done every so often is waited for: for runs whose reads and writes take true time. */
  readonly isPatient?: boolean
}

/** Over `clock`, which a test may set besides. */
export function testTime(
  clock: { now: Date },
  { isPatient = false }: TestTimeOptions = {},
): LeaseClock {
  const timers = new Set<Timer>()
  const underWay = new Set<Promise<void>>()
  /** What sleeps within an action must not wait for itself. */
  const within = new AsyncLocalStorage<true>()
  return {
    now: () => clock.now,
    sleep: async (ms) => {
      const until = clock.now.getTime() + ms
      for (let due = firstDue(until); due; due = firstDue(until)) {
        if (due.at > clock.now.getTime()) clock.now = new Date(due.at)
        due.at = clock.now.getTime() + due.everyMs
        const done = within.run(true, due.action)
        // Its first steps are done at the time it is due; what reads or writes goes on beside.
        if (isPatient && done) {
          underWay.add(done)
          await done.finally(() => underWay.delete(done))
        } else {
          await Promise.resolve()
        }
      }
      // Nor does time go on while what another one's sleep has set off reads or writes.
      if (!within.getStore()) await Promise.all(underWay)
      clock.now = new Date(Math.max(until, clock.now.getTime()))
    },
    every: (everyMs, action) => {
      const timer = { everyMs, action, at: clock.now.getTime() + everyMs }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  }

  function firstDue(until: number): Timer | undefined {
    const [first] = [...timers].sort((a, b) => a.at - b.at)
    return first && first.at <= until ? first : undefined
  }
}
