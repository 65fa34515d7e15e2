import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { listen } from './listen.ts'

const servers = [createServer(), createServer()] as const

afterEach(() => {
  for (const server of servers) server.close()
})

test('no two servers get the same port, and none that the kernel hands out', async () => {
  const ports = [await listen(servers[0]), await listen(servers[1])]
  expect(ports[0]).not.toBe(ports[1])
  const [first = '0'] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t')
  for (const port of ports) expect(port).toBeLessThan(Number(first))
})

test('a port that is taken is refused, and the same server can listen elsewhere', async () => {
  const port = await listen(servers[0])
  await expect(listen(servers[1], port)).rejects.toThrow('EADDRINUSE')
  expect(await listen(servers[1])).not.toBe(port)
})
