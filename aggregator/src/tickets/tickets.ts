/**
 * The port to the space's ticket server: what charging asks of it. The adapter is `http-tickets.ts`;
 * the contract suite `contract.ts` runs on it against a stand-in that answers as the real server does.
 */
import type { LocalDay } from '@presences/shared'

/** Tickets for one member and one civil day. */
export type Amount = 0 | 0.5 | 1

/** What is posted: one member's amount on one civil day. `email` exactly as the member map has it. */
export interface Presence {
  readonly email: string
  readonly day: LocalDay
  readonly amount: Amount
}

/** Every method throws TicketsError when it failed for good, after its retries. */
export interface Tickets {
  /** The member map as the server sends it: tab separated text, checked by `members/member-map.ts`. */
  memberMap(): Promise<string>
  /** Stores an amount. The same post again changes nothing; an amount of 0 deletes the day. */
  postPresence(presence: Presence): Promise<void>
}

/**
 * The ticket server said no, or can't be reached. `refused`: it answered and will answer so again (4xx).
 * `unreachable`: network, timeout, 5xx or 429 to the last attempt; the post may have been stored all the
 * same. The message is one line (verb, object, cause, what to do) and holds no token.
 */
export class TicketsError extends Error {
  override readonly name = 'TicketsError'
  readonly kind: 'refused' | 'unreachable'
  /** The HTTP status of the last answer, when there was one. */
  readonly status: number | undefined

  constructor(
    kind: 'refused' | 'unreachable',
    message: string,
    status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.kind = kind
    this.status = status
  }
}
