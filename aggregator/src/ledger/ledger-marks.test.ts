import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalDay } from '@presences/shared'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Store, StoreError } from '../store/store.ts'
import { emptyLedger } from './ledger.ts'
import { encodeLedger, formatLedgerKey } from './ledger-codec.ts'
import { openMarks } from './ledger-marks.ts'

const DAYS = ['2026-11-16', '2026-11-17', '2026-11-18'] as LocalDay[]
const [MONDAY, TUESDAY] = DAYS as [LocalDay, LocalDay]
const KEY = 'jobs/ledgers.json'

let folder: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-marks-'))
  store = createFolderStore(folder)
})
afterEach(() => rm(folder, { recursive: true }))

const open = (of = store) => openMarks(of, { now: () => new Date(0), onSetAside: () => {} })
const put = (day: LocalDay) => store.put(formatLedgerKey(day), encodeLedger(emptyLedger(day)))
async function noted(): Promise<unknown> {
  const there = await store.get(KEY)
  return there && JSON.parse(Buffer.from(there.bytes).toString()).days
}

test('what is there is noted, and what is there no more is lost', async () => {
  for (const day of DAYS) await put(day)
  expect((await open()).lost).toEqual([])
  await rm(join(folder, formatLedgerKey(TUESDAY)))
  expect((await open()).lost).toEqual([TUESDAY])
  expect(await noted()).toEqual(DAYS)
})

test('a listing that lags behind is no loss', async () => {
  await put(MONDAY)
  await open()
  const lagging: Store = { ...store, list: async function* () {} }
  expect((await open(lagging)).lost).toEqual([])
})

test('of days marked at once all are noted, each before its mark is said to be there', async () => {
  const { mark } = await open()
  await Promise.all(
    DAYS.map(async (day) => {
      await mark(day)
      expect(await noted()).toContain(day)
    }),
  )
  expect(await noted()).toEqual(DAYS)
})

test('a day that could not be noted is noted by the next mark of it', async () => {
  let isDown = true
  const failing: Store = {
    ...store,
    put: async (...given) => {
      if (isDown) throw new StoreError('down')
      return store.put(...given)
    },
  }
  const { mark } = await open(failing)
  await expect(mark(MONDAY)).rejects.toThrow('down')
  isDown = false
  await mark(TUESDAY)
  expect(await noted()).toEqual([TUESDAY])
  await mark(MONDAY)
  expect(await noted()).toEqual([MONDAY, TUESDAY])
})

test('an empty space has nothing to note', async () => {
  await open()
  expect(await noted()).toBeUndefined()
})
