/**
 * One scan each minute, for machines without systemd timers. Each start is computed from the wall
 * clock, so nothing drifts; there are never two scans at once; a failed one does not end the loop.
 */
import { epochMinuteOf, instantOf } from '@presences/shared'

export interface WatchDeps {
  readonly now: () => Date
  /** Ends early, without failing, when `stop` is aborted. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>
  /** One scan, which reports its own problems. What it throws is logged. */
  readonly record: (begun: Date) => Promise<void>
  readonly log: (sentence: string) => void
}

/** Scans at the start of every minute until `stop` is aborted; a running scan is waited for. */
export async function watch(stop: AbortSignal, deps: WatchDeps): Promise<void> {
  for (;;) {
    const begun = await nextMinute(stop, deps)
    if (begun === undefined) return
    try {
      await deps.record(begun)
    } catch (cause) {
      deps.log((cause as Error).message)
    }
    const passed = epochMinuteOf(deps.now()) - epochMinuteOf(begun)
    if (passed > 0) deps.log(overrun(begun, passed))
  }
}

/** Waits for the minute to change, and gives the instant; `undefined` when stopped. */
async function nextMinute(stop: AbortSignal, deps: WatchDeps): Promise<Date | undefined> {
  const from = epochMinuteOf(deps.now())
  while (!stop.aborted) {
    const now = deps.now()
    // A timer may wake a little early, and the clock may be set, either way, in the meantime.
    if (epochMinuteOf(now) !== from) return now
    await deps.sleep(instantOf(from + 1).getTime() - now.getTime(), stop)
  }
  return undefined
}

function overrun(begun: Date, passed: number): string {
  const minute = begun.toISOString().slice(0, 16)
  return `${passed} ${passed === 1 ? 'minute' : 'minutes'} began during the scan of ${minute}Z and will not be recorded. To do: if it happens again, run presences-probe doctor`
}
