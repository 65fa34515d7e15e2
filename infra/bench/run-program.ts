/** Runs a program to its end and takes its time: the whole process, from its start to its last output. */
import { spawn } from 'node:child_process'

export interface ProgramRun {
  readonly stdout: string
  readonly ms: number
}

export interface ProgramOptions {
  /** The working folder: one without a `.env`. */
  readonly cwd: string
  readonly signal: AbortSignal
  /** All of its environment but PATH and HOME: nothing of the caller's may change what is measured. */
  readonly env?: Readonly<Record<string, string>>
}

const ERRORS_SHOWN = 500

/** Throws, with the end of its stderr, when the program can't be started or does not end with 0. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { cwd, signal, env = {} }: ProgramOptions,
): Promise<ProgramRun> {
  const started = process.hrtime.bigint()
  const child = spawn(command, args, {
    cwd,
    signal,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  let failure: Error | undefined
  child.once('error', (cause) => {
    failure = new Error(cannotRun(command, cause), { cause })
  })
  // Not before it is gone, also when it was ended: what it still writes is about to be removed.
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const ms = Number(process.hrtime.bigint() - started) / 1e6
  if (failure) throw failure
  if (code !== 0) {
    const end = Buffer.concat(stderr).toString('utf8').trim().slice(-ERRORS_SHOWN)
    throw new Error(`${[command, ...args].join(' ')} ended with ${code}: ${end}`)
  }
  return { stdout: Buffer.concat(stdout).toString('utf8'), ms }
}

function cannotRun(command: string, cause: NodeJS.ErrnoException): string {
  return cause.code === 'ENOENT'
    ? `${command} is missing: apt-get install ${command}`
    : `can't run ${command}: ${cause.message}`
}
