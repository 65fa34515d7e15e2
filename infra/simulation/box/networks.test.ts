import type { Mac } from '@presences/shared'
import { expect, test } from 'vitest'
import { randomOf } from '../../random.ts'
import { calmed, type FaultKind, type Faults } from '../faults/faults.ts'
import { createNetworks } from './networks.ts'

const MACS = ['AA:00:00:00:00:00', 'AA:00:00:00:00:01', 'AA:00:00:00:00:02'] as Mac[]
const NONE = calmed({} as Faults)
const MS_PER_HOUR = 3_600_000
const DAY_HOURS = Array.from({ length: 24 }, (_, hour) => hour * MS_PER_HOUR)

const having = (kind: FaultKind, amount: number): Faults => ({ ...NONE, [kind]: amount })

test('both networks show what answers, each device in its own', () => {
  const looks = createNetworks(NONE, randomOf(1), () => {}).look(0, MACS)
  expect(looks).toEqual([
    { network: 'eth0', macs: [MACS[0], MACS[2]], unreadable: [] },
    { network: 'wlan0', macs: [MACS[1]], unreadable: [] },
  ])
})

test('a network that is out shows nothing for hours, the other one all, until it is over', () => {
  const notes: string[] = []
  const networks = createNetworks(having('partial-scans', 1000), randomOf(1), (line) =>
    notes.push(line),
  )
  networks.drift(0)
  expect(notes).toEqual([expect.stringMatching(/^(eth0|wlan0) out until 1970-01-01T0\d:/)])
  networks.setFaults(NONE)
  networks.drift(0)
  expect(networks.look(0, MACS).filter(({ failure }) => failure)).toEqual([])
})

test('an outage of a cable is one of all networks, and ends', () => {
  const networks = createNetworks(having('cable-out', 1000), randomOf(2), () => {})
  networks.drift(0)
  const failing = DAY_HOURS.map(
    (at) =>
      networks.look(at, MACS).filter(({ failure, macs }) => failure && macs.length === 0).length,
  )
  expect(failing[0]).toBe(2)
  expect(failing.at(-1)).toBe(0)
  expect(new Set(failing)).toEqual(new Set([0, 2]))
})

test('a scan that breaks off has seen a part of one network', () => {
  const networks = createNetworks(having('partial-scans', 20), randomOf(3), () => {})
  const looks = Array.from({ length: 50 }, () => networks.look(0, MACS))
  for (const each of looks) expect(each.filter(({ failure }) => failure)).toHaveLength(1)
  const parts = looks.map((each) => each.find(({ failure }) => failure)?.macs.length)
  expect(new Set(parts)).toEqual(new Set([0, 1, 2]))
})
