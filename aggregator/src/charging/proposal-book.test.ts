import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addDays, type LocalDay, macFromBits } from '@presences/shared'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UsageError } from '../arguments/usage-error.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Store, StoreError } from '../store/store.ts'
import { numberProposals, proposalOf } from './proposal-book.ts'
import type { Proposal } from './proposals.ts'

const TODAY = '2026-11-20' as LocalDay
const aside = { now: () => new Date('2026-11-20T21:15:00Z'), onSetAside: () => {} }

let folder: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-book-'))
  store = createFolderStore(folder)
})
afterEach(() => rm(folder, { recursive: true }))

function proposal(device: number, email: string, ...daysAgo: number[]): Proposal {
  const days = daysAgo.map((ago) => ({ day: addDays(TODAY, -ago), was: 0, amount: 0.5 as const }))
  return { mac: macFromBits(device), email, days }
}

async function numbers(proposals: readonly Proposal[], today = TODAY) {
  const numbered = await numberProposals(proposals, { store, today, aside })
  return numbered.map(({ number }) => number)
}

const ask = (number: number) => proposalOf(number, { store, aside })

test('a proposal keeps its number, and none has the number of another one, ever', async () => {
  const [ana, bob, cleo] = [proposal(1, 'ana@x', 9), proposal(1, 'bob@x', 8), proposal(2, 'c@x', 7)]
  expect(await numbers([ana, bob])).toEqual([1, 2])
  expect(await numbers([bob, cleo, ana])).toEqual([2, 3, 1])
  expect(await numbers([])).toEqual([])
  // Told for the last time 92 days ago, and then 93.
  expect(await numbers([ana], addDays(TODAY, 92))).toEqual([1])
  expect(await ask(2)).toMatchObject({ mac: bob.mac })
  expect(await numbers([ana], addDays(TODAY, 93))).toEqual([1])
  await expect(ask(2)).rejects.toThrow(UsageError)
  expect(await numbers([bob], addDays(TODAY, 93))).toEqual([4])
})

test('a number stands for the device and the days that were proposed last', async () => {
  await numbers([proposal(1, 'ana@x', 9, 5)])
  expect(await ask(1)).toMatchObject({ mac: macFromBits(1), from: '2026-11-11', to: '2026-11-15' })
  await numbers([proposal(1, 'ana@x', 5, 2)])
  expect(await ask(1)).toMatchObject({ from: '2026-11-15', to: '2026-11-18' })
  await expect(ask(7)).rejects.toThrow('There is no proposal 7: the log of the last night')
})

test('a book that can not be used keeps nobody from being told', async () => {
  const down: Store = {
    ...store,
    get: async () => {
      throw new StoreError('down')
    },
  }
  const told = await numberProposals([proposal(1, 'ana@x', 9)], {
    store: down,
    today: TODAY,
    aside,
  })
  expect(told).toMatchObject([{ email: 'ana@x', number: undefined }])
})

test('a book that is damaged is set aside, and begun anew', async () => {
  const setAside: string[] = []
  await store.put('jobs/proposals.json', Buffer.from('{'))
  const noting = { ...aside, onSetAside: (line: string) => void setAside.push(line) }
  const deps = { store, today: TODAY, aside: noting }
  expect(await numberProposals([proposal(1, 'ana@x', 9)], deps)).toMatchObject([{ number: 1 }])
  expect(setAside).toHaveLength(1)
  expect(JSON.parse(await readFile(join(folder, 'jobs/proposals.json'), 'utf8')).next).toBe(2)
})
