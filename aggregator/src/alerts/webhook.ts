/** Sends an alert as JSON `{title, message, level}` to `ALERT_WEBHOOK_URL`. */
import { AFTER_LIMIT_MS, stayAwake } from '../runtime/stay-awake.ts'
import type { Alert } from './alerts.ts'

const TIMEOUT_MS = 10_000

/**
 * A sender to `url`. It throws when the answer is not 2xx, a redirect included: followed, it would become a GET that
 * tells nobody, or carry names and amounts to another host. The message never holds the address, which may
 * be a secret.
 */
export function webhook(url: string, send: typeof fetch): (alert: Alert) => Promise<void> {
  return async (alert) => {
    const request = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(alert),
      redirect: 'manual' as const,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }
    const answer = await stayAwake(TIMEOUT_MS + AFTER_LIMIT_MS, () => send(url, request)).catch(
      (error: Error) => {
        throw new Error(
          `it can't be reached (${(error.cause as Error | undefined)?.message ?? error.name})`,
        )
      },
    )
    if (answer.status >= 300 && answer.status < 400) {
      throw new Error(`it answered ${answer.status}, a redirect: write the address it leads to`)
    }
    if (!answer.ok) throw new Error(`it answered ${answer.status}`)
  }
}
