/** What a ledger keeps of a member who was seen with many devices in many rooms. */
import { LIMITS, type LocalDay, macFromBits } from '@presences/shared'
import { expect, test } from 'vitest'
import { decodeLedger, encodeLedger, formatLedgerKey } from '../ledger/ledger-codec.ts'
import type { OwnerDay, PresenceSettings } from '../presence/presences.ts'
import { evidenceOf } from './nobody-to-charge.ts'

const DAY = '2026-11-20' as LocalDay
const settings: Pick<PresenceSettings, 'rule'> = {
  rule: { openingHours: { firstMinute: 480, lastMinute: 1319 }, halfDaySlots: 3, fullDaySlots: 30 },
}

test('of 340 devices in 240 rooms a ledger keeps enough for each slot, and can be read again', () => {
  const last = 340 * 240 - 1
  const seen = seenIn(last + 1, (row) => (row === last ? [48, 131] : [48, 49]))
  const evidence = evidenceOf(seen, settings)
  expect(evidence.devices).toHaveLength(LIMITS.evidenceRows)
  expect(evidence.slots).toEqual(seen.slots)
  expect(new Set(evidence.devices.flatMap(({ slots }) => slots))).toEqual(new Set(seen.slots))
  const entry = {
    run: { id: 'r', kind: 'nightly' as const, by: 'timer' },
    email: 'a@example.org',
    at: '2026-11-21T03:00:00.000Z',
    computed: 0.5 as const,
    decision: 'post' as const,
    reason: 'seen',
    evidence,
  }
  const ledger = { day: DAY, lookedAt: '', coverage: [], incomplete: [], entries: [entry] }
  expect(decodeLedger(encodeLedger(ledger), formatLedgerKey(DAY))).toEqual(ledger)
})

test('of no more rows than there is room for all are kept, in their order', () => {
  const seen = seenIn(4, () => [50])
  expect(evidenceOf(seen, settings, 4).devices).toHaveLength(4)
  expect(evidenceOf(seen, settings, 3).devices.map(({ location }) => location)).toEqual([
    'room-0',
    'room-1',
    'room-2',
  ])
})

test('a ledger that could not be read again is not written', () => {
  const reason = 'r'.repeat(LIMITS.storedBytes)
  const ledger = { day: DAY, lookedAt: reason, coverage: [], incomplete: [], entries: [] }
  expect(() => encodeLedger(ledger)).toThrow(
    /Can't write ledger\/2026-11-20.json.gz: it would have/,
  )
})

function seenIn(rows: number, slotsOf: (row: number) => number[]): OwnerDay {
  const devices = Array.from({ length: rows }, (_, row) => ({
    mac: macFromBits(row),
    location: `room-${row}`,
    minutes: 20,
    slots: slotsOf(row),
    source: 'map' as const,
  }))
  return {
    slots: [...new Set(devices.flatMap(({ slots }) => slots))].sort(),
    devices,
  } as unknown as OwnerDay
}
