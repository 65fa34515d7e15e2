/**
 * What the kernel says of a network interface, read from /sys and /proc: no program is run. It is
 * asked before and after each scan, since arp-scan answers "nobody" when the cable is out.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LookFailure } from './scanner.ts'

/** Where the kernel tells of interfaces; tests give folders of their own. */
export interface KernelFolders {
  /** `/sys/class/net` */
  readonly interfaces: string
  /** `/proc/net/route` */
  readonly routes: string
}

export const KERNEL: KernelFolders = { interfaces: '/sys/class/net', routes: '/proc/net/route' }

/** Why nobody could be seen on an interface; `undefined` when it has a link. */
export async function linkFailure(
  name: string,
  kernel: KernelFolders,
): Promise<LookFailure | undefined> {
  try {
    const carrier = await readFile(join(kernel.interfaces, name, 'carrier'), 'utf8')
    if (carrier.trim() === '1') return undefined
    return {
      reason: 'there is no link',
      advice: 'check the cable at both ends and the switch, or the Wi-Fi',
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') {
      return {
        reason: 'there is no such interface',
        advice: "set PROBE_INTERFACES to one that 'ip link' lists",
      }
    }
    // The kernel refuses to tell the carrier of an interface that is down.
    if (code === 'EINVAL') {
      return { reason: 'the interface is down', advice: `ip link set ${name} up` }
    }
    return { reason: `its link can't be read: ${message}`, advice: 'check that /sys is mounted' }
  }
}

/** The interface of the IPv4 default route, the preferred one if there are several. */
export async function defaultRouteInterface(kernel: KernelFolders): Promise<string | undefined> {
  try {
    return parseDefaultRoute(await readFile(kernel.routes, 'utf8'))
  } catch {
    // No table to read is no route known: what to do is the same.
    return undefined
  }
}

/** Reads /proc/net/route: tab-separated columns, addresses in hexadecimal, the lowest metric wins. */
export function parseDefaultRoute(table: string): string | undefined {
  const defaults = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === NOWHERE && mask === NOWHERE)
    .sort((left, right) => Number(left[6]) - Number(right[6]))
  return defaults[0]?.[0]
}

const NOWHERE = '00000000'
