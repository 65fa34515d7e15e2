/**
 * A local S3-compatible server for the demo, the tests and the benches: fauxqs in this process, behind
 * the checks it lacks. It listens on 127.0.0.1 only and forgets everything when it is closed.
 *
 * Checked as S3 does: signatures (header form), unknown keys, wrong secrets, clocks more than 15
 * minutes off, what a key may do, the digest of a body, conditional writes (one winner), missing
 * buckets, and listings in UTF-8 byte order, page after page, in both versions.
 *
 * NOT checked: signatures of single chunks (`aws-chunked` bodies), presigned addresses, sessions and
 * temporary keys, bucket policies, ACLs and ownership, x-amz-checksum-* headers, versions, encryption,
 * storage classes, bucket names, the region, TLS. Everything is in memory, on one thread, and always
 * consistent: real servers may be slower, larger, and later to see a write.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type BuildAppOptions, buildApp } from 'fauxqs'
import { isAnswer, type S3Fault, spoilAnswer } from './s3-server-faults.ts'
import { answerListing, encodeXml, isListing } from './s3-server-listing.ts'
import { ByteOrderedS3Store } from './s3-server-objects.ts'
import {
  authenticate,
  bodyIsAsSigned,
  forbids,
  type Refusal,
  type S3Key,
} from './s3-server-signature.ts'

export type { S3Fault } from './s3-server-faults.ts'
export type { S3Key } from './s3-server-signature.ts'

/** One request as it came; `status` once it is answered. */
export interface S3Request {
  readonly method: string
  readonly bucket: string
  /** The object's key; empty for what concerns the bucket. */
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  status?: number
}

export interface S3ServerOptions {
  readonly buckets: readonly string[]
  readonly keys: readonly S3Key[]
  readonly port?: number
  /** The server's clock: requests more than 15 minutes off it are refused. */
  readonly clock?: () => Date
}

export interface S3Server {
  readonly endpoint: string
  readonly port: number
  /** Every request so far, refused and spoilt ones too. */
  readonly requests: S3Request[]
  /** Decides, request by request, what goes wrong. */
  faults: ((request: S3Request) => S3Fault | undefined) | undefined
  /** Conditional writes as S3 has them; refused with 501 (Swift); or written whatever they say. */
  conditionalWrites: 'honoured' | 'refused' | 'ignored'
  /** Reads or writes behind the server's back: no request, no check. */
  read(bucket: string, key: string): Buffer | undefined
  write(bucket: string, key: string, bytes: Uint8Array): void
  keysOf(bucket: string): string[]
  /** Stops listening and breaks every connection, keeping the objects; `resume` takes the same port. */
  pause(): Promise<void>
  resume(): Promise<void>
  close(): Promise<void>
}

const HOST = '127.0.0.1'
const MAX_BODY_BYTES = 1024 ** 3

/** Starts a server on a free port (or `port`) of the loopback address. */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const clock = options.clock ?? (() => new Date())
  const store = new ByteOrderedS3Store()
  for (const bucket of options.buckets) store.createBucket(bucket)
  const requests: S3Request[] = []
  const app = appWithConditions(store, () => server.conditionalWrites)
  await app.ready()

  let listener = await listen(handle, options.port ?? 0)
  const { port } = listener.address() as AddressInfo
  const server: S3Server = {
    endpoint: `http://${HOST}:${port}`,
    port,
    requests,
    faults: undefined,
    conditionalWrites: 'honoured',
    read: (bucket, key) =>
      store.etagOf(bucket, key) === undefined ? undefined : store.getObject(bucket, key).body,
    write: (bucket, key, bytes) => void store.putObject(bucket, key, Buffer.from(bytes)),
    keysOf: (bucket) => store.ordered(bucket).map(({ object }) => object.key),
    pause: () => shut(listener),
    resume: async () => {
      listener = await listen(handle, port)
    },
    close: async () => {
      await shut(listener)
      await app.close()
    },
  }
  return server

  function handle(incoming: IncomingMessage, response: ServerResponse): void {
    const request = describe(incoming)
    requests.push(request)
    response.on('finish', () => {
      request.status = response.statusCode
    })
    response.setHeader('date', clock().toUTCString())
    const fault = server.faults?.(request)
    if (fault === 'hang') return
    if (fault === 'drop') {
      incoming.socket.destroy()
      return
    }
    const own = isAnswer(fault)
      ? { status: fault.status, xml: fault.body ?? errorXml(fault.code, 'As asked', request) }
      : ownAnswer(incoming, request)
    if (fault && !isAnswer(fault)) spoilAnswer(fault, incoming, response)
    if (own) answer(incoming, response, own.status, own.xml)
    else app.routing(incoming, response)
  }

  /** What is not left to fauxqs: refusals and listings. */
  function ownAnswer(
    incoming: IncomingMessage,
    request: S3Request,
  ): { status: number; xml: string } | undefined {
    const refused = refuse(incoming, request)
    if (refused) {
      return { status: refused.status, xml: errorXml(refused.code, refused.message, request) }
    }
    if (request.method !== 'GET' || request.bucket === '' || request.key !== '') return undefined
    const listing = answerListing(request.bucket, request.query, store.ordered(request.bucket))
    if (listing !== undefined) return { status: 200, xml: listing }
    return { status: 400, xml: errorXml('InvalidArgument', 'Bad max-keys or token', request) }
  }

  function refuse(incoming: IncomingMessage, request: S3Request): Refusal | undefined {
    const signed = { method: request.method, url: incoming.url ?? '', headers: incoming.headers }
    const key = authenticate(signed, options.keys, clock())
    if ('code' in key) return key
    const forbidden = forbids(key, request.method, request.key, signed)
    if (forbidden) return forbidden
    const { bucket } = request
    const creates = request.method === 'PUT' && request.key === ''
    if (bucket !== '' && !creates && !store.hasBucket(bucket)) {
      return refusalOf(404, 'NoSuchBucket', 'The specified bucket does not exist')
    }
    if (request.method === 'GET' && request.key === '' && !isListing(request.query)) {
      return refusalOf(501, 'NotImplemented', 'This stand-in does not do that')
    }
    return undefined
  }
}

/**
 * fauxqs with what must be decided when the body is there: its digests, and conditional writes. From
 * this hook to the written object nothing waits, so of several writers exactly one finds its condition true.
 */
function appWithConditions(
  store: ByteOrderedS3Store,
  conditionalWrites: () => S3Server['conditionalWrites'],
): FastifyInstance {
  // fauxqs makes the stores it is not given; its types ask for all of them.
  const stores = { s3Store: store } as unknown as NonNullable<BuildAppOptions['stores']>
  const app = buildApp({ logger: false, stores }) as unknown as FastifyInstance
  app.removeContentTypeParser('*')
  const parser = { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES } as const
  app.addContentTypeParser('*', parser, (_request, body, done) => done(null, body))
  app.addHook('preHandler', (incoming, reply, done) => {
    const request = describe(incoming.raw)
    const body = Buffer.isBuffer(incoming.body) ? incoming.body : Buffer.alloc(0)
    const { url = '', headers } = incoming.raw
    const refused = bodyIsAsSigned({ method: request.method, url, headers }, body)
      ? (badMd5(request, body) ?? unmetCondition(request, store, conditionalWrites()))
      : refusalOf(400, 'XAmzContentSHA256Mismatch', 'The body is not the one that was signed')
    if (!refused) return done()
    reply
      .code(refused.status)
      .header('content-type', 'application/xml')
      .send(errorXml(refused.code, refused.message, request))
  })
  return app
}

function badMd5(request: S3Request, body: Buffer): Refusal | undefined {
  const md5 = request.headers['content-md5']
  if (md5 === undefined || md5 === createHash('md5').update(body).digest('base64')) return undefined
  return refusalOf(
    400,
    'BadDigest',
    'The Content-MD5 you specified did not match what we received.',
  )
}

function unmetCondition(
  request: S3Request,
  store: ByteOrderedS3Store,
  mode: S3Server['conditionalWrites'],
): Refusal | undefined {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers
  const conditional = ifMatch !== undefined || ifNoneMatch !== undefined
  if (request.method !== 'PUT' || request.key === '' || !conditional || mode === 'ignored') {
    return undefined
  }
  if (mode === 'refused' || (ifNoneMatch !== undefined && ifNoneMatch !== '*')) {
    const message = 'A header you provided implies functionality that is not implemented'
    return refusalOf(501, 'NotImplemented', message)
  }
  const etag = store.etagOf(request.bucket, request.key)
  if (ifMatch !== undefined && etag === undefined) {
    return refusalOf(404, 'NoSuchKey', 'The specified key does not exist.')
  }
  const holds = ifMatch === undefined ? etag === undefined : ifMatch === '*' || ifMatch === etag
  if (holds) return undefined
  const message = 'At least one of the pre-conditions you specified did not hold'
  return refusalOf(412, 'PreconditionFailed', message)
}

function refusalOf(status: number, code: string, message: string): Refusal {
  return { status, code, message }
}

function describe(incoming: IncomingMessage): S3Request {
  const [path = '', query = ''] = (incoming.url ?? '').split(/\?(.*)/s)
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? []
  return {
    method: incoming.method ?? '',
    bucket,
    key: decodeURIComponent(key),
    // A `+` here is a plus: clients encode a space as %20.
    query: new URLSearchParams(query.replaceAll('+', '%2B')),
    headers: incoming.headers,
  }
}

/** Answers once the body has come in: a client that still sends would take the end for a break. */
function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  status: number,
  xml: string,
): void {
  const send = () => {
    const body = Buffer.from(xml)
    response.writeHead(status, {
      'content-type': 'application/xml',
      'content-length': body.length,
    })
    response.end(incoming.method === 'HEAD' ? undefined : body)
  }
  if (incoming.method === 'PUT' || incoming.method === 'POST') incoming.on('end', send).resume()
  else send()
}

function errorXml(code: string, message: string, request: S3Request): string {
  const resource = encodeXml(`/${request.bucket}/${request.key}`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${encodeXml(message)}</Message><Resource>${resource}</Resource><RequestId>stand-in</RequestId></Error>`
}

function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  port: number,
): Promise<Server> {
  const listener = createServer(handle)
  return new Promise((resolve, reject) => {
    listener.once('error', reject)
    listener.listen({ host: HOST, port }, () => resolve(listener))
  })
}

function shut(listener: Server): Promise<void> {
  return new Promise((resolve) => {
    listener.close(() => resolve())
    listener.closeAllConnections()
  })
}
