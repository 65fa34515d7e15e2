import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Fault } from './faults.ts'
import { STAND_IN_KEY, startTicketServer, type TicketServer } from './ticket-server.ts'

const ANA = 'ana@example.org'
const DAY = '2026-01-05'

let server: TicketServer
beforeEach(async () => {
  server = await startTicketServer({ members: [{ email: ANA }] })
})
afterEach(() => server.close())

const post = (signal?: AbortSignal) =>
  fetch(`${server.url}/api/presence`, {
    method: 'POST',
    headers: { Authorization: `Token ${STAND_IN_KEY}` },
    body: new URLSearchParams({ email: ANA, date: DAY, amount: '1' }),
    ...(signal && { signal }),
  })

test.each<[Fault, number, boolean]>([
  [{ status: 503 }, 503, false],
  [{ status: 200, body: '<h1>Welcome</h1>' }, 200, false],
  ['store-then-500', 500, true],
  [{ delayMs: 1 }, 200, true],
])('%j: %i, stored: %s', async (fault, status, stored) => {
  server.setFaults(() => fault)
  expect((await post()).status).toBe(status)
  expect(server.state.amount(ANA, DAY) === 1).toBe(stored)
  expect(server.posts.map((each) => each.stored)).toEqual([stored])
})

test.each<[Fault, boolean]>([
  ['drop', false],
  ['store-then-drop', true],
  ['cut', true],
])('%s: no whole answer, stored: %s', async (fault, stored) => {
  server.setFaults(() => fault)
  await expect(post().then((response) => response.text())).rejects.toThrow()
  expect(server.state.amount(ANA, DAY) === 1).toBe(stored)
})

test('hang: stored, and never answered', async () => {
  const giveUp = new AbortController()
  server.setFaults(() => {
    giveUp.abort()
    return 'hang'
  })
  await expect(post(giveUp.signal)).rejects.toThrow()
  expect(server.requests).toHaveLength(1)
})

test('hang-body: the answer begins and never ends', async () => {
  const giveUp = new AbortController()
  server.setFaults(() => 'hang-body')
  const response = await post(giveUp.signal)
  giveUp.abort()
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow()
})

test('a fault is chosen by the request, its number included, and can be taken away', async () => {
  server.setFaults(({ number, path, params }) =>
    number === 1 && path === '/api/presence' && params.email === ANA ? { status: 429 } : undefined,
  )
  expect((await post()).status).toBe(429)
  expect((await post()).status).toBe(200)
  server.setFaults(() => ({ status: 500 }))
  server.setFaults(undefined)
  expect((await post()).status).toBe(200)
})

test('paused, nobody listens; resumed, the same port does', async () => {
  await post()
  await server.pause()
  await expect(post()).rejects.toThrow('fetch failed')
  await server.resume()
  expect((await post()).status).toBe(200)
  expect(server.requests).toHaveLength(2)
})
