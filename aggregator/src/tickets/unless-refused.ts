/** For questions without whose answer a run goes on, and is the more careful. */
import { TicketsError } from './tickets.ts'

/** The answer; `undefined`, and a warning, where the ticket server could not give it. Throws what is not a TicketsError. */
export function unlessRefused<Answer>(
  answer: Promise<Answer>,
  log: { warn(message: string): void },
): Promise<Answer | undefined> {
  return answer.catch((error: unknown) => {
    if (!(error instanceof TicketsError)) throw error
    log.warn(error.message)
    return undefined
  })
}
