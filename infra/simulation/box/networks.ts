/**
 * The networks of a room, and what a scan shows of them: each may be out for hours, all at once or one of them, and one
 * may not be looked at to the end. Drawn from a stream of their own.
 */
import type { Look } from '@presences/probe/scan/scanner.ts'
import type { Mac } from '@presences/shared'
import { millisecondsInDay } from 'date-fns/constants'
import type { Random } from '../../random.ts'
import type { Faults } from '../faults/faults.ts'

export interface Networks {
  /** Draws whether one goes out now, or all. */
  drift(at: number): void
  /** What a scanner tells of each network, of the devices that answer it; a device is always in the same one. */
  look(at: number, answering: readonly Mac[]): readonly Look[]
  setFaults(faults: Faults): void
}

const NAMES = ['eth0', 'wlan0'] as const
const OUT = { reason: 'no carrier', advice: 'plug it in' }
const BROKEN_OFF = { reason: 'timed out', advice: 'nothing if it happens once' }

export function createNetworks(
  begins: Faults,
  random: Random,
  note: (line: string) => void,
): Networks {
  let faults = begins
  const outUntil = new Map<string, number>()
  return { drift, look, setFaults }

  function drift(at: number): void {
    if (random.chance(faults['cable-out'] * 0.001)) goOut(NAMES, at)
    if (random.chance(faults['partial-scans'] * 0.001)) goOut([random.pick(NAMES)], at)
  }

  function goOut(names: readonly string[], at: number): void {
    const until = at + random.next() * 0.3 * millisecondsInDay
    for (const name of names) outUntil.set(name, Math.max(until, outUntil.get(name) ?? 0))
    note(`${names.join(', ')} out until ${new Date(until).toISOString()}`)
  }

  function look(at: number, answering: readonly Mac[]): readonly Look[] {
    const broken = random.chance(faults['partial-scans'] * 0.05) ? random.pick(NAMES) : undefined
    return NAMES.map((network, number) => {
      const macs = answering.filter((mac) => Number.parseInt(mac.slice(-1), 16) % 2 === number)
      if (at < (outUntil.get(network) ?? 0)) {
        return { network, macs: [], unreadable: [], failure: OUT }
      }
      if (network !== broken) return { network, macs, unreadable: [] }
      const before = macs.slice(0, random.between(0, macs.length))
      return { network, macs: before, unreadable: [], failure: BROKEN_OFF }
    })
  }

  function setFaults(next: Faults): void {
    faults = next
    outUntil.clear()
  }
}
