/** The audit when the server, or what stands before it, does not answer as it should. */
import { type LocalDay, parseLocalDay } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../../testing/stand-ins/tickets/faults.ts'
import {
  STAND_IN_KEY,
  startTicketServer,
  type TicketServer,
} from '../../../testing/stand-ins/tickets/ticket-server.ts'
import { createHttpTickets, type HttpTicketsOptions } from '../http-tickets.ts'

const FROM = parseLocalDay('2026-03-01') as LocalDay
const ANA = 'ana@example.org'
const BOB = 'bob@example.org'
const GONE = 'gone@example.org'
const BOSS = { _id: 'boss', name: 'Boss', email: 'boss@example.org' }
const RETRIES = 2
const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' }

let server: TicketServer
let now: string
let slept: number
beforeEach(async () => {
  now = '2026-03-10T12:00:00.000Z'
  slept = 0
  server = await startTicketServer({
    members: [
      { id: 'ana', email: ANA },
      { id: 'bob', email: BOB },
      { id: 'gone', email: GONE },
      { id: BOSS._id, email: BOSS.email },
    ],
    clock: () => new Date(now),
  })
})
afterEach(() => server.close())

const trail = (from = FROM, options: Partial<HttpTicketsOptions> = {}) =>
  tickets(options).auditTrail(from)

function tickets(options: Partial<HttpTicketsOptions> = {}) {
  return createHttpTickets({
    url: server.url,
    token: STAND_IN_KEY,
    retries: RETRIES,
    random: () => 0,
    sleep: async () => {
      slept += 1
    },
    now: () => new Date(now),
    ...options,
  })
}

/** A person's edit at an instant; its comment is the instant. */
function correct(email: string, instant: string, author?: typeof BOSS) {
  now = instant
  server.state.correctDay({
    email,
    date: '2026-01-05',
    value: 0.5,
    comment: instant,
    ...(author && { author }),
  })
}

const paths = () => server.requests.map(({ path }) => path)

test('one request, up to a day that is over nowhere on earth', async () => {
  await trail()
  await trail('2026-04-01' as LocalDay)
  expect(server.requests.map(({ path, query }) => [path, query])).toEqual([
    ['/api/audit', { from: '2026-03-01', to: '2026-03-12' }],
    ['/api/audit', { from: '2026-04-01', to: '2026-04-03' }],
  ])
})

test('thousands of events, in one request', async () => {
  const edits = Array.from({ length: 5000 }, (_, index) =>
    new Date(Date.parse('2026-03-01') + index * 60_000).toISOString(),
  )
  for (const instant of edits) correct(ANA, instant)
  const { corrections, faults } = await trail()
  expect(corrections.map(({ comment }) => comment)).toEqual(edits)
  expect(faults).toEqual([])
  expect(server.requests).toHaveLength(1)
})

describe('a member who is no more', () => {
  test('costs no event of the others, and no patience', async () => {
    correct(ANA, '2026-02-28T12:00:00.000Z')
    correct(ANA, '2026-03-02T12:00:00.000Z')
    correct(BOB, '2026-03-03T12:00:00.000Z', BOSS)
    correct(GONE, '2026-03-04T12:00:00.000Z')
    correct(ANA, '2026-03-05T12:00:00.000Z')
    server.state.removeMember(GONE)
    const { corrections, faults } = await trail()
    expect(corrections.map(({ email, comment }) => `${email} ${comment}`)).toEqual([
      `${ANA} 2026-03-02T12:00:00.000Z`,
      `${BOB} 2026-03-03T12:00:00.000Z`,
      `${ANA} 2026-03-05T12:00:00.000Z`,
    ])
    expect(faults).toEqual([])
    expect(slept).toBe(0)
    expect(paths().sort()).toEqual([
      '/api/audit',
      '/api/members',
      '/api/members/ana/audit',
      '/api/members/bob/audit',
      '/api/members/boss/audit',
    ])
  })

  test('whom a person corrected: that person is corrected on other days all the same', async () => {
    correct(BOSS.email, '2026-03-03T23:59:59.000Z')
    correct(GONE, '2026-03-04T12:00:00.000Z', BOSS)
    correct(BOSS.email, '2026-03-05T00:00:00.000Z', BOSS)
    correct(ANA, '2026-03-04T13:00:00.000Z', BOSS)
    now = '2026-03-10T12:00:00.000Z'
    server.state.removeMember(GONE)
    const { corrections, faults } = await trail()
    expect(corrections.map(({ email, comment }) => `${email} ${comment}`)).toEqual([
      `${BOSS.email} 2026-03-03T23:59:59.000Z`,
      `${ANA} 2026-03-04T13:00:00.000Z`,
      `${BOSS.email} 2026-03-05T00:00:00.000Z`,
    ])
    expect(faults).toEqual([
      expect.stringMatching(
        /^Can't read what was done on 2026-03-04 to boss@example\.org: the ticket server fails .*; look at/,
      ),
    ])
    expect(slept).toBe(0)
  })

  test.each(['01', '02', '03', '04', '05', '06', '07', '08', '09', '10'])(
    'on March %s: of the person who did it, no other day is lost, wherever the halves fall',
    async (bad) => {
      const days = Array.from(
        { length: 10 },
        (_, day) => `2026-03-${String(day + 1).padStart(2, '0')}`,
      )
      const instants = days.map((day) => `${day}T12:00:00.000Z`)
      for (const instant of instants) correct(BOSS.email, instant)
      correct(GONE, `2026-03-${bad}T13:00:00.000Z`, BOSS)
      now = '2026-03-10T14:00:00.000Z'
      server.state.removeMember(GONE)
      const { corrections, faults, unsure } = await trail()
      expect(corrections.map(({ comment }) => comment)).toEqual(
        instants.filter((instant) => !instant.startsWith(`2026-03-${bad}`)),
      )
      expect(faults).toEqual([expect.stringContaining(`what was done on 2026-03-${bad} to`)])
      expect(unsure).toEqual([BOSS.email])
    },
  )

  test('on the first and on the last day of the period', async () => {
    correct(GONE, `${FROM}T00:00:00.000Z`, BOSS)
    correct(BOSS.email, '2026-03-02T12:00:00.000Z')
    correct(GONE, '2026-03-10T12:00:00.000Z', BOSS)
    server.state.removeMember(GONE)
    const { corrections, faults } = await trail()
    expect(corrections).toHaveLength(1)
    expect(faults.map((fault) => /\d{4}-\d\d-\d\d/.exec(fault)?.[0])).toEqual([FROM, '2026-03-10'])
  })

  test('found out by words that the server never used: after some patience', async () => {
    correct(ANA, '2026-03-02T12:00:00.000Z')
    const body = JSON.stringify({ status: 500, message: 'Unexpected' })
    server.setFaults(({ path }) =>
      path === '/api/audit' ? { status: 500, headers: JSON_TYPE, body } : undefined,
    )
    expect((await trail()).corrections).toHaveLength(1)
    expect(slept).toBe(RETRIES)
  })
})

describe('the corrections of a few', () => {
  const PERIOD = { from: '2026-03-01', to: '2026-03-12' }

  test('one request, as for all', async () => {
    correct(ANA, '2026-03-02T12:00:00.000Z')
    now = '2026-03-10T12:00:00.000Z'
    const { corrections, unsure } = await tickets().correctionsOf([ANA], FROM)
    expect(corrections.map(({ email }) => email)).toEqual([ANA])
    expect(unsure).toBeUndefined()
    expect(server.requests.map(({ path, query }) => [path, query])).toEqual([
      ['/api/audit', PERIOD],
    ])
  })

  test('while a member who is no more breaks the whole: theirs alone are asked for', async () => {
    correct(ANA, '2026-03-02T12:00:00.000Z')
    correct(BOB, '2026-03-03T12:00:00.000Z')
    correct(GONE, '2026-03-04T12:00:00.000Z')
    server.state.removeMember(GONE)
    const { corrections, unsure } = await tickets().correctionsOf([ANA, GONE], FROM)
    expect(corrections.map(({ email }) => email)).toEqual([ANA])
    expect(unsure).toBeUndefined()
    expect(paths()).toEqual(['/api/audit', '/api/members', '/api/members/ana/audit'])
  })

  test('of whom one corrected that member: those may be missing, as may what is not understood', async () => {
    correct(ANA, '2026-03-02T12:00:00.000Z')
    correct(BOSS.email, '2026-03-03T12:00:00.000Z')
    correct(GONE, '2026-03-04T12:00:00.000Z', BOSS)
    server.state.removeMember(GONE)
    const ask = () => tickets().correctionsOf([ANA, BOB, BOSS.email], FROM)
    expect(await ask()).toMatchObject({ corrections: [{ email: ANA }], unsure: [BOSS.email] })
    // It names nobody: it may be about whoever was asked for.
    const event = { action: 'MEMBER_ACTIVITY_ADD' }
    server.setFaults(({ path }) =>
      path === '/api/members/bob/audit'
        ? { status: 200, headers: JSON_TYPE, body: JSON.stringify([event]) }
        : undefined,
    )
    expect(await ask()).toMatchObject({ unsure: ['', BOSS.email] })
  })
})

describe('can not be read', () => {
  const page: Fault = { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<h1>Hi</h1>' }
  const asJson = (body: string): Fault => ({ status: 200, headers: JSON_TYPE, body })

  test.each<[string, Fault]>([
    ['a page with 200', page],
    ['JSON, and called a page', { ...page, body: '[]' }],
    ['an object', asJson('{}')],
    ['null', asJson('null')],
    ['nothing', asJson('')],
    ['half a list', asJson('[{"action":')],
    ['an answer cut short', 'cut'],
    ['no answer', 'drop'],
    ['502', { status: 502, body: '<h1>Bad Gateway</h1>' }],
  ])('for good: %s is no empty audit', async (_, fault) => {
    server.setFaults(() => fault)
    await expect(trail()).rejects.toMatchObject({
      name: 'TicketsError',
      kind: 'unreachable',
      message: expect.stringMatching(
        /^Can't read the audit trail since 2026-03-01: http.*\(tried 3 times\); .+/,
      ),
    })
    expect(server.requests).toHaveLength(RETRIES + 1)
  })

  test.each<[string, Fault]>([
    ['a page with 200', page],
    ['an answer cut short', 'cut'],
    ['503', { status: 503 }],
  ])('at first, and then can: %s', async (_, fault) => {
    correct(ANA, '2026-03-02T12:00:00.000Z')
    server.setFaults(({ number }) => (number === 1 ? fault : undefined))
    expect((await trail()).corrections).toHaveLength(1)
  })

  test('in time', async () => {
    const waiting: AbortController[] = []
    const timeoutSignal = () => {
      const controller = new AbortController()
      waiting.push(controller)
      return controller.signal
    }
    server.setFaults(() => {
      waiting.pop()?.abort(new DOMException('too late', 'TimeoutError'))
      return 'hang'
    })
    await expect(trail(FROM, { timeoutSignal, timeoutMs: 1500 })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('gave no whole answer within 1.5 s (tried 3 times)'),
    })
  })

  test.each([401, 403])('with this key (%i): refused at once', async (status) => {
    server.setFaults(() => ({ status }))
    await expect(trail()).rejects.toMatchObject({ kind: 'refused', status })
    expect(server.requests).toHaveLength(1)
  })

  test.each<[string, string, Fault]>([
    ['members', '/api/members', { status: 500 }],
    ['members: a page', '/api/members', page],
    ['members: none at all', '/api/members', asJson('[]')],
    ['members: another shape', '/api/members', asJson('[{"id":"ana"}]')],
    ["a member's own trail", '/api/members/bob/audit', { status: 503 }],
    ["a member's own trail: a page", '/api/members/bob/audit', page],
  ])('nor member by member, for want of the %s', async (_, failing, fault) => {
    correct(GONE, '2026-03-04T12:00:00.000Z')
    server.state.removeMember(GONE)
    server.setFaults(({ path }) => (path === failing ? fault : undefined))
    await expect(trail()).rejects.toMatchObject({
      name: 'TicketsError',
      message: expect.stringMatching(/^Can't (list the members|read the audit trail of bob).*; .+/),
    })
  })

  test('of anybody: that is no empty audit either', async () => {
    server.setFaults(({ path }) => (path.endsWith('/audit') ? { status: 500 } : undefined))
    await expect(trail()).rejects.toMatchObject({
      name: 'TicketsError',
      message: expect.stringMatching(/^Can't read the audit trail of .*answered 500/),
    })
  })
})
