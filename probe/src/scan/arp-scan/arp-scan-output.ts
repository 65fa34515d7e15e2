/**
 * What arp-scan 1.10 prints, read strictly. With `-q -x` each answer is one line:
 *
 *     10.9.0.51<TAB>02:00:00:00:ee:51
 *     10.9.0.51<TAB>02:00:00:00:ee:51 (02:00:00:00:ee:01)
 *
 * The second form is an answer relayed by another device, as Wi-Fi extenders do: the address in
 * brackets is the relay's. The same line may come twice (a late answer), one IP with two MACs, one MAC
 * with two IPs. All recorded in testdata/arp-scan.
 */
import { isIPv4 } from 'node:net'
import { type Mac, parseMac } from '@presences/shared'
import { lastWords } from '../program-end.ts'
import type { LookFailure } from '../scanner.ts'
import { collectFaults, type Unreadable } from '../unreadable.ts'

export interface ArpScanRead extends Unreadable {
  /** Each once, in order of appearance. */
  readonly macs: readonly Mac[]
}

/** Reads arp-scan's standard output. Every line is a sighting or is reported, without being quoted. */
export function parseArpScan(stdout: string): ArpScanRead {
  const macs = new Set<Mac>()
  const faults = collectFaults()
  // One after another: a list of millions of bad lines is more than a small box can remember.
  for (let number = 1, start = 0; start < stdout.length; number += 1) {
    const feed = stdout.indexOf('\n', start)
    // A text that ends with a line feed has no line after it; one cut short has, and it is reported.
    const end = feed < 0 ? stdout.length : feed
    const mac = readLine(stdout.slice(start, end))
    if (typeof mac === 'object') faults.add(number, mac.fault)
    else macs.add(mac)
    start = end + 1
  }
  return { macs: [...macs], ...faults.collected() }
}

/** What arp-scan's own words for a failure mean, and what to do. */
export function explainArpScan(network: string, code: number, stderr: string): LookFailure {
  const known = KNOWN_FAILURES.find(([words]) => words.test(stderr))
  if (known) return { reason: known[1], advice: known[2](network) }
  const words = lastWords(stderr)
  return {
    reason: `arp-scan ended with status ${code}${words ? `: ${words}` : ''}`,
    advice: `run by hand: sudo arp-scan --interface=${network} --localnet`,
  }
}

const KNOWN_FAILURES: readonly (readonly [RegExp, string, (network: string) => string])[] = [
  [
    /Operation not permitted|don't have permission/,
    'arp-scan is not permitted to use the network',
    () => 'run as root, or give the unit AmbientCapabilities=CAP_NET_RAW',
  ],
  [
    /No such device/,
    'there is no such interface',
    () => "set PROBE_INTERFACES to one that 'ip link' lists",
  ],
  [/is not up|Network is down/, 'the interface is down', (network) => `ip link set ${network} up`],
  [
    /no IPv4 address|Could not obtain interface IP address/,
    'the interface has no IPv4 address',
    (network) => `check that DHCP gave one: ip -4 address show ${network}`,
  ],
  [
    /Could not obtain MAC address/,
    'it is no Ethernet or Wi-Fi interface',
    () => "set PROBE_INTERFACES to the room's LAN, not to a VPN or loopback",
  ],
]

function readLine(line: string): Mac | { fault: string } {
  const [ip = '', answer, ...more] = line.split('\t')
  if (!isIPv4(ip)) return { fault: 'no IPv4 address at the start' }
  if (answer === undefined || more.length > 0) return { fault: 'not two columns' }
  const [, text = ''] = ANSWER.exec(answer) ?? []
  return parseMac(text) ?? { fault: 'no MAC address in the second column' }
}

const ANSWER = /^([0-9a-f]{2}(?::[0-9a-f]{2}){5})(?: \([^()]+\))*$/
