/** Runs tasks on worker threads, and ends one whose input never ends. */
import { Worker } from 'node:worker_threads'
import { noInputs, type TargetRun, type Task } from '../engine/fuzz-target.ts'
import type { Watched } from './worker.ts'

/** Longer than the slowest input, its minimising and its stretching take on a loaded machine. */
const PATIENCE_MS = 120_000

/** What came of each task, in any order. A target that failed is not asked again. */
export async function runTasks(
  workerFile: string,
  tasks: readonly Task[],
  workers: number,
  patienceMs = PATIENCE_MS,
): Promise<TargetRun[]> {
  const waiting = [...tasks]
  const done: TargetRun[] = []
  const work = async () => {
    let thread = startThread(workerFile)
    for (let task = waiting.shift(); task; task = waiting.shift()) {
      const { target } = task
      if (done.some((run) => run.target === target && run.failure)) continue
      const run = await runTask(thread, task, patienceMs)
      done.push(run)
      if (!run.failure) continue
      // Its memory and its mocked time are not to be trusted after a failure.
      await thread.worker.terminate()
      thread = startThread(workerFile)
    }
    await thread.worker.terminate()
  }
  await Promise.all(Array.from({ length: workers }, work))
  return done
}

interface Thread {
  readonly worker: Worker
  readonly watch: SharedArrayBuffer
}

function startThread(workerFile: string): Thread {
  const watch = new SharedArrayBuffer(8)
  const workerData: Watched = { watch }
  return { worker: new Worker(workerFile, { workerData }), watch }
}

function runTask({ worker, watch }: Thread, task: Task, patienceMs: number): Promise<TargetRun> {
  const progress = new BigInt64Array(watch)
  Atomics.store(progress, 0, 0n)
  return new Promise((resolve) => {
    let last = -1n
    const failed = (fault: string) => {
      // The number of the input under way, and one; before the first, inputs are stretched.
      const number = Number(Atomics.load(progress, 0)) - 1
      const which = number < 0 ? 'a stretched input' : `input ${number}`
      const failure = { fault: `${fault}: ${which}`, ...(number >= 0 && { number }) }
      // What came of the inputs before it went with the worker.
      finish({ ...noInputs(task.target), inputs: 1, failure })
    }
    // An input is met by one look and found unended by the next: after one to two rounds.
    const timer = setInterval(() => {
      const now = Atomics.load(progress, 0)
      if (now === last) failed(`it did not end within ${patienceMs / 1000} s`)
      last = now
    }, patienceMs)
    const onError = (error: Error) => failed(`it ended the process: ${error.message}`)
    const finish = (run: TargetRun) => {
      clearInterval(timer)
      worker.off('message', finish)
      worker.off('error', onError)
      resolve(run)
    }
    worker.once('message', finish)
    worker.once('error', onError)
    worker.postMessage(task)
  })
}
