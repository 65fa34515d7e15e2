/** What scanners print, and what the kernel says of networks. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { explainArpScan, parseArpScan } from '@presences/probe/scan/arp-scan/arp-scan-output.ts'
import { parseDefaultRoute } from '@presences/probe/scan/interfaces.ts'
import { hasAnswered, parseNeighbours } from '@presences/probe/scan/neighbours/neighbour-table.ts'
import { explainNmap, parseNmap } from '@presences/probe/scan/nmap/nmap-output.ts'
import type { LookFailure } from '@presences/probe/scan/scanner.ts'
import { decodeMinuteFile, encodeMinuteFile } from '@presences/shared'
import { PLANTED_MACS } from '../engine/fragments.ts'
import { must, mustBeLoggable, READ, type Target } from '../engine/target.ts'
import { repositoryFile } from './repository.ts'

/** What a scanner of this name really printed. */
function recordings(scanner: string): { stdout: string; stderr: string }[] {
  const folder = repositoryFile(`probe/src/scan/testdata/${scanner}`)
  return readdirSync(folder).map((name) => ({
    stdout: readFileSync(join(folder, name, 'stdout'), 'utf8'),
    stderr: readFileSync(join(folder, name, 'stderr'), 'utf8'),
  }))
}

const ARP_SCAN = recordings('arp-scan')
const NMAP = recordings('nmap')

const arpScanOutput: Target = {
  name: 'arp-scan output',
  reader: 'probe/src/scan/arp-scan/arp-scan-output.ts',
  seeds: ARP_SCAN.map(({ stdout }) => stdout),
  words: ['10.9.0.51\t', '02:00:00:00:ee:51', ' (02:00:00:00:ee:01)', ' (802.1Q VLAN=5)', '\t'],
  share: 70,
  read(input) {
    const text = Buffer.from(input).toString('utf8')
    const { macs, unreadable, moreUnreadable } = parseArpScan(text)
    const lines = text.split('\n')
    if (lines.at(-1) === '') lines.pop()
    const faulty = new Set(unreadable.map(({ line }) => line))
    must(faulty.size === unreadable.length, 'a line is reported once')
    const known = new Set<string>(macs)
    for (const [index, line] of lines.entries()) {
      // What is not kept comes after all that is.
      if (faulty.has(index + 1) || (moreUnreadable && index >= (unreadable.at(-1)?.line ?? 0)))
        continue
      const [, mac = ''] = /^[\d.]+\t([0-9a-f:]{17})/.exec(line) ?? []
      must(known.has(mac.toUpperCase()), 'each line is a device or is reported')
    }
    const faults = unreadable.length + (moreUnreadable ?? 0)
    must(macs.length + faults <= lines.length, 'no device comes from nowhere')
    for (const { reason } of unreadable) mustBeLoggable(reason)
    return unreadable.map(({ reason }) => reason)
  },
}

const arpScanFailure: Target = {
  name: 'arp-scan failure',
  reader: 'probe/src/scan/arp-scan/arp-scan-output.ts',
  seeds: [
    ...ARP_SCAN.flatMap(({ stderr }) => (stderr ? [stderr] : [])),
    'Interface: eth0, type: EN10MB, MAC: de:ad:be:ef:ca:fe, IPv4: 10.9.0.2\nERROR: something else\n',
  ],
  words: ['ERROR: ', 'pcap_lookupnet', '💶', ...PLANTED_MACS],
  share: 40,
  read(input) {
    const stderr = Buffer.from(input).toString('utf8')
    return [explained(explainArpScan('eth0', 1, stderr))]
  },
}

/** A failure's reason goes to the log, and travels in the minute file. What a program said is counted as one. */
function explained({ reason, advice }: LookFailure): string {
  mustBeLoggable(advice)
  mustBeLoggable(reason)
  const scan = { instant: new Date(0), macs: [], meta: { partial: `eth0: ${reason}` } }
  const { meta } = decodeMinuteFile(Buffer.from(encodeMinuteFile(scan, 'Europe/Paris')))
  must(meta.get('partial') === `eth0: ${reason}`, 'the reason comes back from a minute file')
  return /^[\w-]+ ended with status 1/.exec(reason)?.[0] ?? reason
}

const nmapOutput: Target = {
  name: 'nmap output',
  reader: 'probe/src/scan/nmap/nmap-output.ts',
  seeds: NMAP.map(({ stdout }) => stdout),
  words: [
    ...[
      '<host>',
      '</host>',
      '<status state="up" reason="arp-response"/>',
      '<!--',
      '-->',
      '<?',
      '<!DOCTYPE',
    ],
    ...[
      '<address addr="',
      '" addrtype="mac"/>',
      '<finished exit="success"/>',
      '&#x41;',
      '<a b="',
      '<a ',
    ],
  ],
  share: 25,
  read(input) {
    const text = Buffer.from(input).toString('utf8')
    const { macs, unreadable, isFinished } = parseNmap(text)
    const digits = bare(text)
    must(
      macs.every((mac) => digits.includes(bare(mac))),
      'no device comes from nowhere',
    )
    must(!isFinished || text.includes('success'), 'its end is what nmap says')
    for (const { reason } of unreadable) mustBeLoggable(reason)
    return [...unreadable.map(({ reason }) => reason), ...(isFinished ? [] : ['it has no end'])]
  },
}

/** Without what stands between digits: nmap writes colons, and any spelling is read. */
function bare(text: string): string {
  return text.replaceAll(/[:.-]/g, '').toLowerCase()
}

const nmapFailure: Target = {
  name: 'nmap failure',
  reader: 'probe/src/scan/nmap/nmap-output.ts',
  seeds: [
    ...NMAP.flatMap(({ stderr }) => (stderr ? [stderr] : [])),
    'Strange error from de:ad:be:ef:ca:fe\nQUITTING!\n',
  ],
  words: [
    'QUITTING!',
    '\nQUITTING!\n',
    'Failed to open device',
    'does it even exist',
    ...PLANTED_MACS,
  ],
  share: 25,
  read: (input) => [explained(explainNmap('eth0', 1, Buffer.from(input).toString('utf8')))],
}

const neighbourTable: Target = {
  name: 'neighbour table',
  reader: 'probe/src/scan/neighbours/neighbour-table.ts',
  seeds: recordings('neighbours').map(({ stdout }) => stdout),
  words: ['"lladdr":', '"state":', '["REACHABLE"]', '"dst":', 'fe80::1'],
  json: true,
  share: 25,
  read(input) {
    const text = Buffer.from(input).toString('utf8')
    const { neighbours, unreadable, moreUnreadable = 0 } = parseNeighbours(text)
    const isList = unreadable[0]?.reason !== 'no JSON list'
    const entries = isList ? (JSON.parse(text) as unknown[]).length : 1
    const reported = unreadable.length + moreUnreadable
    must(neighbours.length + reported === entries, 'each entry is read or reported')
    for (const each of neighbours) {
      must(!hasAnswered(each) || each.mac !== undefined, 'who answered has a MAC address')
    }
    for (const { reason } of unreadable) mustBeLoggable(reason)
    return unreadable.map(({ reason }) => reason)
  },
}

const routeTable: Target = {
  name: 'route table',
  reader: 'probe/src/scan/interfaces.ts',
  seeds: [
    'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\neth0\t00000000\t0100090A\t0003\t0\t0\t100\t00000000\t0\t0\t0\nwlan0\t00000000\t0100090A\t0003\t0\t0\t600\t00000000\t0\t0\t0\neth0\t0000090A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n',
  ],
  words: ['00000000', '\t', '\n', 'eth1'],
  share: 30,
  read(input) {
    const name = parseDefaultRoute(Buffer.from(input).toString('utf8'))
    if (name === undefined) return ['no default route']
    must(name !== '' && !/\s/.test(name), 'it is one name')
    return READ
  },
}

export const SCAN_TARGETS = [
  arpScanOutput,
  arpScanFailure,
  nmapOutput,
  nmapFailure,
  neighbourTable,
  routeTable,
]
