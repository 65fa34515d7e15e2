/** Time as a thread works, not as it waits: a machine with other work to do must not look like a slow reader. */
import { readFileSync } from 'node:fs'

/** Milliseconds this thread has been on a processor (proc(5), schedstat); elsewhere than on Linux, the clock's. */
export function threadMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6
  } catch {
    return performance.now()
  }
}
