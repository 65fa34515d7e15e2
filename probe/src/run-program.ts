/**
 * Runs a program of the system: an argument array, never a shell; a time limit, always. Whatever
 * happens to the program is a value, so that each caller says what it means.
 */
import { type ExecFileException, execFile } from 'node:child_process'

export type ProgramRun =
  | {
      readonly end: 'exited'
      readonly code: number
      readonly stdout: string
      readonly stderr: string
    }
  | { readonly end: 'missing' }
  /** Ended before it was done: `stdout` is what it had printed by then. */
  | { readonly end: 'timed-out'; readonly stdout: string }
  | { readonly end: 'failed'; readonly reason: string; readonly stdout: string }

export interface ProgramLimits {
  /** Where programs are looked up, as in `PATH`. */
  readonly searchPath: string
  readonly timeoutMs: number
}

/** Runs `program` to its end. Messages come in English, whatever the machine's language. */
export function runProgram(
  program: string,
  args: readonly string[],
  limits: ProgramLimits,
): Promise<ProgramRun> {
  return new Promise((resolve) => {
    const options = {
      env: { PATH: limits.searchPath, LC_ALL: 'C' },
      timeout: limits.timeoutMs,
      // A program that hangs may ignore a polite signal.
      killSignal: 'SIGKILL',
      maxBuffer: 16 * 1024 * 1024,
      encoding: 'utf8',
    } as const
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve(error ? failedRun(error, stdout, stderr) : { end: 'exited', code: 0, stdout, stderr })
    })
  })
}

function failedRun(error: ExecFileException, stdout: string, stderr: string): ProgramRun {
  if (typeof error.code === 'number') return { end: 'exited', code: error.code, stdout, stderr }
  if (error.code === 'ENOENT') return { end: 'missing' }
  // Node sets `killed` for its own time limit, and for output beyond maxBuffer (which has a code).
  if (error.killed && !error.code) return { end: 'timed-out', stdout }
  const reason = error.signal ? `killed by ${error.signal}` : error.message
  return { end: 'failed', reason, stdout }
}
