/**
 * Bundles the simulation with the programs it runs, and loads it. A bundle, since the programs' own modules
 * are then loaded at once, without a file read that could end earlier one time and later another; and since
 * a mutant is made here, from outside: the source is changed on its way in.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { type Mutant, mutating } from '../mutants/mutant.ts'
import type { simulate } from '../simulation.ts'

type Simulate = typeof simulate

/** A bundle on disk: `script` is its entry. */
export interface Bundle {
  readonly script: URL
  remove(): Promise<void>
}

/** `simulate`, with the programs as they are, or as `mutant` breaks them; in this thread. */
export async function loadSimulation(mutant?: Mutant): Promise<Simulate> {
  const { script, remove } = await bundle('../simulation.ts', mutant)
  try {
    const loaded: { simulate: Simulate } = await import(script.href)
    return loaded.simulate
  } finally {
    await remove()
  }
}

/** The same for threads of their own: a bundle of `world-worker.ts`. */
export function bundleWorker(mutant?: Mutant): Promise<Bundle> {
  return bundle('world-worker.ts', mutant)
}

async function bundle(
  entry: '../simulation.ts' | 'world-worker.ts',
  mutant?: Mutant,
): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'presences-simulation-'))
  const removeNow = () => rmSync(folder, { recursive: true, force: true })
  // Also of a program that is ended from outside.
  process.once('exit', removeNow)
  const remove = async () => {
    process.off('exit', removeNow)
    await rm(folder, { recursive: true, force: true })
  }
  const outfile = join(folder, 'bundle.mjs')
  try {
    await build({
      entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20.19',
      format: 'esm',
      logLevel: 'warning',
      // Packages of the CommonJS kind ask for what node has.
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      plugins: mutant ? [mutating(mutant)] : [],
    })
  } catch (error) {
    await remove()
    throw error
  }
  return { script: pathToFileURL(outfile), remove }
}
