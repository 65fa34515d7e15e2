/** The networks an interface stands in, for scanners that must be told what to ask. Pure. */
import { isIPv4 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'

/** As `os.networkInterfaces()` gives it. */
export type InterfaceAddresses = Readonly<
  Record<string, readonly NetworkInterfaceInfo[] | undefined>
>

export interface Subnet {
  /** The box's own address in it. */
  readonly address: string
  /** Length of its prefix in bits, 31 at most: alone in a network there is nobody to ask. */
  readonly prefix: number
}

/**
 * An interface's IPv4 networks, each once. An address with a label (`eth0:1`) is listed under the label,
 * and is the interface's.
 */
export function subnetsOf(name: string, addresses: InterfaceAddresses): Subnet[] {
  const own = Object.entries(addresses)
    .filter(([key]) => key === name || key.startsWith(`${name}:`))
    .flatMap(([, list]) => list ?? [])
  const subnets = own.flatMap(({ address, cidr }) => {
    const prefix = Number(cidr?.split('/')[1])
    return isIPv4(address) && prefix >= 1 && prefix <= 31 ? [{ address, prefix }] : []
  })
  const seen = new Set<number>()
  return subnets.filter((subnet) => {
    const { first } = rangeOf(subnet)
    return seen.has(first) ? false : seen.add(first)
  })
}

/** The address an interface has on its own link by IPv6; `undefined` where IPv6 is off. */
export function linkLocalOf(name: string, addresses: InterfaceAddresses): string | undefined {
  return addresses[name]?.find(({ address }) => address.startsWith('fe80:'))?.address
}

/** How many addresses of a network can be asked. */
export function hostCountOf(subnet: Subnet): number {
  const { first, last } = rangeOf(subnet)
  // But the box's own.
  return last - first
}

/** The addresses of a network that can be asked: not its own name, its broadcast, nor the box. */
export function* hostsOf(subnet: Subnet): Generator<string> {
  const { first, last } = rangeOf(subnet)
  const own = bitsOf(subnet.address)
  for (let bits = first; bits <= last; bits += 1) {
    if (bits !== own) yield textOf(bits)
  }
}

function rangeOf({ address, prefix }: Subnet): { first: number; last: number } {
  const size = 2 ** (32 - prefix)
  const start = Math.floor(bitsOf(address) / size) * size
  // A network of two has no name and no broadcast (RFC 3021).
  return size === 2
    ? { first: start, last: start + 1 }
    : { first: start + 1, last: start + size - 2 }
}

function bitsOf(address: string): number {
  return address.split('.').reduce((bits, part) => bits * 256 + Number(part), 0)
}

function textOf(bits: number): string {
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.')
}
