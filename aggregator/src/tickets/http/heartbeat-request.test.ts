import { macFromBits } from '@presences/shared'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  STAND_IN_KEY,
  startTicketServer,
  type TicketServer,
} from '../../../testing/stand-ins/tickets/ticket-server.ts'
import { createHeartbeats } from './heartbeat-request.ts'

const MACS = [macFromBits(1), macFromBits(2)]

let server: TicketServer
beforeEach(async () => {
  server = await startTicketServer()
})
afterEach(() => server.close())

const send = () => createHeartbeats({ url: server.url, token: STAND_IN_KEY })('grenier', MACS)

test('the devices of a location are told', async () => {
  await send()
  expect(server.heartbeats).toEqual([{ macs: MACS, location: 'grenier' }])
})

test.each([
  [{ status: 503 }, 'answered 503'],
  [{ status: 200, body: '<h1>Welcome</h1>' }, 'answered 200, but not with "OK"'],
])('what fails (%j) is not sent again: it would be taken for now', async (fault, cause) => {
  server.setFaults(() => fault)
  await expect(send()).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringContaining(`Can't tell who is in grenier: ${server.url} ${cause}`),
  })
  expect(server.requests).toHaveLength(1)
})
