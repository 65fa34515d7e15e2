/**
 * The nmap scanner: asks every address of each interface's own network who has it, as arp-scan does,
 * and gives those that keep silent a second chance. Needs CAP_NET_RAW. For boxes where arp-scan is not
 * to be had.
 */
import { networkInterfaces } from 'node:os'
import { runProgram } from '../../runtime/run-program.ts'
import { failedLook, lookAtInterfaces, noIpv4 } from '../interface-looks.ts'
import { KERNEL, type KernelFolders } from '../interfaces.ts'
import { printedBy, runFailure } from '../program-end.ts'
import type { Look, LookFailure, Scanner } from '../scanner.ts'
import { type InterfaceAddresses, type Subnet, subnetsOf } from '../subnets.ts'
import { explainNmap, parseNmap } from './nmap-output.ts'

export interface NmapOptions {
  /** `undefined`: the interface of the default route, looked up at each scan. */
  readonly interfaces: readonly string[] | undefined
  /** Where `nmap` is looked up, as in `PATH`. */
  readonly searchPath: string
  readonly kernel?: KernelFolders
  readonly addresses?: () => InterfaceAddresses
}

const PROGRAM = { name: 'nmap', package: 'nmap' } as const

/** A scanner that runs nmap once for each interface, all at the same time. */
export function nmap({
  interfaces,
  searchPath,
  kernel = KERNEL,
  addresses = networkInterfaces,
}: NmapOptions): Scanner {
  return {
    name: PROGRAM.name,
    look: (timeoutMs) =>
      lookAtInterfaces({ names: interfaces, kernel }, async (name) => {
        const subnets = subnetsOf(name, addresses())
        if (subnets.length === 0) return failedLook(name, noIpv4(name))
        return lookAt(name, subnets, { searchPath, timeoutMs })
      }),
  }
}

async function lookAt(
  network: string,
  subnets: readonly Subnet[],
  limits: { searchPath: string; timeoutMs: number },
): Promise<Look> {
  const run = await runProgram(PROGRAM.name, argumentsFor(network, subnets), limits)
  const { isFinished, ...seen } = parseNmap(printedBy(run))
  const failure =
    runFailure(PROGRAM, network, run, limits.timeoutMs, (code, stderr) =>
      explainNmap(network, code, stderr),
    ) ?? (isFinished ? undefined : UNFINISHED)
  return { network, ...seen, ...(failure && { failure }) }
}

/**
 * `--privileged`: nmap looks at its user, not at its capabilities, and would ask ports instead, which
 * tells no MAC address.
 */
function argumentsFor(network: string, subnets: readonly Subnet[]): string[] {
  const targets = subnets.map(({ address, prefix }) => `${address}/${prefix}`)
  return ['-n', '-sn', '-PR', '--privileged', '-oX', '-', '-e', network, ...targets]
}

const UNFINISHED: LookFailure = {
  reason: "nmap's answer has no end",
  advice: "if it happens again, check nmap's version",
}
