/**
 * No silence in a run: whatever takes long is named again and again while it runs, and the slowest files at the end.
 * A file of the daily tests that takes too long is a warning, no failure: a machine that does much else is slow, not wrong.
 */
import { relative } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Half of the fifteen seconds after which a host or a person takes a run for dead. */
const SILENCE_MS = 7_500
const SLOWEST = 5
/** The project of `pnpm test`: run many times a day. What takes longer is a `*.system.test.ts`, or is split. */
const DAILY_PROJECT = 'unit'
const DAILY_FILE_MS = 30_000

interface Running {
  readonly file: string
  readonly sinceMs: number
  /** The test that runs; none while the file is loaded or a hook prepares. */
  test?: string
}

export class ProgressReporter implements Reporter {
  /** By the module's id: the objects are others once a file is loaded. */
  readonly #running = new Map<string, Running>()
  #timer: NodeJS.Timeout | undefined

  onTestRunStart(): void {
    this.#running.clear()
    this.#listenAgain()
  }

  onTestModuleQueued(module: TestModule): void {
    this.#running.set(module.id, { file: nameOf(module), sinceMs: performance.now() })
  }

  onTestCaseReady(test: TestCase): void {
    const running = this.#running.get(test.module.id)
    if (running) running.test = test.fullName
  }

  onTestCaseResult(test: TestCase): void {
    const running = this.#running.get(test.module.id)
    if (running?.test === test.fullName) delete running.test
  }

  /** The reporter beside this one prints a line for each file that has ended. */
  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(module.id)
    this.#listenAgain()
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    clearInterval(this.#timer)
    const lines = slowestOf(modules)
    if (lines.length > 0) process.stdout.write(`\nslowest files:\n${lines.join('\n')}\n`)
  }

  #listenAgain(): void {
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.#tell(), SILENCE_MS).unref()
  }

  #tell(): void {
    for (const { file, sinceMs, test } of this.#running.values()) {
      const seconds = Math.round((performance.now() - sinceMs) / 1000)
      process.stdout.write(`   ${seconds} s: ${file}${test ? ` > ${test}` : ''}\n`)
    }
  }
}

/** A line for each of the slowest files, and for each that is too slow for the daily tests. */
function slowestOf(modules: readonly TestModule[]): string[] {
  const timed = modules
    .map((module) => ({ module, ms: durationMs(module) }))
    .sort((one, other) => other.ms - one.ms)
  return timed.flatMap(({ module, ms }, index) => {
    const isTooSlow = module.project.name === DAILY_PROJECT && ms > DAILY_FILE_MS
    if (index >= SLOWEST && !isTooSlow) return []
    const warning = isTooSlow ? `  WARNING: over ${DAILY_FILE_MS / 1000} s` : ''
    return [`${(ms / 1000).toFixed(1).padStart(7)} s  ${nameOf(module)}${warning}`]
  })
}

function durationMs(module: TestModule): number {
  const { collectDuration, duration, setupDuration } = module.diagnostic()
  return collectDuration + setupDuration + duration
}

function nameOf({ moduleId, project }: TestModule): string {
  return relative(project.config.root, moduleId)
}

// vitest loads a reporter file by its default export.
export { ProgressReporter as default }
