/**
 * The port to the space's ticket server: what charging asks of it. The adapter is `http-tickets.ts`;
 * the contract suite `testing/tickets-contract.ts` runs on it against a stand-in that answers as the real server does.
 */
import type { LocalDay, Mac } from '@presences/shared'
import type { Amount } from '../domain/amount.ts'

/** What is posted: one member's amount on one civil day. `email` exactly as the member map has it. */
export interface Presence {
  readonly email: string
  readonly day: LocalDay
  readonly amount: Amount
}

/** A person's edit of one member's day, from the audit trail. */
export interface Correction {
  /** The member's e-mail as it is now; `''` when there is none. */
  readonly email: string
  readonly day: LocalDay
  /** The value the person set: any number, not only an Amount. */
  readonly value: number
  /** One line. */
  readonly comment: string
  /** The person's name, one line; `undefined` when the edit came with a key. */
  readonly author: string | undefined
  readonly occurred: Date
}

/** A device given to a member, or taken away, from the audit trail. */
export interface DeviceEvent {
  readonly mac: Mac
  /** The member's e-mail as it is now; `''` when there is none. */
  readonly email: string
  readonly change: 'added' | 'removed'
  readonly occurred: Date
}

/** A member as the ticket server lists them. */
export interface ListedMember {
  /** The server's own id: it stays when e-mail or name change. */
  readonly id: string
  /** As typed; `''` when the member has none. */
  readonly email: string
}

/** What people did at the ticket server in a period: `corrections` and `devices`, oldest first. */
export interface AuditTrail {
  readonly corrections: readonly Correction[]
  readonly devices: readonly DeviceEvent[]
  /**
   * What should have told something and could not be read, a sentence each: an event that can't be
   * understood, or a day on which something was done to members that the server can't say.
   */
  readonly faults: readonly string[]
  /** Members of whom a correction may be missing, by e-mail; `''` stands for everybody. Absent: nobody. */
  readonly unsure?: readonly string[]
}

/** Is awaited before each attempt of a request; what it throws is thrown on, and nothing is sent then. */
export type BeforeAttempt = () => Promise<void>

/** Every method throws TicketsError when it failed for good, after its retries. */
export interface Tickets {
  /** The member map as the server sends it: tab separated text, checked by `members/member-map.ts`. */
  memberMap(): Promise<string>
  /** All members there are now: one request. */
  members(): Promise<readonly ListedMember[]>
  /** Stores an amount. The same post again changes nothing; an amount of 0 deletes the day. */
  postPresence(presence: Presence, beforeAttempt?: BeforeAttempt): Promise<void>
  /**
   * The acts from `from` on, up to now: by the day of the act, not of the day edited. The server counts days
   * in UTC: who thinks of a civil day elsewhere asks for the day before. One request; where the server can't
   * answer it whole (an event of a member who is no more makes it fail), one for each member.
   */
  auditTrail(from: LocalDay): Promise<AuditTrail>
  /**
   * The same for the days of a few members, asked again and again in a run: one request; where the server can't answer
   * it whole, one for each of `emails`. It may tell of other members, too.
   */
  correctionsOf(emails: readonly string[], from: LocalDay): Promise<AuditTrail>
  /**
   * Sets a member's day as a person would, with a comment, over whatever is there: the route of administrators, which
   * leaves an audit event. For putting back what a person had set.
   */
  setDay(
    correction: Pick<Correction, 'email' | 'day' | 'value' | 'comment'>,
    beforeAttempt?: BeforeAttempt,
  ): Promise<void>
  /**
   * The effective value of each day the server has for a member; any number, since a person may have set
   * it. One request, and one more a run for the list of members, which is today's: an e-mail that no member
   * has now is refused. A stored day that no calendar has is left out and reported by the adapter: nobody
   * can ask for it.
   */
  storedAmounts(email: string): Promise<ReadonlyMap<LocalDay, number>>
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
