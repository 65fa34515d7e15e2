/**
 * What nmap prints with `-oX -`, read strictly. Of its XML these elements matter, and the rest is
 * passed over:
 *
 *     <host><status state="up" reason="arp-response" reason_ttl="0"/>
 *     <address addr="10.77.0.15" addrtype="ipv4"/>
 *     <address addr="00:00:21:00:00:01" addrtype="mac" vendor="Sureman COMP. &amp; Commun."/>
 *     </host>
 *     <runstats><finished … exit="success"/></runstats>
 *
 * The box itself is a host that is up and has no MAC address. All recorded in testdata/nmap.
 */
import { type Mac, parseMac } from '@presences/shared'
import { lastWords } from '../program-end.ts'
import type { LookFailure } from '../scanner.ts'
import { collectFaults, type Unreadable } from '../unreadable.ts'

export interface NmapRead extends Unreadable {
  /** Each once, in order of appearance. */
  readonly macs: readonly Mac[]
  /** True when nmap says that it came to its end. */
  readonly isFinished: boolean
}

interface Host {
  readonly line: number
  isUp: boolean
  reason: string
  macText: string | undefined
}

/** Reads nmap's XML. Each host that is up is a sighting, the box itself, or is reported. */
export function parseNmap(xml: string): NmapRead {
  const macs = new Set<Mac>()
  const faults = collectFaults()
  let isFinished = false
  let host: Host | undefined
  for (const { name, isEnd, attributes, line } of tagsOf(xml)) {
    if (name === undefined) faults.add(line, 'no XML')
    else if (name === 'host' && !isEnd) {
      host = { line, isUp: false, reason: '', macText: undefined }
    } else if (name === 'host' && host) {
      const mac = macOf(host)
      if (typeof mac === 'object') faults.add(host.line, mac.fault)
      else if (mac) macs.add(mac)
      host = undefined
    } else if (name === 'status' && host) {
      host.isUp = attributes.state === 'up'
      host.reason = attributes.reason ?? ''
    } else if (name === 'address' && host && attributes.addrtype === 'mac') {
      host.macText = attributes.addr ?? ''
    } else if (name === 'finished') isFinished = attributes.exit === 'success'
  }
  return { macs: [...macs], ...faults.collected(), isFinished }
}

/** What nmap's own words for a failure mean, and what to do. */
export function explainNmap(network: string, code: number, stderr: string): LookFailure {
  if (/Failed to open device|Operation not permitted|requires root/.test(stderr)) {
    return {
      reason: 'nmap is not permitted to use the network',
      advice: 'run as root, or give the unit AmbientCapabilities=CAP_NET_RAW',
    }
  }
  if (/does it even exist/.test(stderr)) {
    return {
      reason: 'nmap finds no such interface, or no IPv4 address on it',
      advice: "set PROBE_INTERFACES to one that 'ip -4 address' lists",
    }
  }
  // Its last word is always that it quits.
  const words = lastWords(stderr.replace(/^QUITTING!$/m, ''))
  return {
    reason: `nmap ended with status ${code}${words ? `: ${words}` : ''}`,
    advice: `run by hand: sudo nmap -n -sn -PR -e ${network} and the network's address`,
  }
}

function macOf({ isUp, reason, macText }: Host): Mac | undefined | { fault: string } {
  if (!isUp || (macText === undefined && reason === 'localhost-response')) return undefined
  // What nmap sees without the right to use the network: it asked a port, and not who is there.
  if (macText === undefined) return { fault: 'a host without a MAC address' }
  return parseMac(macText) ?? { fault: 'no MAC address in addr' }
}

interface Tag {
  /** `undefined`: a `<` that begins nothing of XML. */
  readonly name: string | undefined
  readonly isEnd: boolean
  readonly attributes: Readonly<Record<string, string>>
  readonly line: number
}

/** What has a beginning and no end goes on to the end of the text: each is looked for once. */
const TOKEN =
  /<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>]*>|(<(?:!--|\?|!DOCTYPE).*)|<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*\/?>|[^<]+|</gs
const ATTRIBUTE = /([\w:.-]+)="([^"]*)"/g

/** The tags of a text, in order. Values are given as written: those used here hold no entities. */
function* tagsOf(xml: string): Generator<Tag> {
  let line = 1
  for (const [token, endless, slash, name, attributes = ''] of xml.matchAll(TOKEN)) {
    if (name !== undefined || endless !== undefined || token === '<') {
      const pairs = [...attributes.matchAll(ATTRIBUTE)].map(([, key, value]) => [key, value])
      yield { name, isEnd: slash === '/', attributes: Object.fromEntries(pairs), line }
    }
    line += token.split('\n').length - 1
  }
}
