/**
 * Whether a minute may be recorded under the time on the clock. Asked twice a scan: before it, and after it
 * whether the clock was set meanwhile. What sets the clock is asked once a start of the machine, and again
 * when the clock was set: the answer is remembered where it does not outlive the machine's run.
 */
import {
  type ClockBasis,
  type ClockMemory,
  formatStep,
  judgeClock,
  STEP_MS,
} from './judge-clock.ts'
import type { SyncAnswer } from './synchronizer.ts'

export interface Clock {
  /** What is known of the clock as a scan begins at `begun`. */
  check(begun: Date): Promise<ClockVerdict>
  /** True when the clock was set since the last `check`. */
  hasStepped(): boolean
}

export type ClockVerdict =
  | { readonly isRight: true; readonly finding: string }
  | { readonly isRight: false; readonly reason: string; readonly advice: string }

export interface ClockDeps {
  readonly basis: ClockBasis
  readonly timeZone: string
  readonly now: () => Date
  /** Since the machine started, with the time it slept. */
  readonly uptimeMs: () => number
  readonly bootId: string
  readonly askSynchronizer: () => Promise<SyncAnswer>
  readonly recall: () => ClockMemory | undefined
  readonly remember: (memory: ClockMemory) => void
}

/** The machine's clock. `check` and `hasStepped` do not throw. */
export function machineClock(deps: ClockDeps): Clock {
  let checkedOffsetMs: number | undefined
  return { check, hasStepped }

  async function check(begun: Date): Promise<ClockVerdict> {
    checkedOffsetMs = offsetMs()
    const memory = deps.recall()
    const { basis, timeZone, bootId } = deps
    const judged = judgeClock({
      now: begun,
      timeZone,
      basis,
      bootId,
      uptimeMs: begun.getTime() - checkedOffsetMs,
      memory,
    })
    if (judged.verdict === 'wrong') return { isRight: false, reason: judged.reason, advice: SET_IT }
    if (judged.verdict === 'right') return right(memory?.markMs)
    const answer = await deps.askSynchronizer()
    const hasMark = answer.markMs !== undefined && isMarkSince(answer.markMs, judged.stepMs, memory)
    if (answer.isSynchronized || hasMark) return right(answer.markMs)
    if (memory && judged.stepMs !== undefined && !memory.isMarkStale) {
      deps.remember({ ...memory, markMs: answer.markMs, isMarkStale: true })
    }
    return { isRight: false, reason: notKnown(judged.stepMs, answer), advice: OR_TRUST }
  }

  function right(markMs: number | undefined): ClockVerdict {
    if (deps.basis === 'trusted') return { isRight: true, finding: 'trusted (PROBE_CLOCK)' }
    deps.remember({ bootId: deps.bootId, offsetMs: checkedOffsetMs ?? offsetMs(), markMs })
    return { isRight: true, finding: 'set from the network' }
  }

  function hasStepped(): boolean {
    return checkedOffsetMs !== undefined && Math.abs(offsetMs() - checkedOffsetMs) > STEP_MS
  }

  function offsetMs(): number {
    return deps.now().getTime() - deps.uptimeMs()
  }
}

/**
 * Whether a mark tells of the clock as it is set now. The time a mark has is of the clock as it was then, so a step can't
 * be compared with it: the mark that is there when a step is found is taken for an old one.
 */
function isMarkSince(
  markMs: number,
  stepMs: number | undefined,
  memory: ClockMemory | undefined,
): boolean {
  return stepMs === undefined || (memory?.isMarkStale === true && markMs !== memory.markMs)
}

/** A clock that is always right: of a demo, a test. */
export const RIGHT_CLOCK: Clock = {
  check: async () => ({ isRight: true, finding: 'given' }),
  hasStepped: () => false,
}

const SET_IT =
  'let the clock be set from the network: timedatectl shows whether it is, sudo timedatectl set-ntp true begins it'
const OR_TRUST = `${SET_IT}; where the machine has a right clock of its own, set PROBE_CLOCK=trusted`

function notKnown(stepMs: number | undefined, { finding }: SyncAnswer): string {
  const since =
    stepMs === undefined
      ? 'nothing has set the clock from the network since the machine started'
      : `the clock was set ${formatStep(stepMs)}, and not from the network`
  return `${since} (${finding})`
}
