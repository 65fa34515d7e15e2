/**
 * Node 20 ends when only unref'd timers are left, `AbortSignal.timeout` among them; and its `fetch` may never
 * settle when a connection is reset as it opens. Without this, a program could end in the middle of a request,
 * with nothing said and exit status 0.
 */

/** Does `work` and keeps the program alive meanwhile, for `ms` at most: long enough for a time limit to strike. */
export async function stayAwake<Result>(ms: number, work: () => Promise<Result>): Promise<Result> {
  const timer = setTimeout(() => {}, ms)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
  }
}

/** Added to a time limit, so that it strikes first. */
export const AFTER_LIMIT_MS = 1_000
