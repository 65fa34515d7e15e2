/**
 * The port to the ticket server over HTTP. A post that failed may have been stored all the same (the
 * server can answer 500 after storing, or the answer can be lost); sending the same post again is safe,
 * since the server keeps one amount a member and day.
 */
import { oneLine } from './one-line.ts'
import { createTicketRequests, type TicketServerOptions } from './ticket-request.ts'
import type { Presence, Tickets } from './tickets.ts'

/** The adapter. Building it sends nothing. Throws TicketsError for an unusable URL or token. */
export function createHttpTickets(options: TicketServerOptions): Tickets {
  const send = createTicketRequests(options)
  return {
    async memberMap() {
      const answer = await send({
        doing: 'fetch the member map',
        method: 'POST',
        path: '/api/mac',
        expects: ({ contentType }) =>
          /^text\/csv\b/i.test(contentType) ? undefined : 'not with text/csv',
      })
      return answer.body
    },

    async postPresence({ email, day, amount }: Presence) {
      await send({
        doing: `post ${amount} for ${oneLine(email)} on ${day}`,
        method: 'POST',
        path: '/api/presence',
        // A number in JavaScript never has a comma: the server would read `0,5` as 0 and delete the day.
        form: { email, date: day, amount: String(amount) },
        expects: ({ body }) => (body === 'OK' ? undefined : 'not with "OK"'),
      })
    },
  }
}
