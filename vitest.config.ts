import { defineConfig } from 'vitest/config'

/** Tests that own network namespaces, or need a port that they freed to stay free: one file at a time, after all others. */
const ALONE = ['infra/{e2e,lan}/**/*.test.ts', 'infra/box/ship.test.ts']

export default defineConfig({
  test: {
    reporters: ['default', './infra/ci/plain-line-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{shared,probe,aggregator,infra}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', ...ALONE],
          // A machine that does much else at the time is slow, not wrong: what hangs is found all the same.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ALONE,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
