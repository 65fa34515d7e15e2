/**
 * The arp-scan scanner: asks every address of each interface's own network who has it. Needs
 * CAP_NET_RAW. It sees devices that ignore everything else, on the LANs the box stands in; the box's
 * own address is never listed.
 */
import { type ProgramRun, runProgram } from '../run-program.ts'
import { explainArpScan, parseArpScan } from './arp-scan-output.ts'
import { defaultRouteInterface, KERNEL, type KernelFolders, linkFailure } from './interfaces.ts'
import type { Look, LookFailure, Scanner } from './scanner.ts'

export interface ArpScanOptions {
  /** `undefined`: the interface of the default route, looked up at each scan. */
  readonly interfaces: readonly string[] | undefined
  /** Where `arp-scan` is looked up, as in `PATH`. */
  readonly searchPath: string
  readonly kernel?: KernelFolders
}

/** A scanner that runs arp-scan once for each interface, all at the same time. */
export function arpScan({ interfaces, searchPath, kernel = KERNEL }: ArpScanOptions): Scanner {
  return {
    name: 'arp-scan',
    async look(timeoutMs) {
      const names =
        interfaces ?? [await defaultRouteInterface(kernel)].filter((name) => name !== undefined)
      if (names.length === 0) return [failed('the default interface', NO_DEFAULT_ROUTE)]
      return Promise.all(names.map((name) => lookAt(name, { searchPath, timeoutMs }, kernel)))
    },
  }
}

/**
 * Three attempts, 200 ms apart, at 1 Mbit/s: 0.8 s for a /24. A phone that answers every other request
 * is seen in 88 % of such scans (measured); a fourth attempt would bring 95 %.
 * `-g` (no duplicates) is left out: it hides the second MAC of an address.
 */
function argumentsFor(network: string): string[] {
  return [
    '-q',
    '-x',
    '-N',
    '--retry=3',
    '--timeout=200',
    '--backoff=1',
    '--bandwidth=1M',
    `--interface=${network}`,
    '--localnet',
  ]
}

async function lookAt(
  network: string,
  limits: { searchPath: string; timeoutMs: number },
  kernel: KernelFolders,
): Promise<Look> {
  const linkBefore = await linkFailure(network, kernel)
  if (linkBefore) return failed(network, linkBefore)
  const run = await runProgram('arp-scan', argumentsFor(network), limits)
  const seen = parseArpScan(printedBy(run))
  const failure = runFailure(network, run, limits.timeoutMs) ?? (await linkFailure(network, kernel))
  return { network, ...seen, ...(failure && { failure }) }
}

/**
 * What was seen before a failure was seen all the same. (arp-scan, away
 * from a terminal, prints 4 kB at a time: of a scan that is killed the first 130 answers arrive, or none.)
 */
function printedBy(run: ProgramRun): string {
  switch (run.end) {
    case 'exited':
      return run.stdout
    case 'missing':
      return ''
    default:
      // The line in which it was ended is no strange line.
      return run.stdout.slice(0, run.stdout.lastIndexOf('\n') + 1)
  }
}

function runFailure(network: string, run: ProgramRun, timeoutMs: number): LookFailure | undefined {
  switch (run.end) {
    case 'exited':
      return run.code === 0 ? undefined : explainArpScan(network, run.code, run.stderr)
    case 'missing':
      return { reason: 'arp-scan is not installed', advice: 'sudo apt install arp-scan' }
    case 'timed-out':
      return {
        reason: `arp-scan did not end within ${timeoutMs / 1000} s`,
        advice: `check the size of its network (ip -4 address show ${network}): a /16 is too wide to scan in a minute`,
      }
    case 'failed':
      return {
        reason: `arp-scan failed: ${run.reason}`,
        advice: 'if it happens again, look at the system log',
      }
  }
}

function failed(network: string, failure: LookFailure): Look {
  return { network, macs: [], unreadable: [], failure }
}

const NO_DEFAULT_ROUTE: LookFailure = {
  reason: 'no default route tells which one it is',
  advice: 'check the cable and DHCP, or set PROBE_INTERFACES',
}
