/** The networks of a room: what a scan sees of them while one of them, or all, can't be looked at. */
import type { Look } from '@presences/probe/scan/scanner.ts'
import type { Mac } from '@presences/shared'
import type { Random } from '../random.ts'

/** Which networks are out of reach: all of them, or one from somewhere in the middle of a scan on. */
export type Reach = 'all' | 'some' | 'none'

const NETWORKS = ['eth0', 'wlan0']
const FAILURE = { reason: 'no carrier', advice: 'plug it in' }

/** What a scanner tells of each network; a device is always in the same one. */
export function looksAt(macs: readonly Mac[], reach: Reach, random: Random): readonly Look[] {
  const failing = reach === 'some' ? random.pick(NETWORKS) : undefined
  return NETWORKS.map((network, number) => {
    const there = macs.filter((mac) => Number.parseInt(mac.slice(-1), 16) % 2 === number)
    const look = { network, macs: there, unreadable: [] }
    if (reach === 'none') return { ...look, macs: [], failure: FAILURE }
    if (network !== failing) return look
    return { ...look, macs: there.filter(() => random.chance(0.3)), failure: FAILURE }
  })
}
