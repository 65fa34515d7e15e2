/**
 * The port to the ticket server over HTTP. A post that failed may have been stored all the same (the
 * server can answer 500 after storing, or the answer can be lost); sending the same post again is safe,
 * since the server keeps one amount a member and day.
 */
import { LIMITS, oneLine } from '@presences/shared'
import { requestAuditTrail, requestCorrections } from './audit/request.ts'
import { askList } from './http/json-answer.ts'
import { createMemberList } from './http/member-list.ts'
import { storedAmountsOf } from './http/stored-amounts.ts'
import { createTicketRequests, type TicketServerOptions } from './http/ticket-request.ts'
import { type Presence, type Tickets, TicketsError } from './tickets.ts'

export interface HttpTicketsOptions extends TicketServerOptions {
  /** For the end of the audit's period. Default: this machine's clock. */
  readonly now?: () => Date
  /** Hears, in one line, of what the server has that nobody can use, such as a stored 2026-02-30. */
  readonly onFault?: (fault: string) => void
}

/** The adapter. Building it sends nothing. Throws TicketsError for an unusable URL or token. */
export function createHttpTickets(options: HttpTicketsOptions): Tickets {
  const send = createTicketRequests(options)
  const members = createMemberList(send)
  const now = options.now ?? (() => new Date())
  return {
    async memberMap() {
      const answer = await send({
        doing: 'fetch the member map',
        method: 'POST',
        path: '/api/mac',
        mostBytes: LIMITS.ticketListBytes,
        expects: ({ contentType }) =>
          /^text\/csv\b/i.test(contentType) ? undefined : 'not with text/csv',
      })
      return answer.body
    },

    members: () => members.fresh(),

    async postPresence({ email, day, amount }: Presence, beforeAttempt) {
      await send({
        beforeAttempt,
        doing: `post ${amount} for ${oneLine(email)} on ${day}`,
        method: 'POST',
        path: '/api/presence',
        // A number in JavaScript never has a comma: the server would read `0,5` as 0 and delete the day.
        form: { email, date: day, amount: String(amount) },
        expects: ({ body }) => (body === 'OK' ? undefined : 'not with "OK"'),
      })
    },

    auditTrail: (from) => requestAuditTrail(from, { send, members, now }),

    correctionsOf: (emails, from) => requestCorrections(emails, from, { send, members, now }),

    async setDay({ email, day, value, comment }, beforeAttempt) {
      const doing = `set ${value} for ${oneLine(email)} on ${day}`
      const id = await idOf(email, doing)
      const path = `/api/members/${encodeURIComponent(id)}/activity`
      const expects = () => undefined
      const json = { value, comment }
      const request = { doing, expects, beforeAttempt }
      await send({ ...request, method: 'PUT', path: `${path}/${day}`, json }).catch(
        async (error: unknown) => {
          // There is no such day to change: it is to be added.
          if (!(error instanceof TicketsError) || error.status !== 404) throw error
          await send({ ...request, method: 'POST', path, json: { date: day, ...json } })
        },
      )
    },

    async storedAmounts(email) {
      const doing = `read the stored days of ${oneLine(email)}`
      const id = await idOf(email, doing)
      const path = `/api/members/${encodeURIComponent(id)}/activity`
      const { amounts, impossibleDays } = storedAmountsOf(
        await askList(send, { doing, path }),
        doing,
      )
      for (const day of impossibleDays) {
        options.onFault?.(
          `The ticket server has ${day} for ${oneLine(email)}, a day no calendar has: it is left out; correct it at the ticket server`,
        )
      }
      return amounts
    },
  }
  async function idOf(email: string, doing: string): Promise<string> {
    const id = await members.idOf(email)
    if (id !== undefined) return id
    throw new TicketsError(
      'refused',
      `Can't ${doing}: no member has this e-mail now, letter for letter; it may have been changed: look at the members at the ticket server`,
    )
  }
}
