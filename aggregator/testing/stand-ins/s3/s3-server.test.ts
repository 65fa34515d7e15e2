import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { numbersFirst } from './app.ts'
import { type S3Key, type S3Server, type S3ServerOptions, startS3Server } from './s3-server.ts'

const ALL: S3Key = { accessKeyId: 'all', secretAccessKey: 'secret of all', allow: 'all' }
const PROBE: S3Key = {
  accessKeyId: 'probe',
  secretAccessKey: 'secret of the probe',
  allow: { putOnly: 'presences/' },
}

let server: S3Server
let clients: S3Client[]

beforeEach(async () => {
  vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true')
  server = await startS3Server({ buckets: ['b'], keys: [ALL, PROBE] })
  clients = []
})
afterEach(async () => {
  for (const client of clients) client.destroy()
  await server.close()
  vi.unstubAllEnvs()
})

describe('keys', () => {
  test('the owner of a key may do all, with objects of every kind', async () => {
    const s3 = clientOf(ALL)
    const Body = Buffer.alloc(20_000_000, 'x')
    for (const Key of ['a b+c/é&%20:(1)!*\'"', '.', 'large']) {
      await s3.send(new PutObjectCommand({ Bucket: 'b', Key, Body }))
      const { Body: read, ETag } = await s3.send(new GetObjectCommand({ Bucket: 'b', Key }))
      expect((await read?.transformToByteArray())?.length).toBe(Body.length)
      const head = await s3.send(new HeadObjectCommand({ Bucket: 'b', Key }))
      expect(head).toMatchObject({ ETag, ContentLength: Body.length })
    }
    await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'empty', Body: Buffer.alloc(0) }))
    expect(server.read('b', 'empty')).toEqual(Buffer.alloc(0))
    await s3.send(new CopyObjectCommand({ Bucket: 'b', Key: 'copy', CopySource: 'b/large' }))
    await s3.send(new DeleteObjectCommand({ Bucket: 'b', Key: 'large' }))
    const Delete = { Objects: [{ Key: '.' }, { Key: 'empty' }] }
    await s3.send(new DeleteObjectsCommand({ Bucket: 'b', Delete }))
    expect(server.keysOf('b')).toEqual(['a b+c/é&%20:(1)!*\'"', 'copy'])
  })

  test.each([
    ['an unknown key', { ...ALL, accessKeyId: 'nobody' }, 'InvalidAccessKeyId'],
    ['a wrong secret', { ...ALL, secretAccessKey: 'guess' }, 'SignatureDoesNotMatch'],
  ])('%s is refused, and nothing is done', async (_, key, code) => {
    const s3 = clientOf(key)
    const put = s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'a', Body: 'x' }))
    await expect(put).rejects.toMatchObject({ name: code, $metadata: { httpStatusCode: 403 } })
    await expect(list(s3)).rejects.toMatchObject({ name: code })
    expect(server.keysOf('b')).toEqual([])
  })

  test('nobody without a signature', async () => {
    server.write('b', 'a', Buffer.from('x'))
    for (const method of ['GET', 'PUT', 'DELETE', 'HEAD']) {
      const answer = await fetch(`${server.endpoint}/b/a`, { method })
      expect(answer.status).toBe(403)
    }
    expect(server.read('b', 'a')?.toString()).toBe('x')
  })

  test('a body that was changed on its way is refused', async () => {
    const s3 = clientOf(ALL)
    s3.middlewareStack.add(
      (next) => (args) => {
        Object.assign(args.request as object, { body: Buffer.from('chanGed') })
        return next(args)
      },
      { step: 'finalizeRequest', priority: 'low' },
    )
    const put = s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'a', Body: 'changed' }))
    await expect(put).rejects.toMatchObject({ name: 'XAmzContentSHA256Mismatch' })
    const s3Md5 = clientOf(ALL)
    const ContentMD5 = Buffer.alloc(16).toString('base64')
    const bad = s3Md5.send(new PutObjectCommand({ Bucket: 'b', Key: 'a', Body: 'x', ContentMD5 }))
    await expect(bad).rejects.toMatchObject({ name: 'BadDigest' })
    expect(server.keysOf('b')).toEqual([])
  })

  test('a write-only key may put under its prefix, and nothing else', async () => {
    server.write('b', 'presences/old', Buffer.from('old'))
    const s3 = clientOf(PROBE)
    const at = { Bucket: 'b', Key: 'presences/old' }
    await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'presences/new', Body: 'new' }))
    const refused = [
      s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'ledger/new', Body: 'new' })),
      s3.send(new GetObjectCommand(at)),
      s3.send(new DeleteObjectCommand(at)),
      s3.send(new CopyObjectCommand({ ...at, Key: 'presences/copy', CopySource: 'b/secret' })),
      s3.send(new CreateBucketCommand({ Bucket: 'other' })),
      list(s3),
    ]
    expect(await namesOfErrors(refused)).toEqual(refused.map(() => 'AccessDenied'))
    await expect(s3.send(new HeadObjectCommand(at))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    })
    expect(server.keysOf('b')).toEqual(['presences/new', 'presences/old'])
  })

  test('a clock more than 15 minutes off is refused, and told the time', async () => {
    await server.close()
    const clock = () => new Date(Date.now() + 20 * 60_000)
    server = await startS3Server({ buckets: ['b'], keys: [ALL], clock })
    const s3 = clientOf(ALL)
    await expect(list(s3)).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' })
    // The SDK has read the Date header, and goes by it.
    await expect(list(s3)).resolves.toMatchObject({ KeyCount: 0 })
  })
})

describe('buckets', () => {
  test('a missing one is told from a missing object', async () => {
    const s3 = clientOf(ALL)
    const missing = { Bucket: 'missing', Key: 'a' }
    const requests = [
      s3.send(new GetObjectCommand(missing)),
      s3.send(new PutObjectCommand({ ...missing, Body: 'x' })),
      s3.send(new ListObjectsV2Command({ Bucket: 'missing' })),
      s3.send(new ListObjectsCommand({ Bucket: 'missing' })),
    ]
    expect(await namesOfErrors(requests)).toEqual(requests.map(() => 'NoSuchBucket'))
    const object = s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'a' }))
    await expect(object).rejects.toMatchObject({ name: 'NoSuchKey' })
  })

  test('what nobody built is said to be so, never answered with a listing', async () => {
    const policy = clientOf(ALL).send(new GetBucketPolicyCommand({ Bucket: 'b' }))
    await expect(policy).rejects.toMatchObject({ name: 'NotImplemented' })
  })
})

describe('listings', () => {
  const keys = Array.from({ length: 2300 }, (_, at) => {
    const letter = ['a', 'A', 'é', ':', '-', 'Z'][at % 6]
    return `${letter}/${at % 7 === 0 ? `${at}` : `sub ${at % 50}/${at}`}`
  })
  const ordered = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

  beforeEach(() => {
    for (const key of keys) server.write('b', key, Buffer.from(key))
  })

  test.each([undefined, 'url'] as const)('version 2, encoding %s', async (EncodingType) => {
    const s3 = clientOf(ALL)
    const found: string[] = []
    let ContinuationToken: string | undefined
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket: 'b', ContinuationToken, EncodingType }),
      )
      found.push(...(page.Contents ?? []).map(({ Key = '' }) => Key))
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken)
    const decode = EncodingType ? decodeUrl : (key: string) => key
    expect(found.map(decode)).toEqual(ordered)
  })

  test('version 1, by the last key of a page', async () => {
    const s3 = clientOf(ALL)
    const found: string[] = []
    for (;;) {
      const Marker = found.at(-1)
      const page = await s3.send(new ListObjectsCommand({ Bucket: 'b', Marker, MaxKeys: 999 }))
      found.push(...(page.Contents ?? []).map(({ Key = '' }) => Key))
      if (!page.IsTruncated) break
    }
    expect(found).toEqual(ordered)
  })

  test('version 1 with a delimiter, by NextMarker', async () => {
    const s3 = clientOf(ALL)
    const found: string[] = []
    let Marker: string | undefined
    do {
      const asked = { Bucket: 'b', Prefix: 'A/', Delimiter: '/', MaxKeys: 7, Marker }
      const page = await s3.send(new ListObjectsCommand(asked))
      found.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix))
      found.push(...(page.Contents ?? []).map(({ Key = '' }) => Key))
      Marker = page.NextMarker
    } while (Marker)
    const expected = ordered
      .filter((key) => key.startsWith('A/'))
      .map((key) => /^A\/sub \d+\//.exec(key)?.[0] ?? key)
    expect(found.sort()).toEqual([...new Set(expected)].sort())
  })
})

describe('conditional writes', () => {
  const Key = 'ledger'

  test('of twenty that create or replace exactly one wins', async () => {
    const s3 = clientOf(ALL)
    const race = async (condition: { IfNoneMatch: '*' } | { IfMatch: string }) => {
      const answers = await Promise.allSettled(
        Array.from({ length: 20 }, (_, Body) =>
          s3.send(new PutObjectCommand({ Bucket: 'b', Key, Body: `${Body}`, ...condition })),
        ),
      )
      const won = answers.flatMap((answer, at) => (answer.status === 'fulfilled' ? [at] : []))
      expect(won).toHaveLength(1)
      expect(server.read('b', Key)?.toString()).toBe(`${won[0]}`)
      for (const answer of answers) {
        if (answer.status === 'rejected') expect(answer.reason.name).toBe('PreconditionFailed')
      }
    }
    await race({ IfNoneMatch: '*' })
    const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket: 'b', Key, Body: 'start' }))
    await race({ IfMatch: ETag })
  })

  test('nothing to replace is NoSuchKey; what S3 does not have is NotImplemented', async () => {
    const s3 = clientOf(ALL)
    const put = (condition: object) =>
      s3.send(new PutObjectCommand({ Bucket: 'b', Key, Body: 'x', ...condition }))
    await expect(put({ IfMatch: '"e"' })).rejects.toMatchObject({ name: 'NoSuchKey' })
    await expect(put({ IfNoneMatch: '"e"' })).rejects.toMatchObject({ name: 'NotImplemented' })
    expect(server.keysOf('b')).toEqual([])
  })

  test('can be refused as by Swift, or ignored', async () => {
    const s3 = clientOf(ALL)
    server.write('b', Key, Buffer.from('old'))
    const put = () =>
      s3.send(new PutObjectCommand({ Bucket: 'b', Key, Body: 'new', IfNoneMatch: '*' }))
    server.conditionalWrites = 'refused'
    await expect(put()).rejects.toMatchObject({
      name: 'NotImplemented',
      $metadata: { httpStatusCode: 501 },
    })
    expect(server.read('b', Key)?.toString()).toBe('old')
    server.conditionalWrites = 'ignored'
    await put()
    expect(server.read('b', Key)?.toString()).toBe('new')
  })
})

describe('faults', () => {
  const at = { Bucket: 'b', Key: 'a' }

  test.each([
    [503, 'SlowDown'],
    [501, 'NotImplemented'],
    [500, 'InternalError'],
  ])('%i %s instead of the work', async (status, code) => {
    server.faults = () => ({ status, code })
    const put = clientOf(ALL).send(new PutObjectCommand({ ...at, Body: 'x' }))
    await expect(put).rejects.toMatchObject({ name: code, $metadata: { httpStatusCode: status } })
    expect(server.keysOf('b')).toEqual([])
    expect(server.requests).toMatchObject([{ method: 'PUT', bucket: 'b', key: 'a', status }])
  })

  test('a connection that breaks before, or after the work', async () => {
    const s3 = clientOf(ALL)
    for (const fault of ['drop', 'drop-after'] as const) {
      server.faults = () => fault
      const put = s3.send(new PutObjectCommand({ ...at, Body: 'x' }))
      await expect(put).rejects.toMatchObject({ code: 'ECONNRESET' })
      expect(server.keysOf('b')).toEqual(fault === 'drop' ? [] : ['a'])
    }
  })

  test('a body that breaks off, or stalls', async () => {
    server.write('b', 'a', Buffer.alloc(100_000, 'x'))
    const s3 = clientOf(ALL, { socketTimeout: 200 })
    for (const fault of [{ cutBodyAt: 50_000 }, { stallBodyAt: 50_000 }]) {
      server.faults = () => fault
      const { Body, ContentLength } = await s3.send(new GetObjectCommand(at))
      expect(ContentLength).toBe(100_000)
      await expect(Body?.transformToByteArray()).rejects.toThrow()
    }
  })

  test('no answer at all', async () => {
    server.faults = () => 'hang'
    const get = clientOf(ALL, { requestTimeout: 50, throwOnRequestTimeout: true }).send(
      new GetObjectCommand(at),
    )
    await expect(get).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test('down for a while, then back on the same port with all it held', async () => {
    const s3 = clientOf(ALL)
    await s3.send(new PutObjectCommand({ ...at, Body: 'x' }))
    await server.pause()
    await expect(list(clientOf(ALL))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.resume()
    expect((await list(clientOf(ALL))).KeyCount).toBe(1)
  })
})

test('only the loopback address is listened on', async () => {
  expect(new URL(server.endpoint).hostname).toBe('127.0.0.1')
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address)
  for (const host of ['127.0.0.2', '::1', ...others]) {
    const socket = connect({ host, port: server.port })
    await expect(once(socket, 'connect')).rejects.toThrow()
    socket.destroy()
  }
})

test('an address that can not be decoded is refused, and the server goes on', async () => {
  const socket = connect({ host: '127.0.0.1', port: server.port })
  socket.write('GET /b/%E0%A4%A HTTP/1.1\r\nhost: x\r\n\r\n')
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /)
  expect((await list(clientOf(ALL))).KeyCount).toBe(0)
})

test('a port can be chosen, and is said when it is taken', async () => {
  const options: S3ServerOptions = { buckets: [], keys: [], port: server.port }
  await expect(startS3Server(options)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

function clientOf(key: S3Key, requestHandler: object = {}): S3Client {
  const client = new S3Client({
    endpoint: server.endpoint,
    region: 'here',
    forcePathStyle: true,
    credentials: key,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    requestHandler,
  })
  clients.push(client)
  return client
}

async function namesOfErrors(requests: readonly Promise<unknown>[]): Promise<string[]> {
  const answers = await Promise.allSettled(requests)
  return answers.map((answer) => (answer.status === 'rejected' ? answer.reason.name : 'done'))
}

function list(s3: S3Client) {
  return s3.send(new ListObjectsV2Command({ Bucket: 'b' }))
}

function decodeUrl(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '))
}

test('the parts of an upload, each with its fields in its own order, are all there', () => {
  const part = (first: string, second: string) => `<Part>${first}${second}</Part>`
  const etag = '<ETag>&quot;a&quot;</ETag>'
  const number = (n: number) => `<PartNumber>${n}</PartNumber>`
  const mixed = part(number(1), etag) + part(etag, number(2)) + part(number(3), etag)
  expect(numbersFirst(Buffer.from(mixed)).toString()).toBe(
    [1, 2, 3].map((n) => part(number(n), etag)).join(''),
  )
})
