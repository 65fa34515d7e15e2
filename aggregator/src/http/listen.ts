/** The socket of the service: how long anybody may take, and how it is shut. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { serve } from '@hono/node-server'

export interface Listening {
  readonly port: number
  /**
   * Takes no more requests; those under way are answered, all other connections end at once, half-open ones too. After
   * `patienceMs` so do those that never take their answer.
   */
  readonly close: (patienceMs: number) => Promise<void>
}

/** A whole request has to be there by then: none of ours is larger than a header. */
const REQUEST_MS = 20_000
const MAX_HEADER_BYTES = 16_384
const MAX_CONNECTIONS = 500

/** Listens at `host` and `port` (0: any). Throws when it can't. */
export async function listen(
  fetch: Parameters<typeof serve>[0]['fetch'],
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const server = await started(fetch, host, port)
  server.maxConnections = MAX_CONNECTIONS
  const connections = watchConnections(server)
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: (patienceMs) =>
      new Promise((resolve) => {
        const patience = setTimeout(() => server.closeAllConnections(), patienceMs)
        server.close(() => {
          clearTimeout(patience)
          resolve()
        })
        connections.endIdle()
      }),
  }
}

function started(
  fetch: Parameters<typeof serve>[0]['fetch'],
  host: string,
  port: number,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const serverOptions = {
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    }
    const options = { fetch, hostname: host, port, serverOptions }
    // Without TLS and HTTP/2 it is node's own server.
    const server = serve(options, () => resolve(server)) as Server
    server.once('error', (cause: Error) => {
      reject(new Error(`Can't listen on ${host}:${port}: ${cause.message}. Change HOST or PORT.`))
    })
  })
}

/** Node's closeIdleConnections leaves those alone that have sent nothing yet, or half a header. */
function watchConnections(server: Server): { endIdle: () => void } {
  const open = new Set<Socket>()
  const busy = new Set<Socket>()
  let isEnding = false
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.on('request', ({ socket }: IncomingMessage, answer: ServerResponse) => {
    busy.add(socket)
    answer.once('close', () => {
      busy.delete(socket)
      // What was answered is sent first.
      if (isEnding) socket.destroySoon()
    })
  })
  return {
    endIdle: () => {
      isEnding = true
      for (const socket of open) if (!busy.has(socket)) socket.destroy()
    },
  }
}
