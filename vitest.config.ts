import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    reporters: ['default', './infra/ci/plain-line-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{shared,probe,aggregator,infra}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', 'infra/e2e/**'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['infra/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // The end-to-end tests own network namespaces and processes: one file at a time.
          fileParallelism: false,
        },
      },
    ],
  },
})
