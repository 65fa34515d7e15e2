import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { MUTANTS } from './mutants.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const SOURCES = ['aggregator/src', 'probe/src', 'shared/src'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(ROOT, folder, name)),
)

test.each(MUTANTS)('$name changes one place of one file', ({ file, from, to }) => {
  const paths = SOURCES.filter((path) => path.endsWith(file))
  expect(paths).toHaveLength(1)
  expect(readFileSync(paths[0] ?? '', 'utf8').split(from)).toHaveLength(2)
  expect(to).not.toBe(from)
})
