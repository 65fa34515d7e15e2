import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostCountOf, hostsOf, type InterfaceAddresses, subnetsOf } from './subnets.ts'

const of = (address: string, prefix: number) => [...hostsOf({ address, prefix })]

test.each([
  ['10.0.0.1', 30, ['10.0.0.2']],
  ['10.0.0.6', 29, ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5']],
  ['10.0.0.4', 31, ['10.0.0.5']],
  ['10.0.0.5', 31, ['10.0.0.4']],
])('%s/%i asks %j', (address, prefix, hosts) => {
  expect(of(address, prefix)).toEqual(hosts)
})

test('the edges of the range of addresses', () => {
  expect(of('255.255.255.253', 30)).toEqual(['255.255.255.254'])
  expect(of('192.168.3.7', 22).slice(-2)).toEqual(['192.168.3.253', '192.168.3.254'])
  expect(of('192.168.3.7', 22)[0]).toBe('192.168.0.1')
})

test('the count is that of the addresses, and never holds the own one', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 22, max: 31 }), (address, prefix) => {
      const subnet = { address, prefix }
      const hosts = of(address, prefix)
      // The name or the broadcast of a network is nobody's address: then it is not among those counted.
      const isHost = prefix === 31 || !isEdge(address, prefix)
      expect(new Set(hosts).size).toBe(hostCountOf(subnet) + (isHost ? 0 : 1))
      expect(hosts).not.toContain(address)
    }),
  )
})

const info = (address: string, cidr: string | null) => ({
  address,
  cidr,
  netmask: '',
  mac: '',
  internal: false,
  family: 'IPv4' as const,
})

test.each<[string, InterfaceAddresses, string[]]>([
  ['one', { eth0: [info('10.0.0.1', '10.0.0.1/24')] }, ['10.0.0.1']],
  [
    'two addresses in one network',
    { eth0: [info('10.0.0.1', '10.0.0.1/24'), info('10.0.0.2', '10.0.0.2/24')] },
    ['10.0.0.1'],
  ],
  [
    'a label',
    { eth0: [info('10.0.0.1', '10.0.0.1/24')], 'eth0:1': [info('10.0.1.1', '10.0.1.1/24')] },
    ['10.0.0.1', '10.0.1.1'],
  ],
  ['not of its VLAN', { 'eth0.20': [info('10.0.0.1', '10.0.0.1/24')] }, []],
  ['alone', { eth0: [info('10.0.0.1', '10.0.0.1/32')] }, []],
  ['no prefix', { eth0: [info('10.0.0.1', null)] }, []],
  ['IPv6', { eth0: [{ ...info('fe80::1', 'fe80::1/64'), family: 'IPv6', scopeid: 2 }] }, []],
  ['not there', {}, []],
])("an interface's networks: %s", (_, addresses, expected) => {
  expect(subnetsOf('eth0', addresses).map(({ address }) => address)).toEqual(expected)
})

function isEdge(address: string, prefix: number): boolean {
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - prefix)
  return bits % size === 0 || bits % size === size - 1
}
