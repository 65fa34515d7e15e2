/**
 * The neighbours scanner: has the kernel ask every address of each interface's networks, and reads from its
 * table who answered. Needs no right at all. It sees what arp-scan sees, slower, and devices that have IPv6
 * alone.
 */
import { networkInterfaces } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { failedLook, lookAtInterfaces, noIpv4 } from '../interface-looks.ts'
import { KERNEL, type KernelFolders } from '../interfaces.ts'
import type { Look, LookFailure, Scanner } from '../scanner.ts'
import {
  hostCountOf,
  hostsOf,
  type InterfaceAddresses,
  linkLocalOf,
  type Subnet,
  subnetsOf,
} from '../subnets.ts'
import { hasAnswered, isBeingAsked, isBeingSought } from './neighbour-table.ts'
import { type Poke, type Poked, pokeByUdp } from './poke.ts'
import { pingAllNodes, TableReader, type TableReaderDeps } from './table-reader.ts'

export interface NeighboursOptions {
  /** `undefined`: the interface of the default route, looked up at each scan. */
  readonly interfaces: readonly string[] | undefined
  /** Where `ip` and `ping` are looked up, as in `PATH`. */
  readonly searchPath: string
  readonly kernel?: KernelFolders
  readonly addresses?: () => InterfaceAddresses
  readonly poke?: Poke
  readonly sleep?: (ms: number) => Promise<unknown>
  /** A clock that is never set. */
  readonly elapsedMs?: () => number
}

/** The kernel's table holds 1,024 entries, of all interfaces together, unless it is told otherwise. */
const ASKED_AT_ONCE = 256
/** Three requests a second apart, and some more. */
const SEEKING_MS = 4_000
/** The longest way to an answer: 5 s of DELAY, then three requests a second apart, and some more. */
const ASKING_MS = 10_000

/** A scanner that reads the kernel's table of neighbours of each interface, all at the same time. */
export function neighbours({
  interfaces,
  kernel = KERNEL,
  addresses = networkInterfaces,
  poke = pokeByUdp,
  searchPath,
  sleep = wait,
  elapsedMs = () => performance.now(),
}: NeighboursOptions): Scanner {
  return {
    name: 'neighbours',
    look: (timeoutMs) =>
      lookAtInterfaces({ names: interfaces, kernel }, (name) =>
        lookAt(name, addresses(), poke, { searchPath, sleep, elapsedMs, timeoutMs }),
      ),
  }
}

async function lookAt(
  network: string,
  addresses: InterfaceAddresses,
  poke: Poke,
  deps: TableReaderDeps,
): Promise<Look> {
  const subnets = subnetsOf(network, addresses)
  const linkLocal = linkLocalOf(network, addresses)
  if (subnets.length === 0 && linkLocal === undefined) return failedLook(network, noIpv4(network))
  const table = new TableReader(network, deps)
  const ping = linkLocal === undefined ? undefined : pingAllNodes(network, deps)
  const failures = [await askSubnets(subnets, table, poke), await ping]
  if (linkLocal !== undefined) failures.push(await askIpv6(network, linkLocal, table, poke))
  failures.push(await table.until(isBeingAsked, ASKING_MS))
  const failure = failures.find((failure) => failure !== undefined)
  return {
    network,
    macs: [...table.macs],
    ...table.faults,
    ...(failure && { failure }),
  }
}

/** Asks every address, so many at a time that the table has room for them. */
async function askSubnets(
  subnets: readonly Subnet[],
  table: TableReader,
  poke: Poke,
): Promise<LookFailure | undefined> {
  let asked = 0
  let failure: LookFailure | undefined
  for (const { subnet, hosts } of batchesOf(subnets)) {
    // A table full of addresses being sought has no room for others.
    if (asked > 0) failure ??= await table.until(isBeingSought, SEEKING_MS)
    if (failure) return failure
    // The first ones are always asked.
    if (asked > 0 && table.leftMs() < SEEKING_MS + ASKING_MS) {
      const all = subnets.reduce((count, each) => count + hostCountOf(each), 0)
      return {
        reason: `there was time to ask ${asked} of ${all} addresses`,
        advice: 'scan a network this wide with arp-scan',
      }
    }
    failure = refusal(await poke(subnet.address, hosts))
    asked += hosts.length
  }
  return failure
}

/**
 * Who is known by IPv6 is asked again: those that answered the ping have told their MAC address, and that is
 * no answer of theirs yet, as the kernel sees it.
 */
async function askIpv6(
  network: string,
  from: string,
  table: TableReader,
  poke: Poke,
): Promise<LookFailure | undefined> {
  const known = await table.read()
  if ('failure' in known) return known.failure
  const addresses = known.neighbours
    .filter((each) => each.address.includes(':') && each.mac && !hasAnswered(each))
    .map(({ address }) => (address.startsWith('fe80:') ? `${address}%${network}` : address))
  // An address that has no route any more is no fault of the network.
  await poke(`${from}%${network}`, addresses)
  return undefined
}

function refusal({ refused, reason }: Poked): LookFailure | undefined {
  if (refused === 0) return undefined
  return {
    reason: `${refused} addresses could not be asked: ${reason}`,
    advice:
      'if it is ENOBUFS, raise net.ipv4.neigh.default.gc_thresh3; if it is EPERM, look at the firewall',
  }
}

function* batchesOf(subnets: readonly Subnet[]): Generator<{ subnet: Subnet; hosts: string[] }> {
  for (const subnet of subnets) {
    let hosts: string[] = []
    for (const host of hostsOf(subnet)) {
      hosts.push(host)
      if (hosts.length === ASKED_AT_ONCE) {
        yield { subnet, hosts }
        hosts = []
      }
    }
    if (hosts.length > 0) yield { subnet, hosts }
  }
}
