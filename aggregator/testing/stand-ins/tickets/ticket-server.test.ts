/** The stand-in against what was observed on the real server, case by case. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { STAND_IN_KEY, startTicketServer, type TicketServer } from './ticket-server.ts'

const MAC_1 = 'AA:AA:AA:AA:AA:01'
const ANA = { email: 'ana@example.org', firstName: 'Ana', lastName: 'Martin', macs: [MAC_1] }
const BOB = {
  email: 'bob+desk@example.org',
  firstName: 'Bob',
  lastName: 'Ünal',
  macs: ['aa:aa:aa:aa:aa:02', 'AA:AA:AA:AA:AA:03'],
}
const EVE = { email: '', firstName: 'Eve', lastName: 'Nomail', macs: ['AA:AA:AA:AA:AA:04'] }

let server: TicketServer
beforeEach(async () => {
  server = await startTicketServer({ members: [ANA, BOB, EVE] })
})
afterEach(() => server.close())

const HEADER = { Authorization: `Token ${STAND_IN_KEY}` }
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

async function ask(method: string, path: string, body?: string, headers: object = HEADER) {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...(body !== undefined && FORM), ...headers },
    ...(body !== undefined && { body }),
  })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    keepAlive: response.headers.get('keep-alive'),
    body: await response.text(),
  }
}

const jsonError = (status: number, message: string) => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify({ status, message }),
})

describe('the key', () => {
  const wrong = { Authorization: 'Token wrong' }
  const bearer = { Authorization: 'Bearer something' }
  test.each<[string, object, string, string, number]>([
    ['in the header', HEADER, '', '', 200],
    ['in the body', {}, `key=${STAND_IN_KEY}`, '', 200],
    ['in the query', {}, '', `?key=${STAND_IN_KEY}`, 200],
    ['in the body, the header being of another kind', bearer, `key=${STAND_IN_KEY}`, '', 200],
    ['right in the body, wrong in the header', wrong, `key=${STAND_IN_KEY}`, '', 401],
    ['right in the query, wrong in the header', wrong, '', `?key=${STAND_IN_KEY}`, 401],
    ['right in the query, wrong in the body', {}, 'key=wrong', `?key=${STAND_IN_KEY}`, 401],
    ['right in the header, wrong elsewhere', HEADER, 'key=wrong', '?key=wrong', 200],
    ['nowhere', {}, '', '', 401],
  ])('%s', async (_, headers, body, query, status) => {
    const answer = await ask('POST', `/api/mac${query}`, body, headers)
    expect(answer.status).toBe(status)
    if (status === 401) expect(answer).toMatchObject(jsonError(401, 'Invalid API key'))
  })

  test.each([
    ['POST', '/api/presence'],
    ['POST', '/api/heartbeat'],
    ['GET', '/api/members'],
    ['GET', '/api/members/member1/activity'],
    ['GET', '/api/members/member1/audit'],
    ['GET', '/api/audit'],
  ])('is wanted by %s %s', async (method, path) => {
    const body = method === 'POST' ? 'email=ana@example.org' : undefined
    expect(await ask(method, path, body, {})).toMatchObject(jsonError(401, 'Invalid API key'))
  })
})

test.each([
  ['GET', '/api/mac'],
  ['GET', '/api/presence'],
  ['PUT', '/api/presence'],
  ['POST', '/api/members'],
  ['POST', '/api/api/mac'],
  ['GET', '/'],
])('%s %s is a page that says 404', async (method, path) => {
  const answer = await ask(method, path, method === 'GET' ? undefined : '', {})
  expect(answer).toMatchObject({ status: 404, type: 'text/html; charset=utf-8' })
  expect(answer.body).toContain(`Cannot ${method} ${path}`)
})

test.each([
  [102_400, 404],
  [102_401, 413],
])('a body of %i bytes gets %i', async (bytes, status) => {
  const body = `email=${'x'.repeat(bytes - 'email='.length)}`
  expect((await ask('POST', '/api/presence', body)).status).toBe(status)
})

test('connections are kept for five seconds', async () => {
  expect((await ask('POST', '/api/mac')).keepAlive).toBe('timeout=5')
})

describe('the member map', () => {
  test('is text/csv with tabs, no header, no line feed at the end, and MACs in upper case', async () => {
    expect(await ask('POST', '/api/mac')).toMatchObject({
      status: 200,
      type: 'text/csv; charset=utf-8',
      body: [
        'AA:AA:AA:AA:AA:01\tana@example.org\tAna\tMartin',
        'AA:AA:AA:AA:AA:02\tbob+desk@example.org\tBob\tÜnal',
        'AA:AA:AA:AA:AA:03\tbob+desk@example.org\tBob\tÜnal',
        'AA:AA:AA:AA:AA:04\t\tEve\tNomail',
      ].join('\n'),
    })
  })

  test('is empty without devices', async () => {
    for (const member of server.state.members) member.macs = []
    expect(await ask('POST', '/api/mac')).toMatchObject({ status: 200, body: '' })
  })

  test("is today's, whatever date is asked for", async () => {
    const today = await ask('POST', '/api/mac')
    expect(await ask('POST', '/api/mac', 'date=2020-01-01')).toEqual(today)
  })

  test("a device that changed hands is simply the new member's", async () => {
    server.state.moveDevice(MAC_1, ANA.email, BOB.email)
    const { body } = await ask('POST', '/api/mac')
    expect(body.split('\n').filter((row) => row.startsWith(MAC_1))).toEqual([
      `${MAC_1}\tbob+desk@example.org\tBob\tÜnal`,
    ])
  })

  test('shuffled, keeps its rows and its groups, and differs from time to time', async () => {
    const members = Array.from({ length: 9 }, (_, index) => ({
      email: `m${index}@example.org`,
      macs: [`AA:AA:AA:AA:AA:1${index}`, `AA:AA:AA:AA:AA:2${index}`],
    }))
    const shuffled = await startTicketServer({ members, shuffleSeed: 7 })
    const maps: string[][] = []
    for (let time = 0; time < 2; time += 1) {
      const response = await fetch(`${shuffled.url}/api/mac`, { method: 'POST', headers: HEADER })
      maps.push((await response.text()).split('\n'))
    }
    await shuffled.close()
    const [first = [], second = []] = maps
    expect(first).not.toEqual(second)
    expect([...first].sort()).toEqual([...second].sort())
    const owners = first.map((row) => row.split('\t')[1])
    expect(new Set(owners.filter((owner, index) => owner !== owners[index - 1])).size).toBe(9)
    expect(owners.filter((owner, index) => owner !== owners[index - 1])).toHaveLength(9)
  })
})

describe('a presence', () => {
  const day = '2026-01-05'
  const post = (fields: string) => ask('POST', '/api/presence', fields)
  const amount = (email = ANA.email) => server.state.amount(email, day)

  test('is stored and answered by OK', async () => {
    expect(await post(`email=ana@example.org&date=${day}&amount=0.5`)).toMatchObject({
      status: 200,
      type: 'text/plain; charset=utf-8',
      body: 'OK',
    })
    expect(amount()).toBe(0.5)
    expect(server.posts).toEqual([{ email: ANA.email, date: day, amount: '0.5', stored: true }])
  })

  test.each([
    ['', 400, 'Missing email'],
    [`date=${day}&amount=1`, 400, 'Missing email'],
    [`email=&date=${day}&amount=1`, 400, 'Missing email'],
    [`email=nobody@example.org&date=${day}&amount=1`, 404, 'Member not found'],
    [`email=Ana@example.org&date=${day}&amount=1`, 404, 'Member not found'],
    // Not encoded, a plus is a space.
    [`email=bob+desk@example.org&date=${day}&amount=1`, 404, 'Member not found'],
    [`email=ana@example.org&date=${day}`, 400, 'Invalid value'],
    [`email=ana@example.org&date=${day}&amount=`, 400, 'Invalid value'],
    [`email=ana@example.org&date=${day}&amount=one`, 400, 'Invalid value'],
    [`email=ana@example.org&date=${day}&amount=0.75`, 400, 'Invalid value'],
    [`email=ana@example.org&date=${day}&amount=2`, 400, 'Invalid value'],
    ['email=ana@example.org&amount=1', 400, 'Invalid date'],
    ['email=ana@example.org&date=05/01/2026&amount=1', 400, 'Invalid date'],
    ['email=ana@example.org&date=2026-1-5&amount=1', 400, 'Invalid date'],
    ['email=ana@example.org&date=2026-13-01&amount=1', 400, 'Invalid date'],
  ])('%j: %i %s', async (fields, status, message) => {
    expect(await post(fields)).toMatchObject(jsonError(status, message))
    expect(amount()).toBeUndefined()
    expect(server.posts.map(({ stored }) => stored)).toEqual([false])
  })

  test('in JSON is not read', async () => {
    const answer = await ask('POST', '/api/presence', '{"email":"ana@example.org"}', {
      ...HEADER,
      'Content-Type': 'application/json',
    })
    expect(answer).toMatchObject(jsonError(400, 'Missing email'))
  })

  test.each([
    ['1', 1],
    ['1.0', 1],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['0.5x', 0.5],
    ['1,5', 1],
    ['0', undefined],
    ['0,5', undefined],
  ])('of "%s" over a stored half day leaves %s', async (text, stored) => {
    await post(`email=ana@example.org&date=${day}&amount=0.5`)
    expect((await post(`email=ana@example.org&date=${day}&amount=${text}`)).status).toBe(200)
    expect(amount()).toBe(stored)
  })

  test('for an e-mail whose plus is encoded', async () => {
    await post(`email=bob%2Bdesk@example.org&date=${day}&amount=1`)
    expect(amount(BOB.email)).toBe(1)
  })

  test('on 30 February is taken as it is', async () => {
    expect((await post('email=ana@example.org&date=2026-02-30&amount=1')).status).toBe(200)
    expect(server.state.amount(ANA.email, '2026-02-30')).toBe(1)
  })

  test('on a trial day counts for 0', async () => {
    server.state.member(ANA.email).trialDays.push(day)
    await post(`email=ana@example.org&date=${day}&amount=1`)
    expect(amount()).toBe(0)
  })

  test('overwrites what a person corrected', async () => {
    server.state.correctDay({ email: ANA.email, date: day, value: 0.25, comment: 'left early' })
    expect(amount()).toBe(0.25)
    await post(`email=ana@example.org&date=${day}&amount=1`)
    expect(amount()).toBe(1)
  })
})

describe('a heartbeat', () => {
  test.each([
    [`macAddresses=${MAC_1},aa:aa:aa:aa:aa:02&location=poulailler`, 200, 'OK'],
    [`macAddresses=${MAC_1}`, 200, 'OK'],
    [`macAddresses=${MAC_1},AA-AA-AA-AA-AA-02`, 400, 'AA-AA-AA-AA-AA-02'],
    ['macAddresses=', 400, 'invalide'],
    ['location=poulailler', 500, 'Une erreur inattendue est survenue.'],
  ])('%j: %i', async (fields, status, words) => {
    const answer = await ask('POST', '/api/heartbeat', fields)
    expect(answer.status).toBe(status)
    expect(answer.body).toContain(words)
    expect(server.heartbeats).toHaveLength(status === 200 ? 1 : 0)
  })
})

describe('members', () => {
  test('are listed with id and e-mail', async () => {
    const { body } = await ask('GET', '/api/members')
    expect(JSON.parse(body)).toMatchObject([
      { _id: 'member1', email: ANA.email },
      { _id: 'member2', email: BOB.email },
      { _id: 'member3', email: '' },
    ])
  })

  test.each(['member1', '1001'])(
    'activity by id %s: effective values, newest first',
    async (id) => {
      server.state.member(ANA.email).subscriptionDays.push('2026-01-06')
      await ask('POST', '/api/presence', 'email=ana@example.org&date=2026-01-05&amount=1')
      await ask('POST', '/api/presence', 'email=ana@example.org&date=2026-01-06&amount=1')
      server.state.correctDay({ email: ANA.email, date: '2026-01-05', value: 0.5, comment: 'half' })
      const { body } = await ask('GET', `/api/members/${id}/activity`)
      expect(JSON.parse(body)).toEqual([
        { type: 'subscription', date: '2026-01-06', value: 1 },
        { type: 'ticket', date: '2026-01-05', value: 0.5 },
      ])
    },
  )

  test.each(['ana@example.org', 'nobody'])('activity of %s: 404 in JSON', async (id) => {
    const answer = await ask('GET', `/api/members/${id}/activity`)
    expect(answer).toMatchObject({ status: 404, type: 'application/json; charset=utf-8' })
  })
})

test('a stand-in has no member that nobody added', () => {
  expect(() => server.state.amount('nobody@example.org', '2026-01-05')).toThrow('no member')
})
