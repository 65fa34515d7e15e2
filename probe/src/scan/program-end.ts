/** How a scanner's program ended: what it had seen by then, and why it saw no more. */
import { oneLine } from '@presences/shared'
import type { ProgramRun } from '../runtime/run-program.ts'
import type { LookFailure } from './scanner.ts'

export interface ScannerProgram {
  readonly name: string
  /** Debian's, which holds it. */
  readonly package: string
}

/**
 * What a program printed, without the line in which it was ended. What was seen before a failure was
 * seen all the same.
 */
export function printedBy(run: ProgramRun): string {
  switch (run.end) {
    case 'exited':
      return run.stdout
    case 'missing':
      return ''
    default:
      return run.stdout.slice(0, run.stdout.lastIndexOf('\n') + 1)
  }
}

/** Why a run on `network` was no whole one; `explain` says what an exit status other than 0 means. */
export function runFailure(
  program: ScannerProgram,
  network: string,
  run: ProgramRun,
  timeoutMs: number,
  explain: (code: number, stderr: string) => LookFailure,
): LookFailure | undefined {
  switch (run.end) {
    case 'exited':
      return run.code === 0 ? undefined : explain(run.code, run.stderr)
    case 'missing':
      return {
        reason: `${program.name} is not installed`,
        advice: `sudo apt install ${program.package}`,
      }
    case 'timed-out':
      return {
        reason: `${program.name} did not end within ${timeoutMs / 1000} s`,
        advice: `check the size of its network (ip -4 address show ${network}): a /16 is too wide to scan in a minute`,
      }
    case 'failed':
      return {
        reason: `${program.name} failed: ${run.reason}`,
        advice: 'if it happens again, look at the system log',
      }
  }
}

/** The last line of a program that says something, fit for a line of the log: short, without a whole MAC address. */
export function lastWords(stderr: string): string | undefined {
  const last = stderr.split(/[\n\r]/).findLast((line) => line.trim() !== '')
  return last === undefined ? undefined : oneLine(last, WORDS_LENGTH)
}

const WORDS_LENGTH = 200
