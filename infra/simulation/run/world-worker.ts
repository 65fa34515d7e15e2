/** A thread that lives through one world after another, as crew.ts asks; in a bundle, it is the bundle's entry. */
import { parentPort } from 'node:worker_threads'
import { type Simulated, type SimulationOptions, simulate } from '../simulation.ts'

/** What a world was, as it is told from thread to thread. */
export type Told =
  | (Omit<Simulated, 'trail'> & { readonly lines: readonly string[]; readonly digest: string })
  | { readonly error: string }

parentPort?.on('message', (options: SimulationOptions) => {
  void live(options).then((told) => parentPort?.postMessage(told))
})

async function live(options: SimulationOptions): Promise<Told> {
  try {
    const { trail, ...rest } = await simulate(options)
    return { ...rest, lines: trail.lines, digest: trail.digest() }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
