/** The stand-in's audit trail: who changed what, when. The time is that of the act, not of the day edited. */
import type { StandInMember } from './member.ts'

export type AuditAction =
  | 'MEMBER_ACTIVITY_ADD'
  | 'MEMBER_ACTIVITY_UPDATE'
  | 'MEMBER_DEVICE_ADD'
  | 'MEMBER_DEVICE_UPDATE'
  | 'MEMBER_DEVICE_REMOVE'
  | 'MEMBER_MAC_ADDRESSES_UPDATE'

/** The signed-in person behind an act. */
export interface Author {
  readonly _id: string
  readonly name: string
  readonly email: string
}

/** An event as kept. `context.member` is added when it is sent. */
export interface AuditEvent {
  readonly action: AuditAction
  readonly occurred: Date
  readonly author: Author | null
  readonly context: { readonly memberId: string } & Readonly<Record<string, unknown>>
}

/** An event as sent: with the member as they are NOW. */
export interface SentAuditEvent {
  readonly _id: string
  readonly action: AuditAction
  readonly occurred: string
  readonly author: Author | null
  readonly context: Readonly<Record<string, unknown>>
}

export type Audit = ReturnType<typeof createAudit>

export function createAudit(clock: () => Date) {
  const events: AuditEvent[] = []
  return {
    /** Oldest first. */
    events,
    log(
      action: AuditAction,
      member: StandInMember,
      context: Readonly<Record<string, unknown>>,
      author: Author | null = null,
    ): void {
      // A copy: what happens to the member later must not change what was written.
      const kept = structuredClone({ memberId: member.id, ...context })
      events.push({ action, occurred: clock(), author, context: kept })
    },
  }
}

/**
 * The events for which `wanted` holds, newest first, as sent. `undefined` when one of them is of a member
 * who is no more: the real server fails on it, and with it the whole answer.
 */
export function sendEvents(
  events: readonly AuditEvent[],
  members: readonly StandInMember[],
  wanted: (event: AuditEvent) => boolean,
): SentAuditEvent[] | undefined {
  const sent: SentAuditEvent[] = []
  for (const [index, event] of events.entries()) {
    if (!wanted(event)) continue
    const member = members.find(({ id }) => id === event.context.memberId)
    if (!member) return undefined
    const { id, email, firstName, lastName } = member
    sent.push({
      ...event,
      _id: `event${index + 1}`,
      occurred: event.occurred.toISOString(),
      context: { ...event.context, member: { _id: id, email, firstName, lastName } },
    })
  }
  return sent.reverse().sort((a, b) => b.occurred.localeCompare(a.occurred))
}
