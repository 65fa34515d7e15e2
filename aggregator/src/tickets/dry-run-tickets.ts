/** A dry run is another adapter: it reads from the real ticket server and posts nothing. */
import type { Presence, Tickets } from './tickets.ts'

export interface DryRunTickets extends Tickets {
  /** What would have been posted, in order. */
  readonly posts: readonly Presence[]
}

/** Reads through `real`; a post is recorded in `posts` and goes nowhere. */
export function createDryRunTickets(real: Omit<Tickets, 'postPresence' | 'setDay'>): DryRunTickets {
  const posts: Presence[] = []
  return {
    posts,
    memberMap: () => real.memberMap(),
    members: () => real.members(),
    auditTrail: (from) => real.auditTrail(from),
    correctionsOf: (emails, from) => real.correctionsOf(emails, from),
    storedAmounts: (email) => real.storedAmounts(email),
    setDay: async () => {},
    postPresence: async (presence) => {
      posts.push(presence)
    },
  }
}
