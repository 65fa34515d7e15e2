import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SentAuditEvent } from './audit.ts'
import { STAND_IN_KEY, startTicketServer, type TicketServer } from './ticket-server.ts'

const ANA = 'ana@example.org'
const BOB = 'bob@example.org'
const ADMIN = { _id: 'member2', name: 'Bob', email: BOB }
const MAC = 'AA:AA:AA:AA:AA:01'
const DAY = '2026-01-05'

let server: TicketServer
let now: string
beforeEach(async () => {
  now = '2026-03-10T12:00:00.000Z'
  server = await startTicketServer({
    members: [{ email: ANA }, { email: BOB }],
    clock: () => new Date(now),
  })
})
afterEach(() => server.close())

async function get(path: string) {
  const headers = { Authorization: `Token ${STAND_IN_KEY}` }
  const response = await fetch(server.url + path, { headers })
  return { status: response.status, body: (await response.json()) as SentAuditEvent[] }
}

const correct = (value: number, comment: string, email = ANA) =>
  server.state.correctDay({ email, date: DAY, value, comment })

test('a day added by hand', async () => {
  correct(0.5, 'forgot the phone')
  expect((await get('/api/audit')).body).toEqual([
    {
      _id: 'event1',
      action: 'MEMBER_ACTIVITY_ADD',
      occurred: now,
      author: null,
      context: {
        memberId: 'member1',
        activity: { date: DAY, value: 0.5 },
        comment: 'forgot the phone',
        member: { _id: 'member1', email: ANA, firstName: '', lastName: '' },
      },
    },
  ])
})

test('a day edited by a signed-in person, after a post of ours', async () => {
  server.state.storePost(server.state.member(ANA), DAY, 1)
  server.state.correctDay({ email: ANA, date: DAY, value: 0, comment: 'was away', author: ADMIN })
  expect((await get('/api/audit')).body).toMatchObject([
    {
      action: 'MEMBER_ACTIVITY_UPDATE',
      author: ADMIN,
      context: {
        activity: { date: DAY, value: 1, overrideValue: 0 },
        previousActivity: { date: DAY, value: 1 },
        comment: 'was away',
      },
    },
  ])
})

test('devices: added, updated, removed, changed as a list, handed over', async () => {
  const newMac = 'AA:AA:AA:AA:AA:02'
  server.state.addDevice(ANA, MAC)
  server.state.changeMac(ANA, MAC, newMac)
  server.state.removeDevice(ANA, newMac)
  server.state.setMacs(ANA, [MAC])
  server.state.moveDevice(MAC, ANA, BOB)
  const { body } = await get('/api/audit')
  expect(body.map(({ action, context: { memberId } }) => `${memberId} ${action}`)).toEqual([
    'member2 MEMBER_DEVICE_ADD',
    'member1 MEMBER_DEVICE_REMOVE',
    'member1 MEMBER_MAC_ADDRESSES_UPDATE',
    'member1 MEMBER_DEVICE_REMOVE',
    'member1 MEMBER_DEVICE_UPDATE',
    'member1 MEMBER_DEVICE_ADD',
  ])
  expect(body[2]?.context).toMatchObject({ previousMacAddresses: [], macAddresses: [MAC] })
  expect(body[4]?.context).toMatchObject({
    previousDevice: { macAddress: MAC },
    device: { macAddress: newMac },
  })
})

describe('/api/audit', () => {
  beforeEach(() => {
    for (const day of ['09', '10', '11']) {
      now = `2026-03-${day}T23:59:59.000Z`
      correct(1, day)
    }
  })
  test.each([
    ['', ['11', '10', '09']],
    ['?from=2026-03-10', ['11', '10']],
    ['?to=2026-03-10', ['10', '09']],
    ['?from=2026-03-09&to=2026-03-10', ['10', '09']],
    ['?from=2026-03-12&to=2026-03-13', []],
  ])('%s: by the date of the act, newest first, `to` included', async (query, comments) => {
    const { body } = await get(`/api/audit${query}`)
    expect(body.map(({ context }) => context.comment)).toEqual(comments)
  })

  test.each(['?from=2026-03-10&to=2026-03-10', '?from=2026-03-11&to=2026-03-10', '?from=March'])(
    '%s is refused',
    async (query) => {
      expect(await get(`/api/audit${query}`)).toEqual({
        status: 500,
        body: { status: 500, message: 'Une erreur inattendue est survenue.' },
      })
    },
  )

  test('fails whole for one event of a member who was removed; the others are asked one by one', async () => {
    now = '2026-03-20T12:00:00.000Z'
    correct(1, 'for Bob', BOB)
    server.state.removeMember(BOB)
    expect((await get('/api/audit')).status).toBe(500)
    expect((await get('/api/audit?from=2026-03-01&to=2026-03-15')).status).toBe(200)
    expect((await get('/api/members/member1/audit')).body).toHaveLength(3)
    expect((await get('/api/members/member2/audit')).status).toBe(404)
  })
})

test("a member's own trail: what was done to them, and by them", async () => {
  server.state.correctDay({ email: ANA, date: DAY, value: 1, comment: 'by Bob', author: ADMIN })
  correct(1, 'for Ana')
  const comments = async (id: string) =>
    (await get(`/api/members/${id}/audit`)).body.map(({ context }) => context.comment)
  expect(await comments('member1')).toEqual(['for Ana', 'by Bob'])
  expect(await comments('1002')).toEqual(['by Bob'])
})

test('an event keeps what was true then, and names the member as of now', async () => {
  server.state.setMacs(ANA, [MAC])
  server.state.setMacs(ANA, [])
  server.state.member(ANA).email = 'new@example.org'
  const { body } = await get('/api/members/member1/audit')
  expect(body[1]?.context).toMatchObject({
    macAddresses: [MAC],
    member: { email: 'new@example.org' },
  })
})

test('the number of a member who is no more is never given again', () => {
  const { id, wpUserId } = server.state.member(BOB)
  server.state.removeMember(BOB)
  const added = server.state.addMember({ email: 'new@example.org' })
  expect(added.id).not.toBe(id)
  expect(added.wpUserId).not.toBe(wpUserId)
})
