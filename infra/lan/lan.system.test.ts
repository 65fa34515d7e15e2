import { createServer } from 'node:http'
import { listen } from '@presences/aggregator/testing/stand-ins/listen.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { createLan, type Lan } from './lan.ts'
import { missingOf, titleOf } from './requirements.ts'

const missing = missingOf({ programs: ['ip', 'arp-scan'], root: true })
const MACS = ['02:00:5E:00:00:01', '02:00:5E:00:00:02', '02:00:5E:00:00:03']

describe.skipIf(missing)(titleOf('a LAN of network namespaces', missing), () => {
  let lan: Lan | undefined
  afterEach(() => lan?.remove())

  test('its hosts answer ARP, leave and come back', async () => {
    lan = await createLan({ hosts: MACS })
    expect(await arpScan(lan)).toEqual(MACS)

    await lan.hostLeave(1)
    expect(await arpScan(lan)).toEqual([MACS[0], MACS[2]])

    await lan.hostJoin(1)
    expect(await arpScan(lan)).toEqual(MACS)
  })

  test("the box's cable can be pulled and put back", async () => {
    lan = await createLan({ hosts: MACS })
    expect(await carrier(lan)).toBe('1')
    await lan.cableOut()
    expect(await carrier(lan)).toBe('0')
    await lan.cableIn()
    expect(await carrier(lan)).toBe('1')
    expect(await arpScan(lan)).toEqual(MACS)
  })

  test("the box reaches a server of this machine's loopback, and finds it gone when it is", async () => {
    lan = await createLan({ hosts: [] })
    const server = createServer((_request, response) => response.end('hello'))
    const port = await listen(server)
    const ask = (box: Lan) => box.run(box.boxNamespace, process.execPath, ['-e', getText(port)])

    expect((await ask(lan)).status).toBe(7)
    await lan.reach(port)
    expect(await ask(lan)).toMatchObject({ status: 0, stdout: 'hello\n' })
    await new Promise((resolve) => server.close(resolve))
    expect((await ask(lan)).status).toBe(7)
  })

  test("a host's address reaches a server of this machine, as long as the box's cable is in", async () => {
    lan = await createLan({ hosts: MACS })
    const server = createServer((_request, response) => response.end('hello'))
    const port = await listen(server)
    await lan.serve(1, port)
    const address = lan.hosts[1]?.address
    const ask = (box: Lan) =>
      box.run(box.boxNamespace, process.execPath, ['-e', getText(port, address)])

    expect(await ask(lan)).toMatchObject({ status: 0, stdout: 'hello\n' })
    await lan.cableOut()
    expect((await ask(lan)).status).toBe(7)
    await new Promise((resolve) => server.close(resolve))
  })

  test('nothing is left of it', async () => {
    lan = await createLan({ hosts: MACS })
    const { boxNamespace } = lan
    await lan.remove()
    await expect(lan.run(boxNamespace, 'true', [])).resolves.toMatchObject({ status: 255 })
  })

  test('when it can not be made, nothing is left of it', async () => {
    await expect(createLan({ hosts: [...MACS, 'no MAC'] })).rejects.toThrow('ip -n')
    const other = await createLan({ hosts: [] })
    lan = other
    const { stdout } = await other.run(other.boxNamespace, 'ip', ['netns', 'list'])
    const own = stdout.split('\n').filter((line) => line.includes(`-${process.pid}-`))
    expect(own).toHaveLength(2)
  })
})

/**
 * A program that prints what is answered at a port, and exits with 7 where nothing answers in 3 s.
 * Not with `fetch`: of Node 20, its promise is never settled when the connection is reset at once.
 */
function getText(port: number, address = '127.0.0.1'): string {
  return `
    const { get } = require('node:http')
    get('http://${address}:${port}/', (response) => response.on('data', (text) => console.log(String(text))))
      .on('error', () => process.exit(7))
      .setTimeout(3000, () => process.exit(7))`
}

/** The MACs that answer, sorted. */
async function arpScan(lan: Lan): Promise<string[]> {
  const flags = ['-q', '-x', '-N', '--retry=3', '--timeout=200', '-I', lan.boxInterface]
  const addresses = lan.hosts.map((host) => host.address)
  const { stdout } = await lan.run(lan.boxNamespace, 'arp-scan', [...flags, ...addresses])
  const macs = stdout.split('\n').flatMap((line) => line.split('\t')[1]?.toUpperCase() ?? [])
  return [...new Set(macs)].sort()
}

async function carrier(lan: Lan): Promise<string> {
  const path = `/sys/class/net/${lan.boxInterface}/carrier`
  return (await lan.run(lan.boxNamespace, 'cat', [path])).stdout.trim()
}
