/** One location's day from its raw objects: what is fetched, what is not, and what stops it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  dayWindow,
  encodeMinuteFile,
  formatMinuteKey,
  instantOf,
  LIMITS,
  type Limits,
  type LocalDay,
  macFromBits,
} from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Store, StoreError } from '../store/store.ts'
import { listMinutes } from './minute-set.ts'
import { listLocations, refreshRollup } from './refresh-rollup.ts'

const PARIS = 'Europe/Paris'
const DAY = '2026-11-20' as LocalDay
const NEXT_DAY = '2026-11-21' as LocalDay
const { start, minutes } = dayWindow(DAY, PARIS)

let folder: string
let files: Store
/** What was asked of the store: `get KEY`, `put KEY`, `list PREFIX`. */
let asked: string[]
let store: Store

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-refresh-'))
  files = createFolderStore(folder)
  asked = []
  store = {
    ...files,
    list: (prefix) => {
      asked.push(`list ${prefix}`)
      return files.list(prefix)
    },
    get: (key, mostBytes) => {
      asked.push(`get ${key}`)
      return files.get(key, mostBytes)
    },
    put: (key, ...rest) => {
      asked.push(`put ${key}`)
      return files.put(key, ...rest)
    },
  }
})
afterEach(() => rm(folder, { recursive: true }))

const refresh = (...enough: ['stored'?]) =>
  refreshRollup('a', DAY, { store, timeZone: PARIS }, ...enough)

const write = (key: string, text: string) => files.put(key, Buffer.from(text))

/** A minute file of DAY's folder, `elapsed` minutes after its midnight, in which device `mac` was seen. */
async function writeMinute(elapsed: number, mac = 1, probe = 'box'): Promise<string> {
  const minute = start + elapsed
  const key = formatMinuteKey({ location: 'a', day: DAY, minute, probe })
  const macs = [macFromBits(mac)]
  await write(key, encodeMinuteFile({ instant: instantOf(minute), macs, meta: {} }, PARIS))
  return key
}

/** The minutes each device was seen, by its number. */
async function minutesSeen(...enough: ['stored'?]) {
  const { devices } = (await refresh(...enough)).rollup
  return Object.fromEntries([...devices].map(([mac, set]) => [mac, listMinutes(set)]))
}

test('each raw object is fetched once, and a rollup that is up to date is not written again', async () => {
  await writeMinute(600)
  await writeMinute(601)
  expect((await refresh()).fetched).toBe(2)
  asked = []
  expect((await refresh()).fetched).toBe(0)
  expect(asked).toEqual([`get rollups/a/${DAY}.json.gz`, `list presences/a/${DAY}`])
  const late = await writeMinute(599, 2, 'spare')
  asked = []
  expect((await refresh()).fetched).toBe(1)
  expect(asked).toContain(`get ${late}`)
  expect(await minutesSeen()).toEqual({ 1: [600, 601], 2: [599] })
})

test('an old day file is fetched again when it has grown, and only then', async () => {
  const line = (clock: string) => `${DAY}T${clock}:00+01:00\t${macFromBits(1)}\n`
  await write(`presences/a/${DAY}`, line('10:00'))
  expect((await refresh()).fetched).toBe(1)
  expect((await refresh()).fetched).toBe(0)
  await write(`presences/a/${DAY}`, line('10:00') + line('10:05'))
  expect((await refresh()).fetched).toBe(1)
  expect(await minutesSeen()).toEqual({ 1: [600, 605] })
})

describe("a file in the day's folder", () => {
  test.each([
    ['the last minute of the day before', -1, true],
    ['the first minute', 0, false],
    ['the last minute', minutes - 1, false],
    ['the first minute of the next day', minutes, true],
  ])('that is named after %s', async (_, elapsed, isStranger) => {
    const key = await writeMinute(elapsed)
    const { refused, fetched } = await refresh()
    expect(refused.map((each) => each.key)).toEqual(isStranger ? [key] : [])
    expect(fetched).toBe(isStranger ? 0 : 1)
  })

  test('whose name is nothing of ours is named, and not fetched', async () => {
    await write(`presences/a/${DAY}/notes.txt`, 'hello')
    expect(await refresh()).toMatchObject({
      refused: [{ key: `presences/a/${DAY}/notes.txt` }],
      fetched: 0,
    })
  })

  test('that stands for the folder itself, as some S3 tools make them, is none', async () => {
    const withFolders: Store = {
      ...store,
      list: async function* (prefix) {
        yield { key: `presences/a/${DAY}/`, etag: '0', sizeBytes: 0, modified: new Date(0) }
        yield* files.list(prefix)
      },
    }
    await writeMinute(600)
    const refreshed = await refreshRollup('a', DAY, { store: withFolders, timeZone: PARIS })
    expect(refreshed).toMatchObject({ refused: [], fetched: 1 })
  })
})

test('what is stored is enough where that was asked, and all raw objects where nothing is stored', async () => {
  await writeMinute(600)
  expect(await minutesSeen('stored')).toEqual({ 1: [600] })
  await writeMinute(601)
  asked = []
  expect(await refresh('stored')).toMatchObject({ fetched: 0, refused: [] })
  expect(asked).toEqual([`get rollups/a/${DAY}.json.gz`])
  expect(await minutesSeen('stored')).toEqual({ 1: [600] })
  expect(await minutesSeen()).toEqual({ 1: [600, 601] })
})

test('two runs at once lose nothing of each other', async () => {
  await writeMinute(600)
  let isFirst = true
  const met: Store = {
    ...store,
    put: async (key, ...rest) => {
      if (isFirst) {
        isFirst = false
        await writeMinute(601, 2)
        await refresh()
      }
      return files.put(key, ...rest)
    },
  }
  const mine = await refreshRollup('a', DAY, { store: met, timeZone: PARIS })
  expect([...mine.rollup.devices.keys()].sort()).toEqual([1, 2])
  asked = []
  expect(await minutesSeen()).toEqual({ 1: [600], 2: [601] })
  expect(asked).toHaveLength(2)
})

test('a minute file that was written over is fetched again, once', async () => {
  const key = await writeMinute(600)
  await refresh()
  await writeMinute(600, 2)
  asked = []
  expect((await refresh()).fetched).toBe(1)
  expect(asked).toContain(`get ${key}`)
  expect((await refresh()).fetched).toBe(0)
  expect(await minutesSeen()).toEqual({ 1: [600], 2: [600] })
})

test('a file from a minute to come counts for nothing until it is written again in its time', async () => {
  const key = await writeMinute(600)
  await writeMinute(601)
  await writeMinute(602)
  await writeMinute(603)
  let writtenAt = start + 600
  const early: Store = {
    ...store,
    list: async function* (prefix) {
      for await (const each of files.list(prefix)) yield { ...each, modified: instantOf(writtenAt) }
    },
    get: async (each) => {
      const object = await store.get(each)
      return object && { bytes: object.bytes, etag: object.etag }
    },
  }
  const refreshed = () => refreshRollup('a', DAY, { store: early, timeZone: PARIS })
  const { rollup, refused } = await refreshed()
  expect(refused).toEqual([
    {
      key: key.replace('0900Z', '0903Z'),
      reason: expect.stringContaining('before the minute of its name had begun'),
    },
  ])
  expect(listMinutes(rollup.probes.get('box')?.looked ?? new Uint8Array())).toEqual([600, 601, 602])
  expect(listMinutes(rollup.devices.get(1) ?? new Uint8Array())).toEqual([600, 601, 602])
  writtenAt = start + 603
  expect(await refreshed()).toMatchObject({ fetched: 1, refused: [] })
})

describe('an object that was listed and can not be fetched', () => {
  /** The store, but that objects are gone from it, or refused. */
  const without = (get: (key: string) => undefined | never): Store => ({
    ...store,
    get: (key) => (key.startsWith('presences/') ? Promise.resolve(key).then(get) : store.get(key)),
  })

  test('is told, the others count, and it is fetched the next time', async () => {
    const key = await writeMinute(600)
    await writeMinute(601)
    const lost: Store = {
      ...store,
      get: async (each) => (each === key ? undefined : store.get(each)),
    }
    const { rollup, fetched, unread } = await refreshRollup('a', DAY, {
      store: lost,
      timeZone: PARIS,
    })
    expect(listMinutes(rollup.devices.get(1) ?? new Uint8Array())).toEqual([601])
    expect(fetched).toBe(1)
    expect(unread).toEqual([
      { key, reason: expect.stringContaining(`Can't read ${key} in ${store.url}`) },
    ])
    expect(await refresh()).toMatchObject({ fetched: 1, unread: [] })
    expect(await minutesSeen()).toEqual({ 1: [600, 601] })
  })

  test('with many others stops the room: then it is not the objects', async () => {
    for (let elapsed = 600; elapsed < 616; elapsed += 1) await writeMinute(elapsed)
    const refused = without((key) => {
      throw new StoreError(`Can't read ${key}`)
    })
    const some = await refreshRollup('a', DAY, { store: refused, timeZone: PARIS })
    expect(some.unread).toHaveLength(16)
    expect(await files.get(`rollups/a/${DAY}.json.gz`)).toBeUndefined()
    await writeMinute(616)
    const all = refreshRollup('a', DAY, { store: refused, timeZone: PARIS })
    await expect(all).rejects.toThrow(StoreError)
  })

  test('for another reason than the store is no fault of the object', async () => {
    await writeMinute(600)
    const broken = without(() => {
      throw new RangeError('Map maximum size exceeded')
    })
    const refreshed = refreshRollup('a', DAY, { store: broken, timeZone: PARIS })
    await expect(refreshed).rejects.toThrow(RangeError)
  })
})

test('locations are those that have raw files or had them, each once, in order', async () => {
  await write(`rollups/z/${DAY}.json.gz`, '')
  await write(`presences/c/${DAY}`, '')
  await write(`presences/a/${DAY}/x.tsv`, '')
  await write(`rollups/a/${NEXT_DAY}.json.gz`, '')
  await write('members/history.json.gz', '')
  expect(await listLocations(store)).toEqual({
    locations: ['a', 'c', 'z'],
    rolled: ['a', 'z'],
    ignored: [],
  })
})

test('what no location is called is none', async () => {
  const longest = 'a'.repeat(64)
  for (const name of [longest, `${longest}a`, 'La Halle']) await write(`presences/${name}/x`, '')
  await write('rollups/X/x', '')
  expect(await listLocations(store)).toEqual({
    locations: [longest],
    rolled: [],
    ignored: ['La Halle', 'X', `${longest}a`],
  })
})

describe('what is too much is refused, named, and counts for nothing', () => {
  const limited = (limits: Partial<Record<keyof Limits, number>>, from = store) =>
    refreshRollup('a', DAY, {
      store: from,
      timeZone: PARIS,
      limits: { ...LIMITS, ...limits } as Limits,
    })
  const devicesOf = ({ rollup }: Awaited<ReturnType<typeof limited>>) =>
    [...rollup.devices.keys()].sort()

  test('a minute file that is too large, before a byte of it is fetched', async () => {
    await writeMinute(600, 1)
    const key = formatMinuteKey({ location: 'a', day: DAY, minute: start + 601, probe: 'box' })
    await write(key, '\n'.repeat(101))
    const refreshed = await limited({ minuteFileBytes: 100 })
    const reason = expect.stringContaining('101 bytes, and no more than 100')
    expect(refreshed).toMatchObject({ fetched: 1, unread: [], refused: [{ key, reason }] })
    expect(devicesOf(refreshed)).toEqual([1])
    expect(asked).not.toContain(`get ${key}`)
    // It is told each time, and heals by itself.
    expect((await limited({ minuteFileBytes: 100 })).refused).toHaveLength(1)
    await writeMinute(601, 2)
    expect(devicesOf(await limited({ minuteFileBytes: 100 }))).toEqual([1, 2])
  })

  test('a day file that is too large, by a limit of its own', async () => {
    const key = `presences/a/${DAY}`
    await write(key, `${DAY}T10:00:00+01:00\t00:00:00:00:00:05\n`)
    expect(devicesOf(await limited({ minuteFileBytes: 1 }))).toEqual([5])
    await write(key, `${DAY}T10:00:00+01:00\t00:00:00:00:00:05\n`.repeat(2))
    const refreshed = await limited({ dayFileBytes: 60 })
    expect(refreshed.refused.map((each) => each.key)).toEqual([key])
    expect(devicesOf(refreshed)).toEqual([5])
  })

  test('an object that is larger than it was listed, which the next night need not wait for', async () => {
    const key = await writeMinute(600, 1)
    await writeMinute(601, 2)
    const liar: Store = {
      ...store,
      list: async function* (prefix) {
        for await (const each of files.list(prefix)) yield { ...each, sizeBytes: 1 }
      },
      get: (each, mostBytes) => files.get(each, each === key ? 20 : mostBytes),
    }
    const refreshed = await limited({}, liar)
    expect(refreshed).toMatchObject({ fetched: 1, unread: [], refused: [{ key }] })
    expect(devicesOf(refreshed)).toEqual([2])
  })

  test('keys without end: no more of the listing is asked for', async () => {
    await writeMinute(600, 1)
    await writeMinute(601, 2)
    let listed = 0
    const endless: Store = {
      ...store,
      list: async function* (prefix) {
        for await (const each of files.list(prefix)) yield each
        for (;;) {
          listed += 1
          yield {
            key: `presences/a/${DAY}/x${listed}`,
            etag: 'e',
            sizeBytes: 1,
            modified: new Date(),
          }
        }
      },
    }
    const { refused, ...refreshed } = await limited({ roomDayKeys: 5 }, endless)
    expect(devicesOf({ refused, ...refreshed })).toEqual([1, 2])
    expect(listed).toBe(4)
    expect(refused).toHaveLength(4)
    expect(refused[3]).toEqual({
      key: `presences/a/${DAY}`,
      reason: expect.stringContaining(`more than 5 objects, and those after presences/a/${DAY}/x3`),
    })
  })

  test('probes beyond those a room may have; those that are known keep their place', async () => {
    await writeMinute(600, 1, 'box')
    await limited({ roomDayProbes: 2 })
    for (const probe of ['a1', 'a2', 'a3']) await writeMinute(100, 2, probe)
    await writeMinute(601, 3, 'box')
    const refreshed = await limited({ roomDayProbes: 2 })
    expect([...refreshed.rollup.probes.keys()].sort()).toEqual(['a1', 'box'])
    expect(refreshed.refused).toHaveLength(2)
    expect(devicesOf(refreshed)).toEqual([1, 2, 3])
  })

  test('what lies in the folder in all, in the order of its keys, whether it was read before or not', async () => {
    const keys = [await writeMinute(600, 1), await writeMinute(601, 2), await writeMinute(602, 3)]
    await limited({})
    await writeMinute(601, 4)
    const size = (await files.get(keys[0] ?? ''))?.bytes.length ?? 0
    const refreshed = await limited({ roomDayBytes: 2 * size })
    expect(refreshed.refused.map(({ key }) => key)).toEqual([keys[2]])
  })

  test('devices beyond those of a room and day: whoever is there stays, and the rollup is readable', async () => {
    await writeMinute(600, 1)
    await writeMinute(601, 2)
    const key = await writeMinute(602, 3)
    await writeMinute(603, 1)
    const limits = { roomDayDevices: 2 }
    for (const fetched of [4, 0]) {
      const refreshed = await limited(limits)
      expect(refreshed.fetched).toBe(fetched)
      expect(devicesOf(refreshed)).toEqual([1, 2])
      const [probe] = refreshed.rollup.probes.values()
      expect(listMinutes(probe?.looked ?? new Uint8Array())).toEqual([600, 601, 602, 603])
      expect([...refreshed.rollup.faults]).toEqual([
        [
          key,
          expect.objectContaining({
            count: 1,
            first: [
              { line: 2, reason: 'the room has 2 other devices on this day, and no more are kept' },
            ],
          }),
        ],
      ])
    }
  })

  test('a minute of more devices than one can have', async () => {
    const minute = start + 600
    const key = formatMinuteKey({ location: 'a', day: DAY, minute, probe: 'box' })
    const fileOf = (count: number) =>
      encodeMinuteFile(
        {
          instant: instantOf(minute),
          macs: Array.from({ length: count }, (_, mac) => macFromBits(mac)),
          meta: {},
        },
        PARIS,
      )
    await write(key, fileOf(9))
    expect((await limited({ minuteFileDevices: 8 })).rollup).toMatchObject({
      devices: new Map(),
      probes: new Map(),
      faults: new Map([[key, expect.objectContaining({ count: 1, read: 0 })]]),
    })
    await write(key, fileOf(8))
    expect((await limited({ minuteFileDevices: 8 })).rollup.devices.size).toBe(8)
  })
})
