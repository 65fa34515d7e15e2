/**
 * The fuzzer with the programs it reads with, as one file that workers can load. It lies in the clone while it is
 * used, since the S3 client is not a part of it.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type * as bundled from './worker.ts'

export type Catalogue = ReturnType<typeof bundled.catalogueOf>

export interface Bundle {
  readonly catalogue: Catalogue
  readonly judgeOne: typeof bundled.judgeOne
  readonly drawnInput: typeof bundled.drawnInput
  /** What a worker runs. */
  readonly workerFile: string
}

/** Does `work` with the bundle, which is gone afterwards. */
export async function withBundle<Result>(
  work: (bundle: Bundle) => Promise<Result>,
): Promise<Result> {
  // Among the packages of the aggregator: what is left out of the bundle is looked up from there.
  const dist = fileURLToPath(new URL('../../../aggregator/dist/', import.meta.url))
  await mkdir(dist, { recursive: true })
  const folder = await mkdtemp(join(dist, 'fuzz-'))
  try {
    const workerFile = join(folder, 'worker.mjs')
    await build({
      entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
      outfile: workerFile,
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
    })
    const loaded: typeof bundled = await import(pathToFileURL(workerFile).href)
    const { catalogueOf, judgeOne, drawnInput } = loaded
    return await work({ catalogue: catalogueOf(), judgeOne, drawnInput, workerFile })
  } finally {
    await rm(folder, { recursive: true })
  }
}
