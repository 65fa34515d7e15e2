import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalDay } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_RULE } from '../domain/rule.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import type { Store } from '../store/store.ts'
import { type DayLedger, emptyLedger, mergeLedgers } from './ledger.ts'
import { LedgerError } from './ledger-codec.ts'
import { ledgerFirstDay, readLedger, writeIntentions, writeLedger } from './ledger-store.ts'

const DAY = '2026-11-20' as LocalDay
const AT = '2026-11-20T21:15:00.000Z'

const ASIDE = { now: () => new Date('2026-11-20T21:15:00Z'), onSetAside: () => {} }

let folder: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-ledger-'))
  store = createFolderStore(folder)
})
afterEach(() => rm(folder, { recursive: true }))

describe.each(['honours', 'refuses'] as const)('on a server that %s conditions', (what) => {
  const server = (): Store => ({
    ...store,
    put: async (key, bytes, condition) =>
      condition && what === 'refuses'
        ? { outcome: 'unsupported' }
        : store.put(key, bytes, condition),
  })

  test('what was decided on an old version of the ledger is not to be done', async () => {
    const old = await readLedger(store, DAY)
    await writeLedger(store, { value: of('first'), etag: undefined })
    const intended = { ...old, value: mergeLedgers(old.value, of('second')) }
    await expect(writeIntentions(server(), intended)).rejects.toThrow(LedgerError)
    expect(await runsStored()).toEqual(['first'])
  })

  test('what became of it is added to whatever is there', async () => {
    await writeLedger(store, { value: of('first'), etag: undefined })
    await writeLedger(server(), { value: of('second'), etag: undefined })
    expect(await runsStored()).toEqual(['first', 'second'])
  })

  test('its own intentions, whose answer was lost, are no news', async () => {
    const mine = { value: of('mine'), etag: undefined }
    await writeIntentions(server(), mine)
    await writeIntentions(server(), mine)
    expect(await runsStored()).toEqual(['mine'])
  })

  test('the first day is that of the first run, whatever day it is later', async () => {
    expect(await ledgerFirstDay(server(), DAY, ASIDE)).toBe(DAY)
    expect(await ledgerFirstDay(server(), '2026-11-21' as LocalDay, ASIDE)).toBe(DAY)
    expect(await ledgerFirstDay(store, '2026-11-22' as LocalDay, ASIDE)).toBe(DAY)
  })
})

test.each([
  ['2026-11-21', DAY, '2026-11-21'],
  ['2026-11-22', DAY, DAY],
  ['2026-11-22', '2026-11-23', '2026-11-22'],
])('a first day of %s is, on %s, %s', async (firstDay, today, expected) => {
  await store.put('ledger/start.json', Buffer.from(JSON.stringify({ version: 1, firstDay })))
  const told: string[] = []
  const aside = { ...ASIDE, onSetAside: (message: string) => told.push(message) }
  expect(await ledgerFirstDay(store, today as LocalDay, aside)).toBe(expected)
  expect(told).toHaveLength(expected === firstDay ? 0 : 1)
})

test('of two first runs at once, the one that wrote first says what the first day was', async () => {
  let isFirstLook = true
  const late: Store = {
    ...store,
    get: async (key) => {
      if (!isFirstLook) return store.get(key)
      isFirstLook = false
      await ledgerFirstDay(store, DAY, ASIDE)
      return undefined
    },
  }
  expect(await ledgerFirstDay(late, '2026-11-21' as LocalDay, ASIDE)).toBe(DAY)
})

test.each([
  'no JSON',
  '{"version":2,"firstDay":"2026-11-20"}',
  '{"version":1,"firstDay":"2026-11-31"}',
  '{"version":1,"firstDay":20261120}',
])('a damaged first day is not taken for today: %s', async (text) => {
  await store.put('ledger/start.json', Buffer.from(text))
  const first = ledgerFirstDay(store, DAY, ASIDE)
  await expect(first).rejects.toThrow(LedgerError)
  await expect(first).rejects.toThrow("Can't use ledger/start.json")
})

function of(run: string): DayLedger {
  const evidence = { slots: [], devices: [], rule: DEFAULT_RULE }
  const entry = {
    run: { id: run, kind: 'nightly' as const, by: 'test' },
    email: 'ana@example.org',
    at: AT,
    computed: 1 as const,
    decision: 'post' as const,
    reason: 'first charge',
    outcome: 'intended' as const,
    evidence,
  }
  return { ...emptyLedger(DAY), entries: [entry] }
}

async function runsStored(): Promise<string[]> {
  return (await readLedger(store, DAY)).value.entries.map(({ run }) => run.id).sort()
}
