/** Where a request comes from, for the log. What a header says is believed of a proxy in `TRUSTED_PROXIES` alone. */
import { isIP } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

/** The address a request comes from: the socket's, or, behind trusted proxies, the one that the outermost of them saw. */
export function peerOf(c: Context, trustedProxies: readonly string[]): string {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  const socket = plain(incoming?.socket.remoteAddress ?? 'unknown')
  return peerBehind(socket, c.req.header('X-Forwarded-For') ?? '', trustedProxies)
}

/** `forwarded` is X-Forwarded-For: each proxy adds whom it saw at the end; what stands before was said by anybody. */
export function peerBehind(
  socket: string,
  forwarded: string,
  trustedProxies: readonly string[],
): string {
  const addresses = forwarded.split(',').map((each) => plain(each.trim()))
  let peer = socket
  while (trustedProxies.includes(peer)) {
    const before = addresses.pop()
    if (before === undefined || isIP(before) === 0) return peer
    peer = before
  }
  return peer
}

/** An IPv4 address that an IPv6 socket saw, as itself. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
