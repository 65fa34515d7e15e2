/** Reads the kernel's table of neighbours again and again, and remembers who answered meanwhile. */
import type { Mac } from '@presences/shared'
import { runProgram } from '../../runtime/run-program.ts'
import { lastWords, printedBy, runFailure } from '../program-end.ts'
import type { LookFailure } from '../scanner.ts'
import type { Unreadable } from '../unreadable.ts'
import { hasAnswered, type Neighbour, parseNeighbours } from './neighbour-table.ts'

export interface TableReaderDeps {
  /** Where `ip` and `ping` are looked up, as in `PATH`. */
  readonly searchPath: string
  readonly sleep: (ms: number) => Promise<unknown>
  /** A clock that is never set. */
  readonly elapsedMs: () => number
  /** Of the whole look. */
  readonly timeoutMs: number
}

const IP = { name: 'ip', package: 'iproute2' } as const
const PING = { name: 'ping', package: 'iputils-ping' } as const
const BETWEEN_READS_MS = 1_000

export class TableReader {
  /** Who has answered in any of the readings. */
  readonly macs = new Set<Mac>()
  /** Of the last reading. */
  faults: Unreadable = { unreadable: [] }
  readonly #network: string
  readonly #deps: TableReaderDeps
  readonly #endMs: number

  constructor(network: string, deps: TableReaderDeps) {
    this.#network = network
    this.#deps = deps
    this.#endMs = deps.elapsedMs() + deps.timeoutMs
  }

  /** What is left of the look's time. */
  leftMs(): number {
    return this.#endMs - this.#deps.elapsedMs()
  }

  /** Reads the table once. */
  async read(): Promise<{ neighbours: readonly Neighbour[] } | { failure: LookFailure }> {
    const run = await runProgram(IP.name, ['-j', 'neigh', 'show', 'dev', this.#network], {
      searchPath: this.#deps.searchPath,
      timeoutMs: Math.max(1, this.leftMs()),
    })
    const failure = runFailure(IP, this.#network, run, this.#deps.timeoutMs, explainIp)
    if (failure) return { failure }
    const { neighbours, ...faults } = parseNeighbours(printedBy(run))
    this.faults = faults
    for (const neighbour of neighbours) {
      if (neighbour.mac && hasAnswered(neighbour)) this.macs.add(neighbour.mac)
    }
    return { neighbours }
  }

  /**
   * Reads until no neighbour is `isPending`, for `maxMs` at most: the kernel goes on asking whoever is talked
   * to. A failure when the look's time is over before.
   */
  async until(
    isPending: (neighbour: Neighbour) => boolean,
    maxMs: number,
  ): Promise<LookFailure | undefined> {
    const endMs = this.#deps.elapsedMs() + maxMs
    for (;;) {
      const table = await this.read()
      if ('failure' in table) return table.failure
      const pending = table.neighbours.filter(isPending).length
      if (pending === 0 || this.#deps.elapsedMs() >= endMs) return undefined
      // Enough must be left for another reading.
      if (this.leftMs() <= 2 * BETWEEN_READS_MS) return this.#timeIsOver(pending)
      await this.#deps.sleep(BETWEEN_READS_MS)
    }
  }

  #timeIsOver(pending: number): LookFailure {
    return {
      reason: `${pending} neighbours had not answered within ${this.#deps.timeoutMs / 1000} s`,
      advice: 'nothing if it happens once: begin scans early in their minute',
    }
  }
}

/**
 * Asks all IPv6 nodes of a network at once. ping has the right to, unlike us: by its file's capability, by
 * CAP_NET_RAW, or where net.ipv4.ping_group_range lets everybody ping, as Debian 13 does.
 */
export async function pingAllNodes(
  network: string,
  { searchPath, timeoutMs }: TableReaderDeps,
): Promise<LookFailure | undefined> {
  const args = ['-6', '-n', '-q', '-c', '2', '-w', '2', '-I', network, 'ff02::1']
  const run = await runProgram(PING.name, args, { searchPath, timeoutMs })
  // 1: nobody answered, which is no fault.
  if (run.end === 'exited' && run.code === 1) return undefined
  // Its file's capability is none that this process may gain.
  if (run.end === 'failed' && run.reason.endsWith('EPERM')) return NO_PING
  return runFailure(PING, network, run, timeoutMs, explainPing)
}

const NO_PING: LookFailure = {
  reason: 'ping is not permitted to ask IPv6 nodes',
  advice:
    'give the unit AmbientCapabilities=CAP_NET_RAW, or set sysctl net.ipv4.ping_group_range="0 2147483647"',
}

function explainPing(code: number, stderr: string): LookFailure {
  if (/not permitted|denied|missing cap_net_raw/i.test(stderr)) {
    return NO_PING
  }
  return {
    reason: `ping ended with status ${code}: ${lastWords(stderr) ?? 'without a word'}`,
    advice: 'run by hand: ping -6 -c 1 -I eth0 ff02::1',
  }
}

function explainIp(code: number, stderr: string): LookFailure {
  if (/Cannot find device/.test(stderr)) {
    return {
      reason: 'there is no such interface',
      advice: "set PROBE_INTERFACES to one that 'ip link' lists",
    }
  }
  return {
    reason: `ip ended with status ${code}: ${lastWords(stderr) ?? 'without a word'}`,
    advice: 'run by hand: ip -j neigh',
  }
}
