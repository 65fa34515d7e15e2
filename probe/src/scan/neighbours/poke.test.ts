import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { pokeByUdp } from './poke.ts'

afterEach(() =>
  // A closed socket is gone when its turn comes.
  vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('UDPWrap')),
)

test('every address is sent to, however many they are', async () => {
  const many = Array.from({ length: 300 }, (_, index) => `127.0.1.${index % 250}`)
  expect(await pokeByUdp('127.0.0.1', many)).toEqual({ refused: 0 })
})

test('what arrives is an empty datagram from the own address', async () => {
  const listener = createSocket('udp4')
  listener.bind({ address: '127.9.9.9', port: 0 })
  try {
    await once(listener, 'listening')
    const arrived = once(listener, 'message')
    await pokeByUdp('127.0.0.1', ['127.9.9.9'], listener.address().port)
    const [message, sender] = await arrived
    expect([message.length, sender.address]).toEqual([0, '127.0.0.1'])
  } finally {
    listener.close()
  }
})

test('what the system refuses is counted, with its first reason', async () => {
  // A broadcast needs to be asked for; an own address that is not ours can't be sent from.
  expect(await pokeByUdp('127.0.0.1', ['255.255.255.255', '127.0.0.2'])).toEqual({
    refused: 1,
    reason: 'EACCES',
  })
  expect(await pokeByUdp('192.0.2.1', ['192.0.2.2', '192.0.2.3'])).toMatchObject({
    refused: 2,
    reason: expect.stringContaining('EADDRNOTAVAIL'),
  })
})

test('nobody to send to', async () => {
  expect(await pokeByUdp('127.0.0.1', [])).toEqual({ refused: 0 })
})
