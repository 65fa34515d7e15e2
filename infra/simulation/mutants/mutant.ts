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
export function mutating(mutant: Mutant): Plugin {
  return {
    name: `mutant ${mutant.name}`,
    setup(build) {
      build.onLoad({ filter: pathOf(mutant) }, async ({ path }) => ({
        contents: mutated(mutant, await readFile(path, 'utf8')),
        loader: 'ts',
      }))
    },
  }
}

/** The path of the file it changes, as esbuild asks for it. */
export function pathOf({ file }: Mutant): RegExp {
  return new RegExp(`/${file.replaceAll('.', '\\.')}$`)
}

/** The changed source. Throws when there is not exactly one place to change, or nothing changes. */
export function mutated({ name, file, from, to }: Mutant, source: string): string {
  if (source.split(from).length !== 2 || from === to) {
    throw new Error(`Mutant ${name} does not fit ${file}: correct it in mutants/`)
  }
  return source.replace(from, () => to)
}
