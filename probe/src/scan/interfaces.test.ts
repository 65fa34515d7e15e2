import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defaultRouteInterface, linkFailure, parseDefaultRoute } from './interfaces.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interfaces-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const kernel = () => ({ interfaces: folder, routes: join(folder, 'route') })

function carrier(name: string, text: string): void {
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'carrier'), text)
}

test('an interface with a link can be looked at', async () => {
  carrier('eth0', '1\n')
  expect(await linkFailure('eth0', kernel())).toBeUndefined()
})

test('cable out is a failure, not an empty room', async () => {
  carrier('eth0', '0\n')
  expect(await linkFailure('eth0', kernel())).toMatchObject({ reason: 'there is no link' })
})

test('an interface that is not there', async () => {
  expect(await linkFailure('eth7', kernel())).toMatchObject({
    reason: 'there is no such interface',
  })
})

test('a link that can not be read is a failure', async () => {
  mkdirSync(join(folder, 'eth0/carrier'), { recursive: true })
  const failure = await linkFailure('eth0', kernel())
  expect(failure?.reason).toContain("its link can't be read: EISDIR")
})

const HEADER =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   \n'
const ETH0 = 'eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0   \n'
const WLAN0 = 'wlan0\t00000000\t010300C0\t0003\t0\t0\t20\t00000000\t0\t0\t0   \n'
const LAN = 'eth1\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0   \n'
/** Half of the internet, as VPNs do: its destination is 0.0.0.0, its mask is not. */
const HALF = 'tun0\t00000000\t010200C0\t0003\t0\t0\t0\t00000080\t0\t0\t0   \n'

test.each([
  ['the only one', HEADER + LAN + ETH0, 'eth0'],
  ['the preferred one of two', HEADER + ETH0 + WLAN0, 'wlan0'],
  ['none', HEADER + LAN, undefined],
  ['not half of one', HEADER + HALF + ETH0, 'eth0'],
  ['no route at all', HEADER, undefined],
  ['nothing', '', undefined],
])('default route: %s', (_, table, name) => {
  expect(parseDefaultRoute(table)).toBe(name)
})

test('no table of routes is no default route', async () => {
  expect(await defaultRouteInterface(kernel())).toBeUndefined()
})
