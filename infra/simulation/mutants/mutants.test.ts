import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { mutated, pathOf } from './mutant.ts'
import { MUTANTS } from './mutants.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** What a bundle may be made of. */
const PATHS = ['aggregator/src', 'probe/src', 'shared/src'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(ROOT, folder, name),
  ),
)

// By what puts it into a bundle: it throws where there is no place for it, or more than one.
test.each(MUTANTS)('$name changes one place of one file', (mutant) => {
  const paths = PATHS.filter((path) => pathOf(mutant).test(path))
  expect(paths).toHaveLength(1)
  for (const path of paths) mutated(mutant, readFileSync(path, 'utf8'))
})

test.each([
  ['no place', 'x', 'a', 'b'],
  ['two places', 'a a', 'a', 'b'],
  ['nothing to change', 'a', 'a', 'a'],
])('%s: it does not fit', (_, source, from, to) => {
  const mutant = { name: 'x', what: 'y', file: 'z.ts', from, to }
  expect(() => mutated(mutant, source)).toThrow('Mutant x does not fit z.ts')
})
