/**
 * The kernel's table of neighbours, as `ip -j neigh show dev eth0` prints it (iproute2 6, recorded in
 * testdata/neighbours), and what its states tell. A device that was asked, measured on Linux 6:
 *
 *     unknown before:  INCOMPLETE, up to 3 s ─▶ REACHABLE or FAILED
 *     known before:    DELAY, 5 s ─▶ PROBE, up to 4 s ─▶ REACHABLE or FAILED
 *
 * So DELAY and PROBE only tell that it was asked: one that left an hour ago is in them for nine seconds.
 * REACHABLE tells that it answered, at most 45 s ago: then it becomes STALE.
 */
import { type Mac, parseMac } from '@presences/shared'
import { collectFaults, type Unreadable } from '../unreadable.ts'

export interface Neighbour {
  /** IPv4 or IPv6. */
  readonly address: string
  /** `undefined` as long as it never answered. */
  readonly mac: Mac | undefined
  readonly state: string
}

/** The `line` of a fault is the number of the entry. */
export interface NeighboursRead extends Unreadable {
  readonly neighbours: readonly Neighbour[]
}

/** Reads the table. Each entry is a neighbour or is reported, without being quoted. */
export function parseNeighbours(json: string): NeighboursRead {
  const entries = entriesOf(json)
  if (!entries) return { neighbours: [], unreadable: [{ line: 1, reason: 'no JSON list' }] }
  const neighbours: Neighbour[] = []
  const faults = collectFaults()
  for (const [index, entry] of entries.entries()) {
    const neighbour = readEntry(entry)
    if ('fault' in neighbour) faults.add(index + 1, neighbour.fault)
    else neighbours.push(neighbour)
  }
  return { neighbours, ...faults.collected() }
}

/** True for one that has answered lately. */
export function hasAnswered({ state }: Neighbour): boolean {
  return state === 'REACHABLE'
}

/** True for one that is being asked for the first time. */
export function isBeingSought({ state }: Neighbour): boolean {
  return state === 'INCOMPLETE'
}

/** True for one that was asked, and may still answer. */
export function isBeingAsked(neighbour: Neighbour): boolean {
  return isBeingSought(neighbour) || neighbour.state === 'DELAY' || neighbour.state === 'PROBE'
}

function entriesOf(json: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function readEntry(entry: unknown): Neighbour | { fault: string } {
  const { dst, lladdr, state } = (entry ?? {}) as Record<string, unknown>
  if (typeof dst !== 'string') return { fault: 'no address' }
  if (!Array.isArray(state) || typeof state[0] !== 'string') return { fault: 'no state' }
  const mac = typeof lladdr === 'string' ? parseMac(lladdr) : undefined
  const neighbour = { address: dst, mac, state: state[0] }
  if (hasAnswered(neighbour) && !mac) return { fault: 'no MAC address of one that answered' }
  return neighbour
}
