/**
 * A stand-in for the space's ticket server, for tests and the demo: in process, on the loopback only,
 * with answers and faults like those observed on the real one. It proves nothing about the real
 * server's speed, its sign-in or its web pages.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { LOOPBACK, listen } from '../listen.ts'
import { bodyFieldsOf, fieldsOf, type StandInRequest } from './answer.ts'
import { type Fault, sendWithFault } from './faults.ts'
import { answerRequest, type RouteContext } from './routes.ts'
import { createTicketState, type NewMember, type TicketState } from './state.ts'

/** A request to decide a fault by; `number` counts requests from 1. */
interface NumberedRequest extends StandInRequest {
  readonly number: number
}

type Faults = (request: NumberedRequest) => Fault | undefined

export interface TicketServerOptions {
  /** The admin key. Default `STAND_IN_KEY`. */
  readonly key?: string
  readonly members?: readonly NewMember[]
  /** Shuffles the map anew at each request; without it, members come in the order they were added. */
  readonly shuffleSeed?: number
  /** The instant of audit events. Default: the real clock. */
  readonly clock?: () => Date
  readonly faults?: Faults
  /** Default: any free port. */
  readonly port?: number
}

/** A post to `/api/presence` as it came in, whether or not it was accepted. */
interface PresencePost {
  readonly email: string
  readonly date: string
  /** The text as sent. */
  readonly amount: string
  /** True when the server took it, whatever the client was told. */
  stored: boolean
}

export interface TicketServer {
  readonly url: string
  readonly key: string
  readonly state: TicketState
  /** Every request that arrived, in order. */
  readonly requests: readonly NumberedRequest[]
  readonly posts: readonly Readonly<PresencePost>[]
  readonly heartbeats: RouteContext['heartbeats']
  /** Replaces the fault rule; `undefined` for none. */
  setFaults(faults: Faults | undefined): void
  /** Stops listening and cuts every connection: the next request finds nobody. */
  pause(): Promise<void>
  /** Listens again on the same port. */
  resume(): Promise<void>
  close(): Promise<void>
}

export const STAND_IN_KEY = 'stand-in-key'

/** Starts a stand-in on 127.0.0.1. Close it when done: it holds a port. */
export async function startTicketServer(options: TicketServerOptions = {}): Promise<TicketServer> {
  const key = options.key ?? STAND_IN_KEY
  const state = createTicketState(options.clock ?? (() => new Date()))
  for (const member of options.members ?? []) state.addMember(member)
  const requests: NumberedRequest[] = []
  const posts: PresencePost[] = []
  const heartbeats: RouteContext['heartbeats'] = []
  const shuffle = shuffler(options.shuffleSeed)
  let faults = options.faults

  const server = createServer((message, response) => {
    handle(message, response).catch((error: unknown) => response.destroy(error as Error))
  })
  const pause = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  const port = await listen(server, options.port)

  return {
    url: `http://${LOOPBACK}:${port}`,
    key,
    state,
    requests,
    posts,
    heartbeats,
    setFaults: (next) => {
      faults = next
    },
    pause,
    resume: async () => void (await listen(server, port)),
    close: pause,
  }

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = { ...(await readRequest(message)), number: requests.length + 1 }
    requests.push(request)
    const post = postOf(request)
    if (post) posts.push(post)
    await sendWithFault(response, faults?.(request), () => {
      const answer = answerRequest(request, { state, keys: [key], shuffle, heartbeats })
      if (post) post.stored = answer.status === 200
      return answer
    })
  }
}

function postOf({ method, path, params }: StandInRequest): PresencePost | undefined {
  if (method !== 'POST' || !/^\/api\/presence\/?$/i.test(path)) return undefined
  const { email = '', date = '', amount = '' } = params
  return { email, date, amount, stored: false }
}

async function readRequest(message: IncomingMessage): Promise<StandInRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const url = new URL(message.url ?? '/', 'http://stand-in')
  const type = message.headers['content-type']
  const isForm = type?.startsWith('application/x-www-form-urlencoded')
  // The routes of the old scripts read forms alone.
  const isJson =
    url.pathname.startsWith('/api/members/') && (type?.startsWith('application/json') ?? false)
  return {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: fieldsOf(url.search),
    params: isForm || isJson ? bodyFieldsOf(body.toString('utf8'), isJson) : {},
    authorization: message.headers.authorization,
    bodyBytes: isForm || isJson ? body.length : 0,
  }
}

/** A shuffle that is the same for the same seed; without a seed, the order stays. */
function shuffler(seed: number | undefined): RouteContext['shuffle'] {
  let state = seed ?? 0
  const below = (bound: number) => {
    // Numerical Recipes' linear congruential generator; its high bits are good enough here.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
  return (items) => {
    const order = [...items]
    if (seed === undefined) return order
    for (let last = order.length - 1; last > 0; last -= 1) {
      const chosen = below(last + 1)
      const item = order[chosen] as (typeof order)[number]
      order[chosen] = order[last] as (typeof order)[number]
      order[last] = item
    }
    return order
  }
}
