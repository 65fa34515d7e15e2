/**
 * Asks the system whether its clock is set from the network: the kernel's own flag, by timedatectl, whoever
 * sets it (systemd-timesyncd, chrony, ntpd); and the mark that systemd-timesyncd leaves each time it has set
 * the clock. The kernel takes its flag back some nine hours after the network went, so the mark counts too.
 */
import { stat } from 'node:fs/promises'
import { runProgram } from '../runtime/run-program.ts'

export interface SyncAnswer {
  /** The kernel's flag. */
  readonly isSynchronized: boolean
  /** When systemd-timesyncd last set the clock since the machine started, in milliseconds. */
  readonly markMs?: number | undefined
  /** What was found, in a few words. */
  readonly finding: string
}

const TIMESYNCD_MARK = '/run/systemd/timesync/synchronized'
const TIMEOUT_MS = 5_000

/** Does not throw: where nobody can be asked, nothing is known. */
export async function askSynchronizer(
  searchPath: string,
  mark = TIMESYNCD_MARK,
): Promise<SyncAnswer> {
  const [kernel, markMs] = await Promise.all([askKernel(searchPath), markOf(mark)])
  return { ...kernel, markMs }
}

async function askKernel(searchPath: string): Promise<SyncAnswer> {
  const args = ['show', '--property=NTPSynchronized', '--value']
  const run = await runProgram('timedatectl', args, { searchPath, timeoutMs: TIMEOUT_MS })
  if (run.end === 'missing') return unknown('there is no timedatectl')
  if (run.end !== 'exited' || run.code !== 0) return unknown('timedatectl does not answer')
  const isSynchronized = run.stdout.trim() === 'yes'
  return { isSynchronized, finding: `timedatectl: synchronized ${run.stdout.trim() || '?'}` }
}

function unknown(finding: string): SyncAnswer {
  return { isSynchronized: false, finding }
}

async function markOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )
}
