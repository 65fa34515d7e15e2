/** `POST /api/heartbeat`: who is here now. The server takes its own clock for the time. */
import type { Mac } from '@presences/shared'
import { createTicketRequests, type TicketServerOptions } from './ticket-request.ts'

/** Tells the server which devices are in a location. Throws TicketsError. */
export type SendHeartbeat = (location: string, macs: readonly Mac[]) => Promise<void>

/** One attempt, of a few seconds: what is sent later would be taken for now. */
const IMPATIENT = { retries: 0, timeoutMs: 10_000 }

/** The sender. Building it sends nothing. Throws TicketsError for an unusable URL or token. */
export function createHeartbeats(options: TicketServerOptions): SendHeartbeat {
  const send = createTicketRequests({ ...options, ...IMPATIENT })
  return async (location, macs) => {
    await send({
      doing: `tell who is in ${location}`,
      method: 'POST',
      path: '/api/heartbeat',
      form: { macAddresses: macs.join(','), location },
      expects: ({ body }) => (body === 'OK' ? undefined : 'not with "OK"'),
    })
  }
}
