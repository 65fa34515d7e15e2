/** Prints one plain line with the counts at the very end: hosts that run CI read it. */
import type { Reporter, TestModule } from 'vitest/node'

export class PlainLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1
      // A file that could not even be loaded holds no test, yet it is a failure.
      if (module.state() === 'failed' && module.errors().length > 0) count.failed += 1
    }
    const notRun = count.skipped + count.pending
    process.stdout.write(
      `\ntests: ${count.passed} passed, ${count.failed} failed, ${notRun} skipped\n`,
    )
  }
}

// vitest loads a reporter file by its default export.
export { PlainLineReporter as default }
