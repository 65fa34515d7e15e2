import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalDay, macFromBits } from '@presences/shared'
import { afterEach, describe, expect, test } from 'vitest'
import {
  ANA,
  BOB,
  CLEO,
  intervalsOf,
  LAPTOP,
  mapOf,
  nov,
  PHONE,
  TABLET,
} from '../../testing/sample-maps.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import type { PutOutcome, Store } from '../store/store.ts'
import { StoreError } from '../store/store.ts'
import { HISTORY_KEY, HistoryError } from './history-codec.ts'
import { readHistory, recordMap, updateHistory } from './history-store.ts'
import { EMPTY_HISTORY, type MapHistory } from './map-history.ts'
import { MemberMapRefused } from './member-map.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

const ACCEPT = { acceptShrunk: true }

describe.each([
  ['a store with conditional writes', (store: Store) => store],
  ['a store without', withoutConditions],
])('%s', (_, kind) => {
  const makeStore = async () => kind(await folderStore())

  test('has no history at first, and keeps what is recorded', async () => {
    const store = await makeStore()
    expect(await readHistory(store)).toEqual(EMPTY_HISTORY)
    const first = await recordMap(store, mapOf([PHONE, ANA]), nov(3), ACCEPT)
    expect(await readHistory(store)).toStrictEqual(first.history)
    const second = await recordMap(store, mapOf([PHONE, ANA], [LAPTOP, BOB]), nov(5), ACCEPT)
    expect(second.newlyRegistered.map(({ mac }) => mac)).toEqual([LAPTOP])
    expect(await readHistory(store)).toStrictEqual(second.history)
  })

  test('is written when a device changed or the day did, and not else', async () => {
    const { store, writes } = counted(await makeStore())
    const map = mapOf([PHONE, ANA])
    await recordMap(store, map, nov(3), ACCEPT)
    await recordMap(store, map, nov(3), ACCEPT)
    expect(writes()).toBe(1)
    await recordMap(store, map, nov(4), ACCEPT)
    expect(writes()).toBe(2)
    expect((await readHistory(store)).observedOn).toBe(nov(4))
    await recordMap(store, mapOf([PHONE, BOB]), nov(4), ACCEPT)
    expect(writes()).toBe(3)
  })

  test('a map that is refused leaves it as it was', async () => {
    const store = await makeStore()
    await recordMap(store, mapOf([PHONE, ANA], [LAPTOP, BOB]), nov(3), ACCEPT)
    const before = (await store.get(HISTORY_KEY))?.bytes
    const refused = recordMap(store, mapOf([TABLET, CLEO]), nov(4), { acceptShrunk: false })
    await expect(refused).rejects.toThrow(MemberMapRefused)
    expect((await store.get(HISTORY_KEY))?.bytes).toEqual(before)
  })

  test('a damaged one is an error, and is not written over', async () => {
    const store = await makeStore()
    const bytes = Buffer.from('damaged')
    await store.put(HISTORY_KEY, bytes)
    await expect(readHistory(store)).rejects.toThrow(HistoryError)
    await expect(recordMap(store, mapOf([PHONE, ANA]), nov(3), ACCEPT)).rejects.toThrow(
      HistoryError,
    )
    expect(Buffer.compare((await store.get(HISTORY_KEY))?.bytes ?? Buffer.alloc(0), bytes)).toBe(0)
  })

  test('what another run wrote in between is kept', async () => {
    const store = await makeStore()
    await recordMap(store, mapOf([PHONE, ANA]), nov(3), ACCEPT)
    const meeting = interrupted(store, async () => {
      await updateHistory(store, give(TABLET))
    })
    const { history } = await recordMap(
      meeting,
      mapOf([PHONE, BOB], [TABLET, CLEO]),
      nov(3),
      ACCEPT,
    )
    expect(intervalsOf(history, PHONE)).toEqual([
      `${ANA.email} ${nov(3)}..${nov(3)} map`,
      `${BOB.email} ${nov(4)}.. map`,
    ])
    expect(intervalsOf(history, TABLET)).toEqual([`${CLEO.email} ${nov(1)}.. map`])
    expect(await readHistory(store)).toStrictEqual(history)
  })

  test('gives up when others never stop writing', async () => {
    const store = await makeStore()
    let writes = 0
    const meeting = interrupted(
      store,
      async () => {
        writes += 1
        await updateHistory(store, give(macFromBits(1000 + writes)))
      },
      Number.POSITIVE_INFINITY,
    )
    await expect(recordMap(meeting, mapOf([PHONE, ANA]), nov(3), ACCEPT)).rejects.toThrow(
      StoreError,
    )
  })
})

test('writers at once all get through', async () => {
  const store = await folderStore()
  const macs = Array.from({ length: 12 }, (_, at) => macFromBits(at + 1))
  await Promise.all(macs.map((mac) => updateHistory(store, give(mac))))
  expect([...(await readHistory(store)).intervals.keys()]).toEqual(macs)
})

test('two runs at once with the same map: both learn what is new, it is recorded once', async () => {
  const store = await folderStore()
  await recordMap(store, mapOf([PHONE, ANA]), nov(3), ACCEPT)
  const map = mapOf([PHONE, ANA], [LAPTOP, BOB])
  const runs = await Promise.all([1, 2].map(() => recordMap(store, map, nov(4), ACCEPT)))
  expect(runs[0]?.history).toStrictEqual(runs[1]?.history)
  expect(intervalsOf(await readHistory(store), LAPTOP)).toEqual([`${BOB.email} ${nov(4)}.. map`])
})

test('two runs at once after days without a map: the second does not go through them again', async () => {
  const store = await folderStore()
  await recordMap(store, mapOf([PHONE, ANA]), nov(3), ACCEPT)
  const gapSince = async (from: LocalDay) => ({ from, events: [], timeZone: 'Europe/Paris' })
  const options = { ...ACCEPT, gapSince }
  // The other one saw the phone at Ana's still.
  const meanwhile = async () => {
    await recordMap(store, mapOf([PHONE, ANA]), nov(9), options)
  }
  await recordMap(interrupted(store, meanwhile), mapOf([PHONE, BOB]), nov(9), options)
  expect(intervalsOf(await readHistory(store), PHONE)).toEqual([
    `${ANA.email} ${nov(3)}..${nov(9)} map`,
    `${BOB.email} ${nov(10)}.. map`,
  ])
})

test('a write that was stored though its answer was lost is news all the same', async () => {
  const store = await folderStore()
  await recordMap(store, mapOf([PHONE, ANA]), nov(3), ACCEPT)
  // As an adapter does: the first request is stored and fails, its repetition meets what it stored.
  let lost = false
  const put: Store['put'] = async (key, bytes, condition) => {
    if (!lost) await store.put(key, bytes, condition)
    lost = true
    return await store.put(key, bytes, condition)
  }
  const map = mapOf([PHONE, ANA], [LAPTOP, BOB])
  const { newlyRegistered } = await recordMap({ ...store, put }, map, nov(4), ACCEPT)
  expect(newlyRegistered.map(({ mac }) => mac)).toEqual([LAPTOP])
})

test('without conditional writes, a change that was written over is made again', async () => {
  const store = withoutConditions(await folderStore())
  await recordMap(store, mapOf([PHONE, ANA]), nov(3), ACCEPT)
  const before = (await store.get(HISTORY_KEY))?.bytes ?? Buffer.alloc(0)
  let over = false
  const put: Store['put'] = async (key, bytes, condition) => {
    const written = await store.put(key, bytes, condition)
    // Another run had read before this write, and writes after it.
    if (!condition && !over) await store.put(key, before)
    if (!condition) over = true
    return written
  }
  await recordMap({ ...store, put }, mapOf([PHONE, BOB]), nov(4), ACCEPT)
  expect(intervalsOf(await readHistory(store), PHONE)).toHaveLength(2)
})

async function folderStore(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'history-'))
  folders.push(folder)
  return createFolderStore(folder)
}

/** As a server that answers 501 to conditional writes. */
function withoutConditions(store: Store): Store {
  const put: Store['put'] = async (key, bytes, condition) =>
    condition ? { outcome: 'unsupported' } : await store.put(key, bytes)
  return { ...store, put }
}

/** `store`, where `meanwhile` happens before each of the first `times` conditional writes. */
function interrupted(store: Store, meanwhile: () => Promise<void>, times = 1): Store {
  let left = times
  const put: Store['put'] = async (key, bytes, condition) => {
    if (condition && left > 0) {
      left -= 1
      await meanwhile()
    }
    return await store.put(key, bytes, condition)
  }
  return { ...store, put }
}

function counted(store: Store) {
  let writes = 0
  const put: Store['put'] = async (...args) => {
    const result: PutOutcome = await store.put(...args)
    if (result.outcome === 'written') writes += 1
    return result
  }
  return { store: { ...store, put }, writes: () => writes }
}

/** Gives a device to Cleo, from the first of the month. */
function give(mac: ReturnType<typeof macFromBits>): (history: MapHistory) => MapHistory {
  return (history) => ({
    ...history,
    intervals: new Map(history.intervals).set(mac, [
      {
        owner: { kind: 'member', email: CLEO.email, name: 'Cleo Roux' },
        from: nov(1),
        until: undefined,
        origin: 'map',
        registeredOn: nov(1),
      },
    ]),
  })
}
