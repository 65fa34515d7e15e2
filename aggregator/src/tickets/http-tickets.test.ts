import { LIMITS, type LocalDay, parseLocalDay } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../testing/stand-ins/tickets/faults.ts'
import {
  STAND_IN_KEY,
  startTicketServer,
  type TicketServer,
} from '../../testing/stand-ins/tickets/ticket-server.ts'
import { CONTRACT_MEMBERS, describeTickets } from '../../testing/tickets-contract.ts'
import type { TicketServerOptions } from './http/ticket-request.ts'
import { createHttpTickets } from './http-tickets.ts'
import { TicketsError } from './tickets.ts'

const DAY = parseLocalDay('2026-11-22') as LocalDay
const PRESENCE = { email: 'ana@example.org', day: DAY, amount: 0.5 } as const
const RETRIES = 2

describeTickets('over HTTP', async () => {
  let now = new Date(0)
  const clock = () => now
  const server = await startTicketServer({ members: CONTRACT_MEMBERS, shuffleSeed: 1, clock })
  const { url, key: token, state } = server
  return {
    tickets: createHttpTickets({ url, token, retries: 0, now: clock }),
    stored: (email, day) => state.amount(email, day),
    people: {
      ...state,
      setNow: (instant) => {
        now = new Date(instant)
      },
    },
    close: () => server.close(),
  }
})

let server: TicketServer
let slept: number[]
beforeEach(async () => {
  server = await startTicketServer({ members: CONTRACT_MEMBERS })
  slept = []
})
afterEach(() => server.close())

function tickets(options: Partial<TicketServerOptions> = {}) {
  return createHttpTickets({
    url: server.url,
    token: STAND_IN_KEY,
    retries: RETRIES,
    random: () => 0,
    sleep: async (ms) => slept.push(ms),
    ...options,
  })
}

/** The error of an action that must fail. */
async function failure(action: Promise<unknown>): Promise<TicketsError> {
  try {
    await action
  } catch (error) {
    if (error instanceof TicketsError) return error
    throw error
  }
  throw new Error('It should have failed')
}

describe('what is sent', () => {
  test('a form, the key in the header and nowhere else', async () => {
    await tickets().postPresence(PRESENCE)
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/api/presence',
        query: {},
        params: { email: 'ana@example.org', date: '2026-11-22', amount: '0.5' },
        authorization: `Token ${STAND_IN_KEY}`,
      },
    ])
  })

  test.each([
    [0, '0'],
    [0.5, '0.5'],
    [1, '1'],
  ] as const)('%d as "%s"', async (amount, text) => {
    await tickets().postPresence({ ...PRESENCE, amount })
    expect(server.posts).toMatchObject([{ amount: text, stored: true }])
  })

  test.each(['', '/', '//'])('to an address that ends in "%s"', async (end) => {
    await tickets({ url: server.url + end }).memberMap()
    expect(server.requests.map(({ path }) => path)).toEqual(['/api/mac'])
  })

  test('below a path', async () => {
    await failure(tickets({ url: `${server.url}/metz/` }).memberMap())
    expect(server.requests.map(({ path }) => path)).toEqual(['/metz/api/mac'])
  })
})

describe('is tried again', () => {
  const passing: [string, Fault][] = [
    ['a connection that was closed', 'drop'],
    ['500', { status: 500 }],
    ['500 after storing', 'store-then-500'],
    ['no answer after storing', 'store-then-drop'],
    ['an answer cut short', 'cut'],
    ['502 as a page', { status: 502, body: '<h1>Bad Gateway</h1>' }],
    ['429', { status: 429 }],
    ["a captive portal's page", { status: 200, body: '<h1>Welcome</h1>' }],
    ['an empty 204', { status: 204, body: '' }],
  ]

  test.each(passing)('%s: a post', async (_, fault) => {
    server.setFaults(({ number }) => (number <= RETRIES ? fault : undefined))
    await tickets().postPresence(PRESENCE)
    expect(server.state.amount(PRESENCE.email, DAY)).toBe(0.5)
    expect(server.requests).toHaveLength(RETRIES + 1)
    expect(slept).toEqual([250, 500])
  })

  test.each(passing)('%s: the member map', async (_, fault) => {
    server.setFaults(({ number }) => (number <= RETRIES ? fault : undefined))
    expect((await tickets().memberMap()).split('\n')).toHaveLength(CONTRACT_MEMBERS.length)
  })

  test.each(passing)('%s: and given up after the last attempt', async (_, fault) => {
    server.setFaults(() => fault)
    const { kind, message } = await failure(tickets().postPresence(PRESENCE))
    expect(kind).toBe('unreachable')
    expect(message).toMatch(
      /^Can't post 0\.5 for ana@example\.org on 2026-11-22: http.*\(tried 3 times\); .*/,
    )
    expect(server.requests).toHaveLength(RETRIES + 1)
  })

  test('as late as the server asks, not later than a cap', async () => {
    const waits = ['7', '86400']
    server.setFaults(({ number }) => {
      const wait = waits[number - 1]
      return wait === undefined ? undefined : { status: 503, headers: { 'Retry-After': wait } }
    })
    await tickets().postPresence(PRESENCE)
    expect(slept).toEqual([7000, 30_000])
  })

  test('when the server comes back', async () => {
    await server.pause()
    const sleep = async (ms: number) => {
      slept.push(ms)
      if (slept.length === RETRIES) await server.resume()
    }
    await tickets({ sleep }).postPresence(PRESENCE)
    expect(server.state.amount(PRESENCE.email, DAY)).toBe(0.5)
  })

  test('when an idle connection was closed by the server', async () => {
    const client = tickets()
    await client.memberMap()
    await server.pause()
    await server.resume()
    await client.memberMap()
    expect(server.requests).toHaveLength(2)
  })
})

describe('silence is given up', () => {
  /** Time runs out when the request has arrived: no test waits for it. */
  function outOfTime() {
    const waiting: AbortController[] = []
    return {
      timeoutSignal: () => {
        const controller = new AbortController()
        waiting.push(controller)
        return controller.signal
      },
      expire: () => waiting.pop()?.abort(new DOMException('too late', 'TimeoutError')),
    }
  }

  test('before the answer', async () => {
    const { timeoutSignal, expire } = outOfTime()
    server.setFaults(({ number }) => {
      if (number > 1) return undefined
      expire()
      return 'hang'
    })
    await tickets({ timeoutSignal }).postPresence(PRESENCE)
    expect(server.requests).toHaveLength(2)
  })

  test('half-way through the answer', async () => {
    const { timeoutSignal, expire } = outOfTime()
    server.setFaults(({ number }) => (number === 1 ? 'hang-body' : undefined))
    const fetchAndExpire: typeof fetch = async (...request) => {
      const response = await fetch(...request)
      if (server.requests.length === 1) expire()
      return response
    }
    await tickets({ timeoutSignal, fetch: fetchAndExpire }).postPresence(PRESENCE)
    expect(server.requests).toHaveLength(2)
  })

  test('for good: the message says how long it waited', async () => {
    const { timeoutSignal, expire } = outOfTime()
    server.setFaults(() => {
      expire()
      return 'hang'
    })
    const { message } = await failure(
      tickets({ timeoutSignal, timeoutMs: 1500 }).postPresence(PRESENCE),
    )
    expect(message).toContain('gave no whole answer within 1.5 s (tried 3 times)')
  })
})

describe('may have been stored', () => {
  test('what was refused only after an answer that was lost', async () => {
    server.setFaults(({ number }) => (number === 1 ? 'store-then-500' : { status: 400 }))
    const { kind, status } = await failure(tickets().postPresence(PRESENCE))
    expect({ kind, status }).toEqual({ kind: 'unreachable', status: 400 })
  })

  test('what was tried once, without an answer', async () => {
    server.setFaults(() => 'store-then-drop')
    const { kind } = await failure(tickets({ retries: 0 }).postPresence(PRESENCE))
    expect(kind).toBe('unreachable')
  })
})

test('silence is given up by the real clock, too', async () => {
  server.setFaults(() => 'hang')
  const { message } = await failure(tickets({ retries: 0, timeoutMs: 20 }).memberMap())
  expect(message).toContain('gave no whole answer within 0.02 s; check')
})

describe('is refused at once', () => {
  test('a key that is not accepted', async () => {
    const { kind, status, message } = await failure(tickets({ token: 'wrong' }).memberMap())
    expect({ kind, status }).toEqual({ kind: 'refused', status: 401 })
    expect(message).toBe(
      `Can't fetch the member map: ${server.url} answered 401 "Invalid API key"; TICKET_BACKEND_TOKEN is not accepted: set a key the ticket server knows`,
    )
    expect(server.requests).toHaveLength(1)
  })

  test('a member who is unknown', async () => {
    const presence = { ...PRESENCE, email: 'Ana@example.org' }
    const { kind, message } = await failure(tickets().postPresence(presence))
    expect(kind).toBe('refused')
    expect(message).toContain('answered 404 "Member not found"; the e-mail must be')
  })

  test('a wrong address, told from an unknown member', async () => {
    const { message } = await failure(tickets({ url: `${server.url}/api` }).postPresence(PRESENCE))
    expect(message).toContain('answered 404; a page instead of JSON means a wrong address')
    expect(message).toContain('TICKET_BACKEND_URL')
  })

  test.each([301, 302, 303, 307, 308])('a redirect (%i)', async (status) => {
    server.setFaults(() => ({ status, headers: { Location: 'https://new.example.org/x?key=1' } }))
    const { kind, message } = await failure(tickets().postPresence(PRESENCE))
    expect(kind).toBe('refused')
    expect(message).toContain(`a redirect to https://new.example.org/x;`)
    expect(message).toContain('set TICKET_BACKEND_URL')
    expect(server.requests).toHaveLength(1)
  })

  test('a redirect to an address that repeats the token does not show it', async () => {
    const token = 'a {secret} token'
    const location = `https://login.example.org/${token}/x`
    server.setFaults(() => ({ status: 302, headers: { Location: location } }))
    const { message } = await failure(tickets({ token }).postPresence(PRESENCE))
    expect(message).toContain('a redirect to https://login.example.org/…/x;')
  })

  test.each([400, 403, 408, 409, 413, 418])('%i', async (status) => {
    server.setFaults(() => ({ status }))
    const error = await failure(tickets().postPresence(PRESENCE))
    expect({ kind: error.kind, status: error.status }).toEqual({ kind: 'refused', status })
    expect(server.requests).toHaveLength(1)
  })

  test.each([
    '',
    'tickets.example.org',
    'ftp://example.org',
    'https://me:secret@example.org',
    'https://example.org/?key=secret',
    'https://example.org/#secret',
  ])('the address "%s", with nothing sent', (url) => {
    expect(() => tickets({ url })).toThrow(/^TICKET_BACKEND_URL is not(?!.*secret)/)
  })

  test.each(['', 'token\n', ' token', 'tök€n'])('the key %j, with nothing sent', (token) => {
    expect(() => tickets({ token })).toThrow(/^TICKET_BACKEND_TOKEN (?!.*(token|tök))/)
  })
})

test.each<[string, Fault]>([
  ['401', { status: 401, body: JSON.stringify({ message: `No ${STAND_IN_KEY}` }) }],
  ['500', { status: 500, body: JSON.stringify({ message: `No\n${STAND_IN_KEY}\n!` }) }],
  ['400', { status: 400, body: JSON.stringify({ message: 'Invalid AA:BB:CC:DD:EE:FF' }) }],
  ['200', { status: 200, headers: { 'Content-Type': STAND_IN_KEY }, body: STAND_IN_KEY }],
])('a message is one line, without key or whole MAC: %s', async (_, fault) => {
  const headers = { 'Content-Type': 'application/json' }
  server.setFaults(() => ({ headers, ...(fault as { status: number }) }))
  const { message } = await failure(tickets().postPresence(PRESENCE))
  expect(message).not.toContain(STAND_IN_KEY)
  expect(message).not.toContain('BB:CC:DD')
  expect(message).not.toContain('\n')
})

test('the network is named as the cause, and kept', async () => {
  await server.pause()
  const error = await failure(tickets().memberMap())
  expect(error.message).toContain('ECONNREFUSED')
  expect(error.message).toContain('check TICKET_BACKEND_URL and the network')
  expect(error.cause).toBeInstanceOf(Error)
  await server.resume()
})

describe('setting a day', () => {
  test.each<[string, Fault | undefined, string[], number | undefined]>([
    ['that the server does not have is adding it', undefined, ['PUT', 'POST'], 0.5],
    ['that it refuses to change is not adding it', { status: 403 }, ['PUT'], undefined],
  ])('%s', async (_, fault, methods, value) => {
    server.setFaults(({ method }) => (method === 'PUT' ? fault : undefined))
    const { email } = PRESENCE
    const setting = tickets().setDay({ email, day: DAY, value: 0.5, comment: 'noon' })
    await (fault ? expect(setting).rejects.toThrow(TicketsError) : setting)
    const sent = server.requests.filter(({ path }) => path.includes('/activity'))
    expect(sent.map(({ method }) => method)).toEqual(methods)
    expect(server.state.amount(email, DAY)).toBe(value)
  })
})

describe('an answer that is too large', () => {
  /** A server that sends `chunk` again and again, as long as somebody reads. */
  function endless(chunk: string, contentType: string) {
    const sent = { chunks: 0, answers: 0, ended: 0 }
    const fetch = async () => {
      sent.answers += 1
      const body = new ReadableStream({
        pull: (controller) => {
          sent.chunks += 1
          controller.enqueue(Buffer.from(chunk))
        },
        cancel: () => {
          sent.ended += 1
        },
      })
      return new Response(body, { headers: { 'content-type': contentType } })
    }
    return { fetch, sent }
  }

  test.each([
    ['a list', LIMITS.ticketListBytes, 'application/json', 'members'],
    ['the member map', LIMITS.ticketListBytes, 'text/csv', 'memberMap'],
    ['to a post', LIMITS.answerBytes, 'text/plain', 'postPresence'],
  ] as const)(
    '%s is given up, its connection ended, nothing taken of it',
    async (_, most, type, ask) => {
      const { fetch, sent } = endless('x'.repeat(most / 16), type)
      const asking = tickets({ fetch })
      const asked = ask === 'postPresence' ? asking.postPresence(PRESENCE) : asking[ask]()
      const { kind, message } = await failure(asked)
      expect(message).toContain(`answered 200, but with more than ${most} bytes`)
      // A post may have been stored.
      expect(kind).toBe('unreachable')
      expect(sent).toMatchObject({ answers: RETRIES + 1, ended: RETRIES + 1 })
      expect(sent.chunks).toBeLessThanOrEqual((RETRIES + 1) * 18)
    },
  )

  test('a list of more rows than a space can have is not believed', async () => {
    const rows = LIMITS.ticketListRows + 1
    const fetch = async () => Response.json(Array.from({ length: rows }, () => 0))
    const { message } = await failure(tickets({ fetch }).members())
    expect(message).toContain(`answered 200, but with a list of ${rows} rows`)
  })
})
