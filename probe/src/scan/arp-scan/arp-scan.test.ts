/** The adapter with an `arp-scan` that prints what the real one printed, and a kernel of files. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { programScanner } from '../../../testing/program-world.ts'
import { scannerContract } from '../../../testing/scanner-contract.ts'
import { arpScan } from './arp-scan.ts'

const RECORDED = join(import.meta.dirname, '../testdata/arp-scan')
const FIVE = [2, 3, 4, 5, 6].map((host) => `02:00:00:00:0${host}:AF`)

scannerContract(
  'arp-scan',
  programScanner(
    {
      program: 'arp-scan',
      output: (macs) => macs.map((mac) => `10.9.0.2\t${mac.toLowerCase()}\n`).join(''),
      refusal: `cat ${RECORDED}/no-permission/stderr >&2; exit 1`,
    },
    arpScan,
  ),
)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arp-scan-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function link(name: string, carrier = '1'): void {
  mkdirSync(join(folder, 'net', name), { recursive: true })
  writeFileSync(join(folder, 'net', name, 'carrier'), `${carrier}\n`)
}

/** Puts an `arp-scan` on the path: a shell script, which finds its last but one argument in $IF. */
function program(script: string): void {
  const path = join(folder, 'arp-scan')
  writeFileSync(
    path,
    `#!/bin/sh\nfor a; do case $a in --interface=*) IF=\${a#*=};; esac; done\n${script}\n`,
  )
  chmodSync(path, 0o755)
}

/** Says of each interface what was recorded in the case of its name. */
const REPLAY = `cat ${RECORDED}/$IF/stdout; cat ${RECORDED}/$IF/stderr >&2; exit $(cat ${RECORDED}/$IF/status)`

function scanner(interfaces?: readonly string[]) {
  const kernel = { interfaces: join(folder, 'net'), routes: join(folder, 'route') }
  return arpScan({ interfaces, searchPath: `${folder}:/usr/bin:/bin`, kernel })
}

test('an interface gives what answered on it', async () => {
  link('duplicates')
  program(REPLAY)
  expect(await scanner(['duplicates']).look(10_000)).toEqual([
    { network: 'duplicates', macs: [...FIVE, '02:00:00:00:EE:50'], unreadable: [] },
  ])
})

test('each interface gives its own look, failed or not', async () => {
  link('several-hosts')
  link('no-permission')
  link('cable', '0')
  program(REPLAY)
  const looks = await scanner(['several-hosts', 'no-permission', 'cable', 'gone']).look(10_000)
  expect(looks.map((look) => [look.network, look.macs.length, look.failure?.reason])).toEqual([
    ['several-hosts', 5, undefined],
    ['no-permission', 0, 'arp-scan is not permitted to use the network'],
    ['cable', 0, 'there is no link'],
    ['gone', 0, 'there is no such interface'],
  ])
})

test('the flags are those that were measured', async () => {
  link('eth0')
  program(`echo "$@" > ${folder}/arguments`)
  await scanner(['eth0']).look(10_000)
  expect(readFileSync(join(folder, 'arguments'), 'utf8')).toBe(
    '-q -x -N --retry=3 --timeout=200 --backoff=1 --bandwidth=1M --interface=eth0 --localnet\n',
  )
})

test('a cable pulled during the scan is told, and what was seen is kept', async () => {
  link('several-hosts')
  program(`echo 0 > ${folder}/net/several-hosts/carrier; ${REPLAY}`)
  const [look] = await scanner(['several-hosts']).look(10_000)
  expect(look).toMatchObject({ macs: FIVE, failure: { reason: 'there is no link' } })
})

test('lines that can not be read are counted', async () => {
  link('eth0')
  program(`printf '10.9.0.2\\t02:00:00:00:02:af\\nwhat?\\n'`)
  const [look] = await scanner(['eth0']).look(10_000)
  expect(look).toEqual({
    network: 'eth0',
    macs: FIVE.slice(0, 1),
    unreadable: [{ line: 2, reason: 'no IPv4 address at the start' }],
  })
})

test('an arp-scan that is not there', async () => {
  link('eth0')
  const [look] = await arpScan({
    interfaces: ['eth0'],
    searchPath: folder,
    kernel: { interfaces: join(folder, 'net'), routes: '' },
  }).look(10_000)
  expect(look?.failure).toEqual({
    reason: 'arp-scan is not installed',
    advice: 'sudo apt install arp-scan',
  })
})

test('an arp-scan that hangs is ended', async () => {
  link('eth0')
  program('exec sleep 600')
  const [look] = await scanner(['eth0']).look(50)
  expect(look?.failure?.reason).toBe('arp-scan did not end within 0.05 s')
})

test('an arp-scan that is killed', async () => {
  link('eth0')
  program('kill -9 $$')
  const [look] = await scanner(['eth0']).look(10_000)
  expect(look?.failure?.reason).toBe('arp-scan failed: killed by SIGKILL')
})

const CUT = `printf '10.9.0.2\\t02:00:00:00:02:af\\n10.9.0.3\\t02:00:0'`

test.each([
  ['its time is over', `${CUT}; exec sleep 600`, 1_000, 'arp-scan did not end within 1 s'],
  ['it is killed', `${CUT}; kill -9 $$`, 10_000, 'arp-scan failed: killed by SIGKILL'],
])('what was seen before %s is kept, but for half a line', async (_, script, limit, reason) => {
  link('eth0')
  program(script)
  const [look] = await scanner(['eth0']).look(limit)
  expect(look).toMatchObject({ macs: FIVE.slice(0, 1), unreadable: [], failure: { reason } })
})

test('without a name the interface of the default route is scanned', async () => {
  link('several-hosts')
  program(REPLAY)
  const route = 'several-hosts\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0'
  writeFileSync(join(folder, 'route'), `Iface\n${route}\n`)
  const [look] = await scanner().look(10_000)
  expect(look).toMatchObject({ network: 'several-hosts', macs: FIVE })
})

test('without a default route it says so', async () => {
  const [look] = await scanner().look(10_000)
  expect(look?.failure?.advice).toContain('set PROBE_INTERFACES')
})
