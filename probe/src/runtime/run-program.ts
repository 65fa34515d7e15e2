/**
 * Runs a program of the system: an argument array, never a shell; a time limit, always. Whatever
 * happens to the program is a value, so that each caller says what it means.
 */
import { type ChildProcess, spawn } from 'node:child_process'

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

/** Far beyond what any network has to say; of nothing but bad lines, as much as a small box can remember. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024

/** For what a killed program had printed to arrive. */
const HANG_UP_MS = 200

/** Runs `program` to its end. Messages come in English, whatever the machine's language. */
export function runProgram(
  program: string,
  args: readonly string[],
  { searchPath, timeoutMs }: ProgramLimits,
): Promise<ProgramRun> {
  return new Promise((resolve) => {
    const child = start(program, args, searchPath)
    if (child instanceof Error) {
      resolve({ end: 'failed', reason: child.message, stdout: '' })
      return
    }
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      killGroup(child)
      // What it started in a group of its own lives on, and would hold its output open for as long.
      hangUp = setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
      }, HANG_UP_MS)
    }, timeoutMs)
    let hangUp: NodeJS.Timeout | undefined
    const stdout = collect(child, child.stdout)
    const stderr = collect(child, child.stderr)
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      resolve(
        error.code === 'ENOENT'
          ? { end: 'missing' }
          : { end: 'failed', reason: error.message, stdout: '' },
      )
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      clearTimeout(hangUp)
      const printed = stdout.text()
      if (stdout.isTooLong() || stderr.isTooLong()) {
        resolve({ end: 'failed', reason: 'it printed too much', stdout: printed })
      } else if (isLate) resolve({ end: 'timed-out', stdout: printed })
      else if (code === null)
        resolve({ end: 'failed', reason: `killed by ${signal}`, stdout: printed })
      else resolve({ end: 'exited', code, stdout: printed, stderr: stderr.text() })
    })
  })
}

/**
 * A process group of its own: what it started is ended with it, and can't hold its output open. Some errors
 * node throws at once, such as EPERM: a program whose file has a capability that this process may not gain.
 */
function start(program: string, args: readonly string[], searchPath: string) {
  try {
    return spawn(program, args, {
      env: { PATH: searchPath, LC_ALL: 'C' },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (cause) {
    return cause as Error
  }
}

function collect(child: ChildProcess, stream: NodeJS.ReadableStream) {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_OUTPUT_BYTES) killGroup(child)
    else chunks.push(chunk)
  })
  return {
    text: () => Buffer.concat(chunks).toString('utf8'),
    isTooLong: () => bytes > MAX_OUTPUT_BYTES,
  }
}

/** A program that hangs may ignore a polite signal. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
}
