/**
 * Tries again what may succeed later, at the ticket server or in the bucket: exponential backoff with jitter, so that
 * many requests that failed together don't come back together. What may succeed later is the attempt's to say.
 */

/** How often and how patiently. Times in milliseconds. */
export interface Backoff {
  /** Attempts after the first. */
  readonly retries: number
  readonly firstDelayMs: number
  /** Longest wait, whatever the server asks for. */
  readonly maxDelayMs: number
  /** In [0, 1). */
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<unknown>
}

/** Of a failed attempt: whether to try again, and how long the server asked to wait. */
export interface Failed {
  readonly ok: false
  readonly again: boolean
  readonly retryAfterMs?: number
}

/** Runs `attempt` until it is ok, gives up, or has failed `1 + retries` times; returns its last outcome. */
export async function retrying<Outcome extends { readonly ok: true } | Failed>(
  attempt: () => Promise<Outcome>,
  backoff: Backoff,
): Promise<{ readonly outcome: Outcome; readonly attempts: number }> {
  for (let attempts = 1; ; attempts += 1) {
    const outcome = await attempt()
    if (outcome.ok || !outcome.again || attempts > backoff.retries) return { outcome, attempts }
    await backoff.sleep(delayMs(attempts, outcome.retryAfterMs, backoff))
  }
}

/**
 * The wait after the `attempts`th failure: half to whole of `firstDelayMs` × 2^(attempts-1); or at least
 * what the server asked for, with a little jitter on top. Never above `maxDelayMs`.
 */
export function delayMs(
  attempts: number,
  retryAfterMs: number | undefined,
  { firstDelayMs, maxDelayMs, random }: Pick<Backoff, 'firstDelayMs' | 'maxDelayMs' | 'random'>,
): number {
  const chance = random()
  const own = firstDelayMs * 2 ** (attempts - 1) * (0.5 + chance / 2)
  const asked = retryAfterMs === undefined ? 0 : retryAfterMs + chance * firstDelayMs
  return Math.min(Math.max(own, asked), maxDelayMs)
}
