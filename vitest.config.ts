import { defineConfig } from 'vitest/config'

const SYSTEM = '**/*.system.test.ts'
const NEVER = ['**/node_modules/**', '**/dist/**']

export default defineConfig({
  test: {
    reporters: ['default', './infra/ci/plain-line-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{shared,probe,aggregator,infra}/**/*.test.ts'],
          exclude: [...NEVER, SYSTEM],
          // A machine that does much else at the time is slow, not wrong: what hangs is found all the same.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Network namespaces, a booting machine, small disks, killed processes, whole worlds.
        test: {
          name: 'system',
          include: [SYSTEM],
          exclude: NEVER,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
