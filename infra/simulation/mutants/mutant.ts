/**
 * A program broken on purpose: a change of source text made while it is loaded, so that production code carries no
 * trace of it. A mutant whose place is gone says so.
 */
import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

export interface Mutant {
  readonly name: string
  /** What it gets wrong, in words. */
  readonly what: string
  /** The end of the file's path. */
  readonly file: string
  readonly from: string
  readonly to: string
}

/** Changes the mutant's file on its way into the bundle. */
export function mutating({ name, file, from, to }: Mutant): Plugin {
  return {
    name: `mutant ${name}`,
    setup(build) {
      build.onLoad({ filter: new RegExp(`${file.replaceAll('.', '\\.')}$`) }, async ({ path }) => {
        const source = await readFile(path, 'utf8')
        if (source.split(from).length !== 2) {
          throw new Error(`Mutant ${name} does not fit ${file}: correct it in mutants/`)
        }
        return { contents: source.replace(from, () => to), loader: 'ts' }
      })
    },
  }
}
