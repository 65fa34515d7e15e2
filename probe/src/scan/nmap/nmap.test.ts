/** The adapter with an `nmap` that prints what the real one printed, and a kernel of files. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ADDRESSES, programScanner, writeProgram } from '../../../testing/program-world.ts'
import { TESTDATA } from '../../../testing/recorded.ts'
import { scannerContract } from '../../../testing/scanner-contract.ts'
import type { InterfaceAddresses } from '../subnets.ts'
import { nmap } from './nmap.ts'

const RECORDED = join(TESTDATA, 'nmap')
const FIVE = [2, 3, 4, 5, 6].map((host) => `02:00:00:00:0${host}:AF`)

const NO_PERMISSION = `cat ${RECORDED}/no-permission/stdout; cat ${RECORDED}/no-permission/stderr >&2; exit 1`

scannerContract(
  'nmap',
  programScanner(
    {
      program: 'nmap',
      output: (macs) =>
        `<nmaprun>${macs.map(hostOf).join('\n')}<finished exit="success"/></nmaprun>\n`,
      refusal: NO_PERMISSION,
    },
    (options) => nmap({ ...options, addresses: () => ADDRESSES }),
  ),
)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nmap-'))
  mkdirSync(join(folder, 'eth0'))
  writeFileSync(join(folder, 'eth0/carrier'), '1\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

async function look(script: string, addresses: InterfaceAddresses = ADDRESSES) {
  writeProgram(folder, 'nmap', script)
  const [look] = await nmap({
    interfaces: ['eth0'],
    searchPath: `${folder}:/usr/bin:/bin`,
    kernel: { interfaces: folder, routes: '' },
    addresses: () => addresses,
  }).look(10_000)
  return look
}

test('its networks are asked, each once, with the flags that were recorded', async () => {
  const [eth0] = ADDRESSES.eth0 ?? []
  const also = { ...eth0, address: '192.0.2.9', cidr: '192.0.2.9/24' } as NonNullable<typeof eth0>
  await look(`printf '%s ' "$@" > ${folder}/arguments`, { eth0: [...(ADDRESSES.eth0 ?? []), also] })
  expect(readFileSync(join(folder, 'arguments'), 'utf8')).toBe(
    '-n -sn -PR --privileged -oX - -e eth0 10.9.0.1/29 192.0.2.9/24 ',
  )
})

test('who answered is seen', async () => {
  const seen = await look(`cat ${RECORDED}/several-hosts/stdout`)
  expect(seen).toEqual({ network: 'eth0', macs: FIVE, unreadable: [] })
})

test('an answer without an end is a failure, and what was seen is kept', async () => {
  const seen = await look(`head -c 900 ${RECORDED}/several-hosts/stdout`)
  expect(seen).toMatchObject({
    macs: FIVE.slice(0, 1),
    failure: { reason: "nmap's answer has no end" },
  })
})

test('an nmap that is ended early gives what it had printed', async () => {
  const seen = await look(`head -c 1200 ${RECORDED}/several-hosts/stdout; kill -9 $$`)
  expect(seen).toMatchObject({
    macs: FIVE.slice(0, 2),
    failure: { reason: 'nmap failed: killed by SIGKILL' },
  })
})

test('without an IPv4 address there is nothing to ask', async () => {
  const seen = await look('exit 0', { eth1: ADDRESSES.eth1 })
  expect(seen?.failure?.reason).toBe('the interface has no IPv4 address')
})

function hostOf(mac: string): string {
  return `<host><status state="up" reason="arp-response"/><address addr="${mac}" addrtype="mac"/></host>`
}
