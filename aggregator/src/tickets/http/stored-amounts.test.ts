/** What the server has stored for a member, when its answers are not what they should be. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../../testing/stand-ins/tickets/faults.ts'
import {
  STAND_IN_KEY,
  startTicketServer,
  type TicketServer,
} from '../../../testing/stand-ins/tickets/ticket-server.ts'
import { createHttpTickets } from '../http-tickets.ts'

const ANA = 'ana@example.org'
const BOB = 'bob@example.org'

let server: TicketServer
let faults: string[]
beforeEach(async () => {
  faults = []
  server = await startTicketServer({
    members: [
      { id: 'ana', email: ANA },
      { id: 'b/b', email: BOB },
      { id: 'eve', email: '' },
    ],
  })
})
afterEach(() => server.close())

const tickets = (token = STAND_IN_KEY) =>
  createHttpTickets({
    url: server.url,
    token,
    retries: 1,
    sleep: async () => {},
    onFault: (fault) => faults.push(fault),
  })
const store = (email: string, day: string) =>
  server.state.storePost(server.state.member(email), day, 1)
const paths = () => server.requests.map(({ path }) => path)

test('days that a subscription pays for are there, too', async () => {
  server.state.member(ANA).subscriptionDays.push('2026-01-05')
  store(ANA, '2026-01-05')
  store(ANA, '2026-01-06')
  expect(Object.fromEntries(await tickets().storedAmounts(ANA))).toEqual({
    '2026-01-05': 1,
    '2026-01-06': 1,
  })
})

test('a day that no calendar has is left out, and reported', async () => {
  store(ANA, '2026-02-30')
  store(ANA, '2026-03-01')
  expect([...(await tickets().storedAmounts(ANA)).keys()]).toEqual(['2026-03-01'])
  expect(faults).toEqual([
    'The ticket server has 2026-02-30 for ana@example.org, a day no calendar has: it is left out; correct it at the ticket server',
  ])
})

describe('the list of members', () => {
  test('is asked for once, by many at the same time and later', async () => {
    const client = tickets()
    await Promise.all([client.storedAmounts(ANA), client.storedAmounts(ANA)])
    await client.storedAmounts(ANA)
    expect(paths().sort()).toEqual([
      '/api/members',
      '/api/members/ana/activity',
      '/api/members/ana/activity',
      '/api/members/ana/activity',
    ])
  })

  test('is asked for again for a member who joined since', async () => {
    const client = tickets()
    await client.storedAmounts(ANA)
    server.state.addMember({ id: 'new', email: 'new@example.org' })
    await client.storedAmounts('new@example.org')
    expect(paths().filter((path) => path === '/api/members')).toHaveLength(2)
  })

  test('is asked for anew where it is to be that of now; a member may have no e-mail', async () => {
    const client = tickets()
    expect(await client.members()).toEqual([
      { id: 'ana', email: ANA },
      { id: 'b/b', email: BOB },
      { id: 'eve', email: '' },
    ])
    server.state.addMember({ id: 'new', email: 'new@example.org' })
    expect(await client.members()).toHaveLength(4)
  })

  test('is never empty', async () => {
    const headers = { 'Content-Type': 'application/json' }
    server.setFaults(() => ({ status: 200, headers, body: '[]' }))
    await expect(tickets().members()).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(
        "Can't list the members: the ticket server says it has none",
      ),
    })
  })

  test('is asked for again after it failed', async () => {
    const client = tickets()
    server.setFaults(() => ({ status: 403 }))
    await expect(client.storedAmounts(ANA)).rejects.toMatchObject({ status: 403 })
    server.setFaults(undefined)
    expect(await client.storedAmounts(ANA)).toEqual(new Map())
  })

  test('may have ids that are no part of an address', async () => {
    await expect(tickets().storedAmounts(BOB)).rejects.toMatchObject({ status: 404 })
    expect(paths()).toContain('/api/members/b%2Fb/activity')
  })
})

describe('are refused, in words', () => {
  const asJson = (body: string): Fault => ({
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body,
  })

  test('an e-mail that no member has now', async () => {
    await expect(tickets().storedAmounts('old@example.org')).rejects.toMatchObject({
      kind: 'refused',
      message:
        "Can't read the stored days of old@example.org: no member has this e-mail now, letter for letter; it may have been changed: look at the members at the ticket server",
    })
  })

  test('no e-mail: it is not that of a member who has none', async () => {
    await expect(tickets().storedAmounts('')).rejects.toMatchObject({ kind: 'refused' })
    expect(server.requests).toEqual([])
  })

  test('a key that is not accepted', async () => {
    await expect(tickets('wrong').storedAmounts(ANA)).rejects.toMatchObject({ status: 401 })
    expect(server.requests).toHaveLength(1)
  })

  test.each([
    '[{"type":"ticket","date":"2026-01-05"}]',
    '[{"type":"ticket","date":"2026-01-05","value":"1"}]',
    '[{"type":"ticket","date":"5 January","value":1}]',
    '[null]',
  ])('days in another shape: %s', async (body) => {
    server.setFaults(({ path }) => (path.endsWith('activity') ? asJson(body) : undefined))
    await expect(tickets().storedAmounts(ANA)).rejects.toMatchObject({
      name: 'TicketsError',
      kind: 'refused',
      message: expect.stringMatching(
        /^Can't read the stored days of ana@example\.org: the answer is not what .*\(0.*\); its API has changed/,
      ),
    })
  })

  test.each<[string, Fault]>([
    ['a page', { status: 200, body: '<h1>Welcome</h1>' }],
    ['an object', asJson('{"date":"2026-01-05"}')],
  ])('%s is not "no days"', async (_, fault) => {
    server.setFaults(({ path }) => (path.endsWith('activity') ? fault : undefined))
    await expect(tickets().storedAmounts(ANA)).rejects.toMatchObject({ kind: 'unreachable' })
    expect(server.requests).toHaveLength(3)
  })
})
