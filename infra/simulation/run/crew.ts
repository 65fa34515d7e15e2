/**
 * Threads that live through worlds, one world at a time each: all cores are used, and whatever a world leaves
 * behind (the timers of killed runs) ends with its thread. A thread that dies fails its world and is replaced.
 */
import { Worker } from 'node:worker_threads'
import type { Simulated, SimulationOptions } from '../simulation.ts'
import type { Told } from './world-worker.ts'

export interface Crew {
  /** How many worlds it lives through at once; more wait for their turn. */
  readonly size: number
  /** Lives through a world. Rejects when the world throws, its thread dies or the crew is dismissed. */
  simulate(options: SimulationOptions): Promise<Simulated>
  /** Ends all threads, also those at work. */
  dismiss(): Promise<void>
}

/** A crew of `size` threads that run `script`, a module of the kind of `world-worker.ts`. */
export function gatherCrew(script: URL, size: number): Crew {
  const threads = new Set<Worker>()
  const idle = Array.from({ length: size }, hire)
  const waiting: ((worker: Worker) => void)[] = []
  let isDismissed = false
  return { size, simulate, dismiss }

  async function simulate(options: SimulationOptions): Promise<Simulated> {
    const worker = idle.pop() ?? (await new Promise<Worker>((resolve) => waiting.push(resolve)))
    const told = await answerOf(worker, options).catch((error: unknown) => {
      threads.delete(worker)
      if (!isDismissed) passOn(hire())
      throw error
    })
    passOn(worker)
    if ('error' in told) throw new Error(told.error)
    const { lines, digest, ...rest } = told
    return { ...rest, trail: { lines, note: () => {}, digest: () => digest } }
  }

  function hire(): Worker {
    // This thread's own options name the loader of TypeScript; a bundle needs none.
    const worker = new Worker(script, { execArgv: [] })
    threads.add(worker)
    // Between two worlds there is nobody to be told: this ends the program, as an error of the thread does.
    worker.on('exit', (code) => {
      if (idle.includes(worker) && !isDismissed)
        throw new Error(`An idle thread ended with ${code}`)
    })
    return worker
  }

  function passOn(worker: Worker): void {
    const next = waiting.shift()
    if (next) next(worker)
    else idle.push(worker)
  }

  async function dismiss(): Promise<void> {
    isDismissed = true
    await Promise.all([...threads].map((worker) => worker.terminate()))
  }
}

function answerOf(worker: Worker, options: SimulationOptions): Promise<Told> {
  return new Promise((resolve, reject) => {
    const answered = (told: Told) => {
      worker.off('error', died).off('exit', ended)
      resolve(told)
    }
    const died = (error: unknown) => {
      worker.off('message', answered)
      reject(error)
    }
    const ended = (code: number) => died(new Error(`its thread ended with ${code}`))
    worker.once('message', answered).once('error', died).once('exit', ended)
    worker.postMessage(options)
  })
}
