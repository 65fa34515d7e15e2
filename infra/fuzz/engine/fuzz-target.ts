/** Gives one target its inputs, counts what came of them, and stops at the first fault. */
import { randomOf } from '../../random.ts'
import { minimise } from './minimise.ts'
import { drawInput } from './mutate.ts'
import { shortest, stretch } from './stretch.ts'
import { type Failure, type Found, type Judged, judge, type Target } from './target.ts'

/** What is asked of one target: inputs `from` up to `to`, not included, of the stream of `seed`. */
export interface Task {
  readonly target: string
  readonly seed: number
  readonly from: number
  readonly to: number
}

/** What came of a task; of the same task always the same, but for times. */
export interface TargetRun {
  readonly target: string
  readonly inputs: number
  readonly accepted: number
  readonly refused: number
  /** How many inputs were refused in these words; one input may be in several. */
  readonly refusals: Readonly<Record<string, number>>
  /** How many inputs the reader was not given, by the reason. */
  readonly leftOut: Readonly<Record<string, number>>
  readonly slowestMs: number
  readonly failure?: Failure
}

/** What has come of a target before its first input. */
export function noInputs(target: string): TargetRun {
  return { target, ...NOTHING, refusals: {}, leftOut: {} }
}

const NOTHING = { inputs: 0, accepted: 0, refused: 0, slowestMs: 0 }

/** Told of each input before it is read, so that one that never ends can be named. */
export type OnInput = (index: number) => void

/**
 * No reader needs as long for 64 kB, on any machine: what does, explodes. (A ratio tells more, and is
 * looked at where it can be told from chance: see stretch.ts.)
 */
const TOO_LONG_MS = 2_000

/** Runs a task. Never throws. The target's stretched inputs are a part of the task that begins at 0. */
export async function fuzzTarget(
  target: Target,
  { seed, from, to }: Task,
  onInput: OnInput = () => {},
): Promise<TargetRun> {
  const count = countOf(target)
  if (from === 0) {
    const failure = await stretch(target, (judged) => count.add(judged, 0))
    if (failure) return count.run({ ...failure, input: await smallest(target, failure) })
  }
  for (let index = from; index < to; index += 1) {
    const input = inputAt(target, seed, index)
    onInput(index)
    const begun = performance.now()
    const judged = await judge(target, input)
    const ms = performance.now() - begun
    count.add(judged, ms)
    const fault = 'fault' in judged ? judged.fault : await slowness(target, input, ms)
    if (fault === undefined) continue
    const failure = { fault, input }
    return count.run(
      'fault' in judged ? { fault, input: await smallest(target, failure) } : failure,
    )
  }
  return count.run()
}

/** The input of a number: the same for the same seed, whatever came before. */
export function inputAt(target: Target, seed: number, index: number): Uint8Array {
  return drawInput(target, randomOf(`${seed}/${target.name}/${index}`))
}

function smallest(target: Target, { fault, input }: Found): Promise<Uint8Array> {
  if (fault.startsWith('it takes')) return Promise.resolve(input)
  return minimise(input, async (smaller) => {
    const judged = await judge(target, smaller)
    return 'fault' in judged && kindOf(judged.fault) === kindOf(fault)
  })
}

/** A message may quote the input: what it begins with is enough to tell two faults apart. */
function kindOf(fault: string): string {
  return fault.split(/[:"]/, 2).join(':').replaceAll(/\d+/g, '0')
}

/** What took too long is read again: it may have been the machine. */
async function slowness(
  target: Target,
  input: Uint8Array,
  ms: number,
): Promise<string | undefined> {
  const worked = ms > TOO_LONG_MS ? await shortest(target, input) : 0
  return worked > TOO_LONG_MS ? `it takes ${Math.round(worked)} ms for one input` : undefined
}

function countOf({ name: target }: Target) {
  const refusals: Record<string, number> = {}
  const leftOut: Record<string, number> = {}
  const counts = { ...NOTHING }
  return {
    add(judged: Judged, ms: number): void {
      counts.inputs += 1
      counts.slowestMs = Math.max(counts.slowestMs, ms)
      if ('leftOut' in judged) plusOne(leftOut, judged.leftOut)
      if (!('refusals' in judged)) return
      counts[judged.refusals.length === 0 ? 'accepted' : 'refused'] += 1
      for (const words of new Set(judged.refusals)) plusOne(refusals, words)
    },
    run: (failure?: Failure): TargetRun => ({
      target,
      ...counts,
      refusals,
      leftOut,
      ...(failure && { failure }),
    }),
  }
}

function plusOne(counts: Record<string, number>, words: string): void {
  counts[words] = (counts[words] ?? 0) + 1
}
