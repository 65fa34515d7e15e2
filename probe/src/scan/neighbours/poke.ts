/**
 * Makes the kernel ask who has an address: an empty UDP datagram to the discard port, for which no right is
 * needed. Whether anybody takes it does not matter: to deliver it, the kernel must know the MAC address.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** Sends to each address, from the box's own address `from`; gives how many could not be sent. */
export type Poke = (from: string, addresses: readonly string[]) => Promise<Poked>

export interface Poked {
  readonly refused: number
  /** Of the first refusal. */
  readonly reason?: string
}

const DISCARD_PORT = 9
/** A datagram waits in its socket's buffer until its address has answered; 208 kB hold some 270 of them. */
const DATAGRAMS_OF_A_SOCKET = 128

/** Sends one datagram to each address. Never throws: what the system refuses is counted. */
export async function pokeByUdp(
  from: string,
  addresses: readonly string[],
  port = DISCARD_PORT,
): Promise<Poked> {
  const reasons: string[] = []
  for (let start = 0; start < addresses.length; start += DATAGRAMS_OF_A_SOCKET) {
    const some = addresses.slice(start, start + DATAGRAMS_OF_A_SOCKET)
    reasons.push(...(await pokeSome(from, some, port)))
  }
  const [reason] = reasons
  return { refused: reasons.length, ...(reason !== undefined && { reason }) }
}

async function pokeSome(
  from: string,
  addresses: readonly string[],
  port: number,
): Promise<string[]> {
  const socket = createSocket(from.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.bind({ address: from })
    // Rejects with the error, where there is one.
    await once(socket, 'listening')
    const refusals = await Promise.all(addresses.map((address) => send(socket, address, port)))
    return refusals.filter((reason) => reason !== undefined)
  } catch (cause) {
    return addresses.map(() => (cause as Error).message)
  } finally {
    socket.close()
  }
}

function send(socket: Socket, address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    socket.send('', port, address, (error) => {
      resolve(error === null ? undefined : ((error as NodeJS.ErrnoException).code ?? error.message))
    })
  })
}
