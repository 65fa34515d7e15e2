/** The adapter with an `ip` that prints what the real one printed, and a clock that moves when it waits. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type NetworkInterfaceInfo, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ADDRESSES, programScanner, writeProgram } from '../../../testing/program-world.ts'
import { TESTDATA } from '../../../testing/recorded.ts'
import { scannerContract } from '../../../testing/scanner-contract.ts'
import type { InterfaceAddresses } from '../subnets.ts'
import { type NeighboursOptions, neighbours } from './neighbours.ts'

const RECORDED = join(TESTDATA, 'neighbours')
const FIVE = [2, 3, 4, 5, 6].map((host) => `02:00:00:00:0${host}:AF`)
const BRIDGE = '0A:B3:93:37:2C:F2'

scannerContract(
  'neighbours',
  programScanner(
    {
      program: 'ip',
      output: (macs) =>
        JSON.stringify(
          macs.map((lladdr, index) => ({ dst: `10.9.0.${index}`, lladdr, state: ['REACHABLE'] })),
        ),
      refusal: 'echo "Cannot open netlink socket: Permission denied" >&2; exit 1',
    },
    (options) =>
      neighbours({
        ...options,
        addresses: () => ADDRESSES,
        poke: async () => ({ refused: 0 }),
      }),
  ),
)

const ETH0 = ADDRESSES.eth0?.[0] as NetworkInterfaceInfo
const IPV6 = {
  ...ETH0,
  family: 'IPv6',
  address: 'fe80::1',
  cidr: 'fe80::1/64',
  scopeid: 2,
} as const
const BOTH: InterfaceAddresses = { eth0: [ETH0, IPV6] }

let folder: string
let poked: string[][]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neighbours-'))
  mkdirSync(join(folder, 'eth0'))
  writeFileSync(join(folder, 'eth0/carrier'), '1\n')
  writeProgram(folder, 'ping', 'exit 0')
  poked = []
})
afterEach(() => rmSync(folder, { recursive: true }))

/** An `ip` that prints one recorded case after another, then the last one for ever. */
function replay(...cases: readonly string[]): void {
  for (const [index, name] of cases.entries()) {
    const from = readFileSync(join(RECORDED, name, 'stdout'))
    writeFileSync(join(folder, `case${index}`), from)
  }
  writeFileSync(join(folder, 'count'), '0')
  writeProgram(
    folder,
    'ip',
    `n=$(cat ${folder}/count); cat ${folder}/case$n; [ $n -lt ${cases.length - 1} ] && echo $((n + 1)) > ${folder}/count; exit 0`,
  )
}

async function look(
  options: Partial<NeighboursOptions> & { addresses?: () => InterfaceAddresses } = {},
  timeoutMs = 45_000,
) {
  let clock = 0
  const [look] = await neighbours({
    interfaces: ['eth0'],
    searchPath: `${folder}:/usr/bin:/bin`,
    kernel: { interfaces: folder, routes: '' },
    addresses: () => ADDRESSES,
    poke: async (from, addresses) => {
      poked.push([from, ...addresses])
      return { refused: 0 }
    },
    sleep: async (ms) => {
      clock += ms
    },
    elapsedMs: () => clock,
    ...options,
  }).look(timeoutMs)
  return { ...look, waitedMs: clock }
}

test('whoever answers after it was asked is seen, and who left is not', async () => {
  replay('delay', 'delay', 'probe', 'one-gone')
  const { macs, failure, waitedMs } = await look()
  expect([macs?.toSorted(), failure]).toEqual([FIVE.slice(0, 4), undefined])
  expect(waitedMs).toBe(3_000)
})

test('every address of the network is asked once, from the own one', async () => {
  replay('empty')
  await look()
  const others = [2, 3, 4, 5, 6].map((host) => `10.9.0.${host}`)
  expect(poked).toEqual([['10.9.0.1', ...others]])
})

test('IPv6: all nodes are pinged, and whoever is known is asked by name', async () => {
  writeProgram(folder, 'ping', `echo "$@" > ${folder}/pinged; exit 1`)
  replay('one-gone', 'several-hosts')
  const { macs, failure } = await look({ addresses: () => BOTH })
  expect(readFileSync(join(folder, 'pinged'), 'utf8')).toBe('-6 -n -q -c 2 -w 2 -I eth0 ff02::1\n')
  expect(poked[1]?.[0]).toBe('fe80::1%eth0')
  expect(poked[1]).toHaveLength(7)
  expect(poked[1]).toContain('fe80::ff:fe00:6af%eth0')
  expect([macs?.toSorted(), failure]).toEqual([[...FIVE, BRIDGE], undefined])
})

test.each([
  ['exit 2', 'ping ended with status 2: without a word'],
  ['echo "ping: socket: Operation not permitted" >&2; exit 2', 'ping is not permitted'],
])('a ping that ends with %s is a failure, and takes nothing away', async (script, reason) => {
  writeProgram(folder, 'ping', script)
  replay('several-hosts')
  const { macs, failure } = await look({ addresses: () => BOTH })
  expect(macs).toHaveLength(6)
  expect(failure?.reason).toContain(reason)
})

test('an interface of IPv6 alone is looked at, one without any address is not', async () => {
  replay('several-hosts')
  expect((await look({ addresses: () => ({ eth0: [IPV6] }) })).failure).toBeUndefined()
  expect((await look({ addresses: () => ({}) })).failure?.reason).toBe(
    'the interface has no IPv4 address',
  )
})

test('neighbours that never decide are not waited for longer than the kernel asks', async () => {
  replay('delay')
  const { macs, failure, waitedMs } = await look()
  expect([macs, failure, waitedMs]).toEqual([[], undefined, 10_000])
})

test('time that is over before they have answered is a failure', async () => {
  replay('probe')
  const { macs, failure } = await look({}, 3_000)
  expect(macs).toHaveLength(4)
  expect(failure?.reason).toBe('1 neighbours had not answered within 3 s')
})

const wide = (prefix: number) => () =>
  ({ eth0: [{ ...ETH0, cidr: `10.9.0.1/${prefix}` }] }) as InterfaceAddresses

test('a wide network is asked 256 addresses at a time, each time when the last are decided', async () => {
  replay('being-asked', 'one-gone')
  const { failure } = await look({ addresses: wide(22) })
  expect([poked.map((each) => each.length - 1), failure]).toEqual([[256, 256, 256, 253], undefined])
})

test('a network too wide for a minute is asked as far as it goes, and that is said', async () => {
  replay('being-asked')
  const { failure } = await look({ addresses: wide(16) })
  expect(poked.length).toBeGreaterThan(5)
  expect(failure?.reason).toBe(`there was time to ask ${poked.length * 256} of 65533 addresses`)
})

test('addresses that the system does not let us ask are told', async () => {
  replay('one-gone')
  const { macs, failure } = await look({ poke: async () => ({ refused: 3, reason: 'ENOBUFS' }) })
  expect(macs).toHaveLength(4)
  expect(failure?.reason).toBe('3 addresses could not be asked: ENOBUFS')
})

test('entries that can not be read are counted once', async () => {
  writeProgram(folder, 'ip', `echo '[{"dst":"10.9.0.2","state":["PROBE"]},{}]'`)
  expect((await look()).unreadable).toEqual([{ line: 2, reason: 'no address' }])
})

test('an ip that is not there', async () => {
  expect((await look({ searchPath: folder })).failure).toEqual({
    reason: 'ip is not installed',
    advice: 'sudo apt install iproute2',
  })
})
