import { defineConfig } from 'vitest/config'

/** The two kinds of tests are told by their name; each has a command of its own in package.json. */
const SYSTEM = '**/*.system.test.ts'
const NEVER = ['**/node_modules/**', '**/dist/**']

/** A machine that does much else at the time is slow, not wrong; what hangs is named while it does, and found all the same. */
const PATIENCE = { testTimeout: 180_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    reporters: [
      'default',
      './infra/ci/progress-reporter.ts',
      // The last, since its line is the last.
      './infra/ci/plain-line-reporter.ts',
    ],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{shared,probe,aggregator,infra}/**/*.test.ts'],
          exclude: [...NEVER, SYSTEM],
          // Loading a file's modules takes longer than most files' tests: a worker keeps them for the next file.
          isolate: false,
          // The default leaves a core to the test runner, which has little to do.
          maxWorkers: '100%',
          ...PATIENCE,
        },
      },
      {
        // Network namespaces, a booting machine, small disks, killed processes, whole worlds.
        test: {
          name: 'system',
          include: [SYSTEM],
          exclude: NEVER,
          // The booting machine waits for the minutes of real time, beside two that work.
          maxWorkers: 3,
          // Projects that have other numbers of workers can't run at once.
          sequence: { groupOrder: 1 },
          ...PATIENCE,
        },
      },
    ],
  },
})
