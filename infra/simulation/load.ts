/**
 * Bundles the simulation with the programs it runs, and loads it. A bundle, since the programs' own modules
 * are then loaded at once, without a file read that could end earlier one time and later another; and since
 * a mutant is made here, from outside: the source is changed on its way in.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { type Mutant, mutating } from './mutants.ts'
import type { simulate } from './simulation.ts'

type Simulate = typeof simulate

/** `simulate`, with the programs as they are, or as `mutant` breaks them. */
export async function loadSimulation(mutant?: Mutant): Promise<Simulate> {
  const folder = await mkdtemp(join(tmpdir(), 'presences-simulation-'))
  try {
    const outfile = join(folder, 'simulation.mjs')
    await build({
      entryPoints: [fileURLToPath(new URL('simulation.ts', import.meta.url))],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20.19',
      format: 'esm',
      external: ['@aws-sdk/*'],
      logLevel: 'warning',
      // Packages of the CommonJS kind ask for what node has.
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      plugins: mutant ? [mutating(mutant)] : [],
    })
    const loaded: { simulate: Simulate } = await import(pathToFileURL(outfile).href)
    return loaded.simulate
  } finally {
    await rm(folder, { recursive: true })
  }
}
