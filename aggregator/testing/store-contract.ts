/**
 * What every store must do, run on each of them (`s3-store.test.ts`, `folder-store.test.ts`,
 * `read-only-store.test.ts`). `makeStore` gives an empty store of its own to each test.
 */
import { LIMITS } from '@presences/shared'
import pMap from 'p-map'
import { describe, expect, test } from 'vitest'
import { compareKeys } from '../src/store/key-order.ts'
import {
  type ObjectInfo,
  type PutOutcome,
  type Store,
  StoreError,
  TooLargeError,
} from '../src/store/store.ts'
import { addEntry } from './add-entry.ts'

const WRITERS = 20

/** Declares the contract's tests for one kind of store. */
export function storeContract(name: string, makeStore: () => Promise<Store>): void {
  describe(`${name}: objects`, () => {
    test.each([
      ['no byte', new Uint8Array()],
      ['text', Buffer.from('2026-11-22T08:12:04+01:00\tAA:BB:CC:DD:EE:FF\n')],
      ['every byte', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
      ['a view of a larger buffer', new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)],
      ['5 MB', Uint8Array.from({ length: 5_000_003 }, (_, at) => (at * at) % 251)],
    ])('%s comes back as it went', async (_, bytes) => {
      const store = await makeStore()
      const written = await store.put('a/object', bytes)
      const read = await store.get('a/object')
      expect(Buffer.compare(read?.bytes ?? Buffer.from('none'), bytes)).toBe(0)
      expect(written).toEqual({ outcome: 'written', etag: read?.etag })
      expect(await keysOf(store, '')).toEqual(['a/object'])
    })

    test('what is absent is undefined, not an error', async () => {
      const store = await makeStore()
      await store.put('a/b', text('b'))
      for (const key of ['a', 'a/c', 'a/b/c', 'c', 'c/d/e']) {
        expect(await store.get(key)).toBeUndefined()
      }
      expect(await keysOf(store, 'c')).toEqual([])
      expect(await keysOf(store, 'a/b/')).toEqual([])
      expect(await store.folders('c/')).toEqual([])
      expect(await store.folders('a/b/')).toEqual([])
    })

    test('that have more bytes than are wanted are refused, with what to do', async () => {
      const store = await makeStore()
      await store.put('a/key', text('ten bytes.'))
      expect((await store.get('a/key', 10))?.bytes).toHaveLength(10)
      const refused = await store.get('a/key', 9).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(TooLargeError)
      expect((refused as Error).message).toMatch(/a\/key"?: it has 10 bytes, and no more than 9 /)
      expect(await store.get('a', 1)).toBeUndefined()
    })

    test('that could not be read again are not written', async () => {
      const store = await makeStore()
      await expect(store.put('a', new Uint8Array(LIMITS.storedBytes + 1))).rejects.toThrow(
        StoreError,
      )
      expect(await keysOf(store, '')).toEqual([])
    })

    test('the last write stays, under another etag each time', async () => {
      const store = await makeStore()
      const etags = new Set<string>()
      for (let version = 0; version < 10; version += 1) {
        etags.add(etagOf(await store.put('key', text(`version ${version}`))))
        expect(await textOf(store, 'key')).toBe(`version ${version}`)
      }
      expect(etags.size).toBe(10)
    })

    test('a listing gives the etag, size and time that a read would', async () => {
      const store = await makeStore()
      const before = Date.now()
      const etag = etagOf(await store.put('dir/key', text('twelve bytes')))
      const [info] = await all(store.list(''))
      expect(info).toMatchObject({ key: 'dir/key', etag, sizeBytes: 12 })
      expect((await store.get('dir/key'))?.etag).toBe(etag)
      // Times may be cut to whole seconds, and set a little ahead.
      expect(Math.abs((info?.modified.getTime() ?? 0) - before)).toBeLessThan(60_000)
    })

    test('a read tells when the object was written, and when it was read, by one clock', async () => {
      const store = await makeStore()
      const before = Date.now()
      await store.put('key', text('1'))
      const { modified, answered } = (await store.get('key'))?.times ?? {}
      // Both times may be cut to whole seconds.
      expect(Math.abs((modified?.getTime() ?? 0) - before)).toBeLessThan(60_000)
      expect((answered?.getTime() ?? 0) - (modified?.getTime() ?? 0)).toBeGreaterThan(-2_000)
      expect(Math.abs((answered?.getTime() ?? 0) - before)).toBeLessThan(60_000)
    })

    test('keys of every kind are kept as they are', async () => {
      const store = await makeStore()
      const keys = [
        'a b',
        'a+b',
        'a%20b',
        'a&b<c>"d\'e',
        'a:b@c=d,e;f',
        'a(b)[c]{d}!*$~',
        'back\\slash',
        'é',
        'e\u0301',
        '日本/\u{1f600}',
        'x/ leading and trailing ',
        'x/#?',
        'x/a..b',
      ].sort(compareKeys)
      await pMap(keys, (key) => store.put(key, text(key)), { concurrency: 4 })
      expect(await keysOf(store, '')).toEqual(keys)
      for (const key of keys) expect(await textOf(store, key)).toBe(key)
    })
  })

  describe(`${name}: listings`, () => {
    test('a prefix is the beginning of a key, not a folder', async () => {
      const store = await makeStore()
      await fill(store, [
        'presences/a',
        'presences/ab/x',
        'presences/b',
        'presence',
        'presences/a/x',
      ])
      expect(await keysOf(store, 'presences/a')).toEqual([
        'presences/a',
        'presences/a/x',
        'presences/ab/x',
      ])
      expect(await keysOf(store, 'presences/a/')).toEqual(['presences/a/x'])
      expect(await keysOf(store, 'presences/ab/x')).toEqual(['presences/ab/x'])
      expect(await keysOf(store, 'presences/ab/x/')).toEqual([])
      expect(await keysOf(store, 'Presences')).toEqual([])
    })

    test('are in the order of the keys as UTF-8, across folders', async () => {
      const store = await makeStore()
      const keys = [
        'a',
        'a!',
        'a-b',
        'a/',
        'a/-',
        'a/b',
        'a0',
        'B',
        'Z/a',
        'z',
        'é',
        '\uffe5',
        '😀',
      ]
      const kept = keys.filter((key) => !key.endsWith('/'))
      await fill(store, kept)
      expect(await keysOf(store, '')).toEqual(kept.sort(compareKeys))
    })

    test('of 2,500 mixed keys lose and repeat none', { timeout: 60_000 }, async () => {
      const store = await makeStore()
      const letters = ['a', 'A', 'é', 'z', ':', '+', ' ', '-', '~', '0']
      const keys = Array.from({ length: 2500 }, (_, number) => {
        const [one, two, three] = [number % 10, Math.floor(number / 10) % 10, number % 7]
        return `many/${letters[one]}${letters[two]}/${letters[three]}${number}`
      }).sort(compareKeys)
      await fill(store, keys)
      expect(await keysOf(store, 'many/')).toEqual(keys)
      expect(await keysOf(store, 'many/A')).toEqual(keys.filter((key) => key.startsWith('many/A')))
      expect(await store.folders('many/')).toHaveLength(100)
    })

    test('of more than 1,000 folders lose and repeat none', { timeout: 60_000 }, async () => {
      const store = await makeStore()
      const names = Array.from({ length: 1203 }, (_, at) => `${at % 2 ? 'B' : 'a'}${at}`)
      await fill(
        store,
        names.map((name) => `${name}/x`),
      )
      expect(await store.folders('')).toEqual(names.sort(compareKeys))
    })

    test('while others write hold every object that was there before', async () => {
      const store = await makeStore()
      const keys = Array.from({ length: 60 }, (_, at) => `k/${String(at).padStart(2, '0')}`)
      await fill(store, keys)
      const seen: string[] = []
      for await (const { key } of store.list('k/')) {
        seen.push(key)
        await store.put(key, text('again'))
        if (seen.length <= 60) await store.put(`j/${key}`, text('new'))
      }
      expect(seen.filter((key) => keys.includes(key))).toEqual(keys)
    })

    test('folders are those directly below, without their slashes', async () => {
      const store = await makeStore()
      await fill(store, ['p/b/x', 'p/a/x/y', 'p/a-b/x', 'p/file', 'q/x', 'p/B:1 é/x', 'top'])
      expect(await store.folders('p/')).toEqual(['B:1 é', 'a', 'a-b', 'b'])
      expect(await store.folders('')).toEqual(['p', 'q'])
      expect(await store.folders('p/a/')).toEqual(['x'])
      expect(await store.folders('p/a/x/')).toEqual([])
    })
  })

  describe(`${name}: a key that is both an object and a folder`, () => {
    const day = 'presences/poulailler/2026-10-23'
    test.each([
      ['the object first', [day, `${day}/b.tsv`, `${day}/a/c.tsv`]],
      ['the folder first', [`${day}/a/c.tsv`, `${day}/b.tsv`, day]],
    ])('%s', async (_, keys) => {
      const store = await makeStore()
      for (const key of keys) await store.put(key, text(`first ${key}`))
      for (const key of keys) expect(await textOf(store, key)).toBe(`first ${key}`)
      for (const key of keys) await store.put(key, text(key))
      await store.put(`${day}-late`, text('late'))
      const listed = [day, `${day}-late`, `${day}/a/c.tsv`, `${day}/b.tsv`]
      expect(await keysOf(store, '')).toEqual(listed)
      expect(await keysOf(store, day)).toEqual(listed)
      expect(await keysOf(store, `${day}/`)).toEqual(listed.slice(2))
      for (const key of keys) expect(await textOf(store, key)).toBe(key)
      expect(await store.folders('presences/poulailler/')).toEqual(['2026-10-23'])
      const infos = await all(store.list(''))
      const read = await Promise.all(infos.map(async ({ key }) => (await store.get(key))?.etag))
      expect(infos.map(({ etag }) => etag)).toEqual(read)
      expect(await store.put(day, text('new'), { ifAbsent: true })).toEqual({ outcome: 'conflict' })
    })

    test('both kinds arriving at once', async () => {
      const store = await makeStore()
      const keys = [day, ...Array.from({ length: 12 }, (_, at) => `${day}/${at % 3}/${at}`)]
      await pMap(keys, (key) => store.put(key, text(key)), { concurrency: keys.length })
      for (const key of keys) expect(await textOf(store, key)).toBe(key)
      expect(await keysOf(store, '')).toEqual(keys.sort(compareKeys))
    })

    test('an object stays readable and listed while its folder is made', async () => {
      const store = await makeStore()
      for (let round = 0; round < 10; round += 1) {
        const key = `days/${round}`
        await store.put(key, text('day'))
        let made = false
        const making = store.put(`${key}/x`, text('minute')).finally(() => {
          made = true
        })
        while (!made) {
          expect(await textOf(store, key)).toBe('day')
          expect(await keysOf(store, key)).toContain(key)
        }
        await making
      }
    })
  })

  describe(`${name}: conditional writes`, () => {
    test('write when their condition holds, and else change nothing', async () => {
      const store = await makeStore()
      const first = etagOf(await store.put('key', text('1'), { ifAbsent: true }))
      expect(await store.put('key', text('2'), { ifAbsent: true })).toEqual({ outcome: 'conflict' })
      expect(await textOf(store, 'key')).toBe('1')
      const second = etagOf(await store.put('key', text('3'), { ifMatch: first }))
      expect(second).not.toBe(first)
      expect(await store.put('key', text('4'), { ifMatch: first })).toEqual({ outcome: 'conflict' })
      expect(await textOf(store, 'key')).toBe('3')
      expect(await store.put('other', text('5'), { ifMatch: first })).toEqual({
        outcome: 'conflict',
      })
      expect(await store.get('other')).toBeUndefined()
      const [info] = await all(store.list('key'))
      const outcome = await store.put('key', text('6'), { ifMatch: info?.etag ?? '' })
      expect(outcome.outcome).toBe('written')
    })

    test('of many that create one key exactly one wins', async () => {
      const store = await makeStore()
      const outcomes = await everyWriter((writer) =>
        store.put('key', text(`writer ${writer}`), { ifAbsent: true }),
      )
      const winners = outcomes.flatMap(({ outcome }, at) => (outcome === 'written' ? [at] : []))
      expect(winners).toHaveLength(1)
      expect(await textOf(store, 'key')).toBe(`writer ${winners[0]}`)
    })

    test('of many that replace one version exactly one wins', async () => {
      const store = await makeStore()
      const etag = etagOf(await store.put('key', text('start')))
      const outcomes = await everyWriter((writer) =>
        store.put('key', text(`writer ${writer}`), { ifMatch: etag }),
      )
      const winners = outcomes.flatMap(({ outcome }, at) => (outcome === 'written' ? [at] : []))
      expect(winners).toHaveLength(1)
      expect(await textOf(store, 'key')).toBe(`writer ${winners[0]}`)
    })

    test('lose no entry when many read, add and write again', { timeout: 60_000 }, async () => {
      const store = await makeStore()
      await everyWriter((writer) => addEntry(store, 'ledger', String(writer)))
      const entries = (await textOf(store, 'ledger'))?.split(',') ?? []
      expect(entries.sort()).toEqual(Array.from({ length: WRITERS }, (_, at) => String(at)).sort())
    })
  })
}

async function everyWriter<T>(write: (writer: number) => Promise<T>): Promise<T[]> {
  return await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
}

function text(content: string): Uint8Array {
  return Buffer.from(content)
}

function etagOf(outcome: PutOutcome): string {
  if (outcome.outcome !== 'written') throw new Error(`Not written: ${outcome.outcome}`)
  return outcome.etag
}

async function textOf(store: Store, key: string): Promise<string | undefined> {
  const object = await store.get(key)
  return object && Buffer.from(object.bytes).toString()
}

async function fill(store: Store, keys: readonly string[]): Promise<void> {
  await pMap(keys, (key) => store.put(key, text(key)), { concurrency: 16 })
}

async function all(infos: AsyncIterable<ObjectInfo>): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = []
  for await (const info of infos) found.push(info)
  return found
}

async function keysOf(store: Store, prefix: string): Promise<string[]> {
  return (await all(store.list(prefix))).map(({ key }) => key)
}
