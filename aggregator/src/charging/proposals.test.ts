/** What a replay of devices registered late would post. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { addDays, dayWindow, type LocalDay, type Mac, macFromBits } from '@presences/shared'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { seen } from '../../testing/raw-files.ts'
import { settleDeps } from '../../testing/settle-deps.ts'
import type { OwnedDevice, Ownership, OwnershipSource } from '../domain/ownership.ts'
import { DEFAULT_RULE } from '../domain/rule.ts'
import { emptyLedger, type LedgerEntry } from '../ledger/ledger.ts'
import { writeLedger } from '../ledger/ledger-store.ts'
import { emptyRollup } from '../rollup/day-rollup.ts'
import { mergeDayFile } from '../rollup/raw-object.ts'
import type { RollupRefreshed } from '../rollup/refresh-rollup.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Store, StoreError } from '../store/store.ts'
import { proposeReplays } from './proposals.ts'

const TODAY = '2026-11-20' as LocalDay
const DAY = addDays(TODAY, -2)
const NEXT = addDays(TODAY, -1)
const [PHONE, LAPTOP, TABLET] = [macFromBits(1), macFromBits(2), macFromBits(3)]
const ANA: Ownership = { kind: 'member', email: 'ana@x', name: 'Ana' }
const BOB: Ownership = { kind: 'member', email: 'bob@x', name: 'Bob' }
const [LATE, KNOWN]: OwnershipSource[] = ['registered-late', 'map']
const NOON = dayWindow(DAY, 'Europe/Paris').start + 12 * 60

let folder: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-'))
  store = createFolderStore(folder)
})
afterEach(() => rm(folder, { recursive: true }))

/** Devices seen in so many slots of `day` from 08:00 on. */
async function see(day: LocalDay, slots: readonly [Mac, number][], room = 'a'): Promise<void> {
  const file = join(folder, 'presences', room, day)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, slots.map(([mac, count]) => seen(mac, day, 8, count)).join(''))
}

async function charged(day: LocalDay, computed: 0.5 | 1): Promise<void> {
  const entry: LedgerEntry = {
    run: { id: 'run0', kind: 'nightly', by: 'timer' },
    email: 'ana@x',
    at: `${day}T21:15:00.000Z`,
    computed,
    decision: 'post',
    reason: 'a reason',
    outcome: 'posted',
    evidence: { slots: [], devices: [], rule: DEFAULT_RULE },
  }
  await writeLedger(store, { value: { ...emptyLedger(day), entries: [entry] }, etag: undefined })
}

const own = (owner: Ownership, source = LATE, more: Partial<OwnedDevice> = {}) =>
  ({ owner, source, ...more }) as OwnedDevice

/** Each proposal as a line: `ana@x 2 2026-11-18 0.5 → 1`, with the number of its device. */
async function proposed(
  owned: readonly [Mac, OwnedDevice][],
  {
    macs = [LAPTOP, TABLET],
    read = new Map(),
    from = store,
  }: { macs?: Mac[]; read?: Map<LocalDay, RollupRefreshed[]>; from?: Store } = {},
): Promise<string[]> {
  const deps = settleDeps(TODAY, { store: from, locations: ['a', 'b'] })
  const ownersOn = () => new Map(owned)
  const proposals = await proposeReplays(new Set(macs), [DAY, NEXT], read, ownersOn, deps)
  return proposals.map(({ mac, email, days }) => {
    const gains = days.map(({ day, was, amount }) => `${day} ${was} → ${amount}`)
    return [email, mac.slice(-1), ...gains].join(' ')
  })
}

const ANAS: [Mac, OwnedDevice][] = [
  [PHONE, own(ANA, KNOWN)],
  [LAPTOP, own(ANA)],
]

test('each day is worth what it has more than was charged', async () => {
  await see(DAY, [
    [PHONE, 3],
    [LAPTOP, 30],
  ])
  await see(NEXT, [[LAPTOP, 3]])
  await charged(DAY, 0.5)
  expect(await proposed(ANAS)).toEqual([`ana@x 2 ${DAY} 0.5 → 1 ${NEXT} 0 → 0.5`])
})

test.each<[string, readonly [Mac, number][], [Mac, OwnedDevice][]]>([
  ['was charged', [[LAPTOP, 3]], ANAS],
  ['has none of them', [[PHONE, 30]], ANAS],
  ['has one that was theirs all along', [[LAPTOP, 30]], [[LAPTOP, own(ANA, KNOWN)]]],
  [
    'has one that is the space’s own',
    [[LAPTOP, 30]],
    [[LAPTOP, own({ kind: 'excluded', name: '' })]],
  ],
  ['has one of nobody', [[LAPTOP, 30]], []],
  ['has too few slots', [[TABLET, 2]], [[TABLET, own(BOB)]]],
])('a day that %s is not proposed', async (_, slots, owned) => {
  await see(DAY, slots)
  await charged(DAY, 0.5)
  expect(await proposed(owned)).toEqual([])
})

test('of two devices of one member one has the day; others have their own', async () => {
  await see(DAY, [
    [TABLET, 3],
    [LAPTOP, 3],
    [PHONE, 3],
  ])
  const owned: [Mac, OwnedDevice][] = [
    [TABLET, own(ANA)],
    [LAPTOP, own(ANA)],
    [PHONE, own(BOB)],
  ]
  expect(await proposed(owned, { macs: [LAPTOP, TABLET, PHONE] })).toEqual([
    `ana@x 2 ${DAY} 0 → 0.5`,
    `bob@x 1 ${DAY} 0 → 0.5`,
  ])
})

test('members whose devices were not registered late are told nothing', async () => {
  await see(DAY, [
    [PHONE, 3],
    [LAPTOP, 3],
  ])
  const owned: [Mac, OwnedDevice][] = [
    [PHONE, own(BOB, KNOWN)],
    [LAPTOP, own(ANA)],
  ]
  expect(await proposed(owned)).toEqual([`ana@x 2 ${DAY} 0 → 0.5`])
  expect(await proposed(owned, { macs: [PHONE] })).toEqual([])
})

test('a device that changed hands is told to each for their own part', async () => {
  await see(DAY, [[LAPTOP, 60]])
  const owned = own(ANA, LATE, { passedOn: { from: NOON, owned: own(BOB) } })
  expect(await proposed([[LAPTOP, owned]])).toEqual([
    `ana@x 2 ${DAY} 0 → 0.5`,
    `bob@x 2 ${DAY} 0 → 1`,
  ])
})

test('a device that only one had that day is told to nobody else', async () => {
  await see(DAY, [
    [LAPTOP, 3],
    [PHONE, 3],
  ])
  const owned: [Mac, OwnedDevice][] = [
    [PHONE, own(BOB, KNOWN)],
    [LAPTOP, own(ANA, LATE, { passedOn: { from: NOON, owned: own(BOB) } })],
  ]
  expect(await proposed(owned)).toEqual([`ana@x 2 ${DAY} 0 → 0.5`])
})

test('a device may have been in any one of the rooms', async () => {
  await see(DAY, [[PHONE, 3]], 'a')
  await see(DAY, [[LAPTOP, 30]], 'b')
  expect(await proposed(ANAS)).toEqual([`ana@x 2 ${DAY} 0 → 1`])
})

test('what the run has read is not read again', async () => {
  await see(DAY, [[LAPTOP, 3]])
  const rollup = emptyRollup('a', dayWindow(DAY, 'Europe/Paris'))
  const bytes = Buffer.from(seen(LAPTOP, DAY, 8, 30))
  mergeDayFile(rollup, { key: 'k', etag: '1', bytes })
  const read = new Map([[DAY, [{ rollup, fetched: 0, refused: [], unread: [] }]]])
  expect(await proposed(ANAS, { read })).toEqual([`ana@x 2 ${DAY} 0 → 1`])
})

test('nothing is read for want of devices', async () => {
  const from = { get: () => Promise.reject(new Error('read')) } as unknown as Store
  expect(await proposed(ANAS, { macs: [], from })).toEqual([])
  expect(await proposed([], { from })).toEqual([])
})

test('a day that can not be read is left out; a fault of the program elsewhere is none', async () => {
  await see(DAY, [[LAPTOP, 3]])
  await see(NEXT, [[LAPTOP, 3]])
  const failing = (error: Error, prefix = ''): Store => ({
    ...store,
    get: (key) =>
      key.startsWith(prefix) && key.includes(DAY) ? Promise.reject(error) : store.get(key),
  })
  const from = failing(new StoreError('it is down'))
  expect(await proposed(ANAS, { from })).toEqual([`ana@x 2 ${NEXT} 0 → 0.5`])
  const faulty = failing(new TypeError('x is not a function'), 'ledger/')
  await expect(proposed(ANAS, { from: faulty })).rejects.toThrow(TypeError)
})
