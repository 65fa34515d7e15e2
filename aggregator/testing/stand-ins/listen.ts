/**
 * Where stand-ins listen: on the loopback address alone, at ports below those that the kernel hands out to who asks for
 * any. So a port that is let go of for a while is taken by nobody else, whatever runs on this machine meanwhile.
 */
import type { AddressInfo, Server } from 'node:net'

export const LOOPBACK = '127.0.0.1'

const FIRST = 10_000
const COUNT = 20_000
let tried: number | undefined

/** Listens at `port`, or at one that is free, and gives it. Rejects when it is taken. */
export async function listen(server: Server, port?: number): Promise<number> {
  if (port !== undefined) return listenAt(server, port)
  for (let tries = 0; tries < COUNT; tries += 1) {
    try {
      return await listenAt(server, nextPort())
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    }
  }
  throw new Error(`Can't listen: every port from ${FIRST} on is taken`)
}

/** Each process begins somewhere else. */
function nextPort(): number {
  tried = ((tried ?? Math.floor(Math.random() * COUNT)) + 1) % COUNT
  return FIRST + tried
}

function listenAt(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}
