import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Tests whose answer takes seconds: whole worlds, real servers, other processes. A mutant must cost less. */
const SLOW = [
  'aggregator/src/charging/history.test.ts',
  'aggregator/src/store/**',
  'probe/src/{clock,doctor,runtime,scan,ship}/**',
]

export default defineConfig({
  // The copy that is mutated, where its packages' links lead to the original.
  resolve: {
    alias: {
      '@presences/shared': fileURLToPath(new URL('../../shared/src/index.ts', import.meta.url)),
    },
  },
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['{shared,probe,aggregator}/src/**/*.test.ts'],
    exclude: ['**/*.system.test.ts', ...SLOW],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
