/** What is bundled: one task after another in a worker thread, and single inputs in the main one. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { fuzzTarget, inputAt, type Task } from '../engine/fuzz-target.ts'
import { judge, type Target } from '../engine/target.ts'
import { TARGETS } from '../targets/targets.ts'

/** Holds the number of the input under way, and one, for who watches that it ends. */
export interface Watched {
  readonly watch: SharedArrayBuffer
}

/** What the main thread has to know of each target. */
export function catalogueOf() {
  return TARGETS.map(({ name, reader, share }) => ({ name, reader, share }))
}

/** The bytes of an input that is known by its number. */
export function drawnInput(name: string, seed: number, number: number): Uint8Array {
  return inputAt(targetOf(name), seed, number)
}

/** One input given by hand: what came of it, in lines. */
export async function judgeOne(
  name: string,
  input: Uint8Array,
): Promise<{ readonly isRight: boolean; readonly lines: readonly string[] }> {
  const begun = performance.now()
  const judged = await judge(targetOf(name), input)
  const ms = `${(performance.now() - begun).toFixed(1)} ms`
  if ('fault' in judged) return { isRight: false, lines: [`${name}: ${judged.fault} (${ms})`] }
  if ('leftOut' in judged) return { isRight: true, lines: [`${name}: left out: ${judged.leftOut}`] }
  const said = judged.refusals.length === 0 ? 'accepted' : [...new Set(judged.refusals)].join('; ')
  return { isRight: true, lines: [`${name}: ${said} (${ms})`] }
}

function targetOf(name: string): Target {
  const target = TARGETS.find((each) => each.name === name)
  if (target) return target
  throw new Error(`There is no target ${name}`)
}

if (!isMainThread && parentPort) {
  const port = parentPort
  const progress = new BigInt64Array((workerData as Watched).watch)
  port.on('message', (task: Task) => {
    void fuzzTarget(targetOf(task.target), task, (index) => {
      Atomics.store(progress, 0, BigInt(index) + 1n)
    }).then((run) => port.postMessage(run))
  })
}
