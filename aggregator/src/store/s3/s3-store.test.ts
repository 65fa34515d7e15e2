import { execFile } from 'node:child_process'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import pMap from 'p-map'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type S3Fault,
  type S3Key,
  type S3Server,
  type S3ServerOptions,
  startS3Server,
} from '../../../testing/stand-ins/s3/s3-server.ts'
import { storeContract } from '../../../testing/store-contract.ts'
import { type Store, StoreError } from '../store.ts'
import type { S3StoreSettings } from './client.ts'
import { createS3Store } from './s3-store.ts'

const KEY: S3Key = { accessKeyId: 'test-key', secretAccessKey: 'test-secret', allow: 'all' }
const WRITER: S3Key = {
  accessKeyId: 'writer',
  secretAccessKey: 'writer-secret',
  allow: { putOnly: 'presences/' },
}

describe('the contract', () => {
  let server: S3Server
  let stores = 0

  beforeAll(async () => {
    server = await startS3Server({ buckets: ['presences'], keys: [KEY] })
  })
  afterAll(() => server.close())

  storeContract('a bucket', async () => {
    stores += 1
    return storeAt(server, { prefix: `store ${stores}/é` })
  })
})

describe('a server at fault', () => {
  let server: S3Server
  let store: Store

  beforeEach(async () => {
    server = await startServer()
    server.write('presences', 'a/b', Buffer.from('whole'))
    store = storeAt(server)
  })
  afterEach(() => server.close())

  test.each<[string, S3Fault]>([
    ['503 SlowDown', { status: 503, code: 'SlowDown' }],
    ['500 InternalError', { status: 500, code: 'InternalError' }],
    ['429 TooManyRequests', { status: 429, code: 'TooManyRequests' }],
    ["a proxy's 502 page", { status: 502, code: '', body: '<html><h1>Bad gateway</h1></html>' }],
    ["somebody's sign-in page", { status: 200, code: '', body: '<html>Welcome!</html>' }],
    [
      'half a listing',
      { status: 200, code: '', body: '<ListBucketResult><IsTruncated>false</IsT' },
    ],
    ['a broken connection', 'drop'],
    ['a lost answer', 'drop-after'],
    ['a body cut short', { cutBodyAt: 3 }],
    ['a stalled body', { stallBodyAt: 3 }],
    ['no answer', 'hang'],
  ])('%s, twice, is tried again', async (name, fault) => {
    const isSilence = name === 'no answer' || name === 'a stalled body'
    const store = storeAt(server, isSilence ? { answerTimeoutMs: 150 } : {})
    const works: [string, () => Promise<unknown>][] = [
      ['get', async () => String((await store.get('a/b'))?.bytes)],
      ['list', () => keysOf(store, '')],
      ['folders', () => store.folders('')],
      ['put', async () => (await store.put('a/b', Buffer.from('whole'))).outcome],
    ]
    const expected = { get: 'whole', list: ['a/b'], folders: ['a'], put: 'written' }
    const done: Record<string, unknown> = {}
    for (const [name, work] of works) {
      failFirst(2, fault)
      done[name] = await work()
    }
    expect(done).toEqual(expected)
  })

  test('faults in the middle of a long listing lose and repeat nothing', async () => {
    const keys = Array.from({ length: 3500 }, (_, at) => `k/${String(at).padStart(4, '0')}`)
    for (const key of keys) server.write('presences', key, Buffer.from('x'))
    let asked = 0
    server.faults = () => {
      asked += 1
      return asked % 2 === 0 ? undefined : { status: 503, code: 'SlowDown' }
    }
    expect(await keysOf(store, 'k/')).toEqual(keys)
    expect(asked).toBe(8)
  })

  test('waits half to whole of a time that doubles, up to 10 s, before each next attempt', async () => {
    server.faults = () => ({ status: 503, code: 'SlowDown' })
    const waitsOf = async (chance: number) => {
      const waits: number[] = []
      const sleep = async (ms: number) => waits.push(ms)
      const patient = storeAt(server, {
        attempts: 7,
        firstDelayMs: 500,
        random: () => chance,
        sleep,
      })
      await expect(patient.get('a/b')).rejects.toThrow('SlowDown (503)')
      return waits
    }
    expect(await waitsOf(0)).toEqual([250, 500, 1000, 2000, 4000, 8000])
    expect(await waitsOf(0.5)).toEqual([375, 750, 1500, 3000, 6000, 10_000])
  })

  test('what stays at fault is reported after the last attempt', async () => {
    server.faults = () => ({ status: 503, code: 'SlowDown' })
    await expect(store.get('a/b')).rejects.toThrow(
      'Read s3://presences/a/b: SlowDown (503): the server asks for fewer requests; run this again later',
    )
    expect(server.requests).toHaveLength(4)
  })

  test('a body that never comes whole is no object', async () => {
    server.faults = () => ({ cutBodyAt: 3 })
    await expect(store.get('a/b')).rejects.toThrow('Read s3://presences/a/b: ECONNRESET')
  })

  test('an answer without length or etag is not trusted', async () => {
    server.faults = () => ({ status: 200, code: '', body: '' })
    for (const work of [
      () => store.get('a/b'),
      () => keysOf(store, ''),
      () => store.put('a/b', Buffer.from('x')),
    ]) {
      await expect(work()).rejects.toThrow('the answer is not that of an S3 server')
    }
  })

  test('an etag of quotes and nothing between is none', async () => {
    const answer = () => ({
      statusCode: 200,
      headers: { etag: '""', 'content-length': '5' },
      body: Readable.from([Buffer.from('whole')], { objectMode: false }),
    })
    const requestHandler = { handle: async () => ({ response: answer() }) } as never
    const store = storeAt(server, { attempts: 1, requestHandler })
    await expect(store.get('a/b')).rejects.toThrow('the answer is not that of an S3 server')
    await expect(store.put('a/b', Buffer.from('x'))).rejects.toThrow('is not that of an S3 server')
  })

  test('a listing out of order is refused: it may have lost keys', async () => {
    const contents = ['b', 'a'].map(
      (key) =>
        `<Contents><Key>${key}</Key><ETag>"e"</ETag><Size>1</Size><LastModified>2026-11-22T00:00:00Z</LastModified></Contents>`,
    )
    const body = `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`
    server.faults = () => ({ status: 200, code: '', body })
    await expect(keysOf(store, '')).rejects.toThrow(
      'List s3://presences/: the server lists a out of order',
    )
  })

  test.each([
    ['presences/a', 1, 'lists presences/a, which lies elsewhere'],
    ['rollups', 1, 'lists rollups, which lies elsewhere'],
    ['rollups/a', 'many', 'lacks keys, sizes or etags'],
    ['rollups/a', -1, 'lacks keys, sizes or etags'],
    ['rollups/a', '1e999', 'lacks keys, sizes or etags'],
    ['<b>rollups/a</b>', 1, 'is not that of an S3 server'],
  ])('a listing of rollups/ with %s of %s bytes is refused', async (key, size, message) => {
    const contents = `<Contents><Key>${key}</Key><ETag>"e"</ETag><Size>${size}</Size><LastModified>2026-11-22T00:00:00Z</LastModified></Contents>`
    const body = `<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`
    server.faults = () => ({ status: 200, code: '', body })
    await expect(keysOf(store, 'rollups/')).rejects.toThrow(message)
  })

  test('folders of another place are refused', async () => {
    const body =
      '<ListBucketResult><IsTruncated>false</IsTruncated><CommonPrefixes><Prefix>presences/a/</Prefix></CommonPrefixes></ListBucketResult>'
    server.faults = () => ({ status: 200, code: '', body })
    await expect(store.folders('rollups/')).rejects.toThrow(
      'lists presences/a/, which lies elsewhere',
    )
  })

  test('a listing cut off without a token is refused', async () => {
    const body = '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>'
    server.faults = () => ({ status: 200, code: '', body })
    await expect(keysOf(store, '')).rejects.toThrow('cut its listing')
  })

  test('while it is down work fails, and goes on when it is back', async () => {
    await store.get('a/b')
    await server.pause()
    await expect(store.get('a/b')).rejects.toThrow(
      `Read s3://presences/a/b: ECONNREFUSED: nothing answers at ${server.endpoint}`,
    )
    await server.resume()
    expect(await store.get('a/b')).toBeDefined()
  })

  test('connections that the server closed meanwhile do not matter', async () => {
    await pMap([1, 2, 3, 4], () => store.get('a/b'), { concurrency: 4 })
    await server.pause()
    await server.resume()
    const read = await pMap([1, 2, 3, 4], () => store.get('a/b'), { concurrency: 4 })
    expect(read.every((object) => object?.bytes.length === 5)).toBe(true)
  })

  test('a few hundred failures do not use up the patience of those that follow', async () => {
    const keys = Array.from({ length: 200 }, (_, at) => `many/${at}`)
    for (const key of keys) server.write('presences', key, Buffer.from(key))
    const seen = new Map<string, number>()
    server.faults = ({ key }) => {
      seen.set(key, (seen.get(key) ?? 0) + 1)
      return (seen.get(key) ?? 0) < 4 ? { status: 503, code: 'SlowDown' } : undefined
    }
    const read = await pMap(keys, (key) => store.get(key), { concurrency: 32 })
    expect(read.map((object) => String(object?.bytes))).toEqual(keys)
  })

  test('a clock 20 minutes off is corrected by the answers', async () => {
    await server.close()
    server = await startServer({ clock: () => new Date(Date.now() + 20 * 60_000) })
    store = storeAt(server)
    expect((await store.put('a', Buffer.from('x'))).outcome).toBe('written')
    expect(await keysOf(storeAt(server), '')).toEqual(['a'])
    expect(await storeAt(server).get('a')).toBeDefined()
    expect(await storeAt(server).get('b')).toBeUndefined()
  })

  function failFirst(times: number, fault: S3Fault): void {
    let left = times
    server.faults = () => {
      left -= 1
      return left < 0 ? undefined : fault
    }
  }
})

describe('conditional writes', () => {
  let server: S3Server
  let store: Store
  const key = 'ledger/day'

  beforeEach(async () => {
    server = await startServer()
    store = storeAt(server)
  })
  afterEach(() => server.close())

  test('501 is told as unsupported, at once; of other writes it is an error', async () => {
    server.conditionalWrites = 'refused'
    expect(await store.put(key, Buffer.from('x'), { ifAbsent: true })).toEqual({
      outcome: 'unsupported',
    })
    expect(await store.put(key, Buffer.from('x'), { ifMatch: 'e' })).toEqual({
      outcome: 'unsupported',
    })
    expect(server.requests).toHaveLength(2)
    expect((await store.put(key, Buffer.from('x'))).outcome).toBe('written')
    server.faults = () => ({ status: 501, code: 'NotImplemented' })
    await expect(store.put(key, Buffer.from('x'))).rejects.toThrow('NotImplemented (501)')
  })

  test('409, another writer at this very moment, is a conflict', async () => {
    server.faults = () => ({ status: 409, code: 'ConditionalRequestConflict' })
    expect(await store.put(key, Buffer.from('x'), { ifAbsent: true })).toEqual({
      outcome: 'conflict',
    })
  })

  test.each([1, 2])('a write whose answer was lost %i times is known to be ours', async (times) => {
    const created = await lostAnswers(times, () =>
      store.put(key, Buffer.from('1'), { ifAbsent: true }),
    )
    expect(created).toEqual({ outcome: 'written', etag: (await store.get(key))?.etag })
    const ifMatch = (await store.get(key))?.etag ?? ''
    const replaced = await lostAnswers(times, () => store.put(key, Buffer.from('2'), { ifMatch }))
    expect(replaced).toEqual({ outcome: 'written', etag: (await store.get(key))?.etag })
    expect(String((await store.get(key))?.bytes)).toBe('2')
  })

  test("another's write of the same bytes is not taken for ours", async () => {
    server.write('presences', key, Buffer.from('same'))
    let first = true
    server.faults = () => {
      const drop = first
      first = false
      return drop ? 'drop' : undefined
    }
    expect(await store.put(key, Buffer.from('same'), { ifAbsent: true })).toEqual({
      outcome: 'conflict',
    })
  })

  async function lostAnswers<T>(times: number, write: () => Promise<T>): Promise<T> {
    let left = times
    server.faults = ({ method }) => {
      left -= method === 'PUT' ? 1 : 0
      return method === 'PUT' && left >= 0 ? 'drop-after' : undefined
    }
    return await write()
  }
})

describe('messages', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.close())

  test.each<[string, Partial<S3StoreSettings>, string]>([
    [
      'a missing bucket',
      { bucket: 'nowhere' },
      'NoSuchBucket (404): there is no bucket nowhere at http://127.0.0.1:',
    ],
    [
      'an unknown key',
      { credentials: { ...KEY, accessKeyId: 'nobody' } },
      'InvalidAccessKeyId (403): the server does not know this access key; correct AWS_ACCESS_KEY_ID',
    ],
    [
      'a wrong secret',
      { credentials: { ...KEY, secretAccessKey: 'guess' } },
      'SignatureDoesNotMatch (403): the secret does not belong to the access key',
    ],
    [
      'a key that may not',
      { credentials: WRITER },
      'AccessDenied (403): the key may not do that (or the object is missing and the key may not list)',
    ],
    [
      'a port where nobody listens',
      { endpoint: 'http://127.0.0.1:9' },
      'ECONNREFUSED: nothing answers at http://127.0.0.1:9; is the server up, and S3_ENDPOINT right?',
    ],
  ])('%s: verb, object, cause, what to do, in one line', async (_, settings, text) => {
    const store = storeAt(server, { prefix: 'metz', attempts: 2, ...settings })
    const bucket = settings.bucket ?? 'presences'
    const works: [string, Promise<unknown>][] = [
      [`Read s3://${bucket}/metz/a/b: `, store.get('a/b')],
      [`Write s3://${bucket}/metz/a/b: `, store.put('a/b', Buffer.from('x'))],
      [`List s3://${bucket}/metz/a/: `, keysOf(store, 'a/')],
      [`List s3://${bucket}/metz/a/: `, store.folders('a/')],
    ]
    const outcomes = await Promise.allSettled(works.map(([, work]) => work))
    for (const [at, outcome] of outcomes.entries()) {
      const error = outcome.status === 'rejected' ? outcome.reason : undefined
      expect(error).toBeInstanceOf(StoreError)
      expect(error.message.startsWith(`${works[at]?.[0]}${text}`), error.message).toBe(true)
      expect(error.message).not.toMatch(/\n|secret'|guess/)
    }
  })
})

test('nothing is said on stderr, by the SDK neither', async () => {
  const server = await startServer()
  const program = `
    const { createS3Store } = require('./aggregator/src/store/s3/s3-store.ts')
    void (async () => {
      const credentials = { accessKeyId: 'test-key', secretAccessKey: 'test-secret' }
      const store = createS3Store({ bucket: 'presences', endpoint: '${server.endpoint}', credentials })
      await store.put('a', Buffer.from('x'))
      for await (const { key } of store.list('')) process.stdout.write(key)
      await Promise.all(Array.from({ length: 200 }, () => store.get('a')))
    })()`
  const cwd = new URL('../../../..', import.meta.url)
  const args = ['--import', 'tsx', '--eval', program]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd })
  expect({ stdout, stderr }).toEqual({ stdout: 'a', stderr: '' })
  await server.close()
})

function startServer(options: Partial<S3ServerOptions> = {}): Promise<S3Server> {
  return startS3Server({ buckets: ['presences'], keys: [KEY, WRITER], ...options })
}

function storeAt(server: S3Server, settings: Partial<S3StoreSettings> = {}): Store {
  return createS3Store({
    bucket: 'presences',
    endpoint: server.endpoint,
    credentials: KEY,
    attempts: 4,
    firstDelayMs: 2,
    ...settings,
  })
}

async function keysOf(store: Store, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys
}
