/**
 * What every scanner of the box's own networks does around its look at an interface: which
 * interfaces there are, and whether each had a link before and after. Without one, scanners answer
 * "nobody".
 */
import { defaultRouteInterface, type KernelFolders, linkFailure } from './interfaces.ts'
import type { Look, LookFailure } from './scanner.ts'

export interface Interfaces {
  /** `undefined`: the interface of the default route, looked up at each scan. */
  readonly names: readonly string[] | undefined
  readonly kernel: KernelFolders
}

/** Looks at all interfaces at the same time. What was seen before a link was lost is kept. */
export async function lookAtInterfaces(
  { names, kernel }: Interfaces,
  lookAt: (name: string) => Promise<Look>,
): Promise<Look[]> {
  const chosen = names ?? [await defaultRouteInterface(kernel)].filter((name) => name !== undefined)
  if (chosen.length === 0) return [failedLook('the default interface', NO_DEFAULT_ROUTE)]
  return Promise.all(
    chosen.map(async (name) => {
      const linkBefore = await linkFailure(name, kernel)
      if (linkBefore) return failedLook(name, linkBefore)
      const look = await lookAt(name)
      if (look.failure) return look
      const linkAfter = await linkFailure(name, kernel)
      return linkAfter ? { ...look, failure: linkAfter } : look
    }),
  )
}

/** A look at which nobody was seen, since it could not be taken. */
export function failedLook(network: string, failure: LookFailure): Look {
  return { network, macs: [], unreadable: [], failure }
}

/** What to say of an interface with a link and no IPv4 network. */
export function noIpv4(name: string): LookFailure {
  return {
    reason: 'the interface has no IPv4 address',
    advice: `check that DHCP gave one: ip -4 address show ${name}`,
  }
}

const NO_DEFAULT_ROUTE: LookFailure = {
  reason: 'no default route tells which one it is',
  advice: 'check the cable and DHCP, or set PROBE_INTERFACES',
}
