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
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { LOOPBACK, listen } from '../listen.ts'
import { appWithConditions, type ConditionalWrites } from './app.ts'
import { isAnswer, type S3Fault, spoilAnswer } from './faults.ts'
import { answerListing, isListing } from './listing.ts'
import { ByteOrderedS3Store } from './objects.ts'
import { describe, errorXml, type Refusal, refusalOf, type S3Request } from './request.ts'
import { authenticate, forbids, type S3Key } from './signature.ts'

export type { S3Fault } from './faults.ts'
export type { S3Request } from './request.ts'
export type { S3Key } from './signature.ts'

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
  conditionalWrites: ConditionalWrites
  /** Reads or writes behind the server's back: no request, no check. */
  read(bucket: string, key: string): Buffer | undefined
  write(bucket: string, key: string, bytes: Uint8Array): void
  keysOf(bucket: string): string[]
  /** Stops listening and breaks every connection, keeping the objects; `resume` takes the same port. */
  pause(): Promise<void>
  resume(): Promise<void>
  close(): Promise<void>
}

/** Starts a server on a free port (or `port`) of the loopback address. */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const clock = options.clock ?? (() => new Date())
  const store = new ByteOrderedS3Store()
  for (const bucket of options.buckets) store.createBucket(bucket)
  const requests: S3Request[] = []
  const app = appWithConditions(store, () => server.conditionalWrites)
  await app.ready()

  let listener = createServer(handle)
  const port = await listen(listener, options.port)
  const server: S3Server = {
    endpoint: `http://${LOOPBACK}:${port}`,
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
      listener = createServer(handle)
      await listen(listener, port)
    },
    close: async () => {
      await shut(listener)
      await app.close()
    },
  }
  return server

  function handle(incoming: IncomingMessage, response: ServerResponse): void {
    const request = describe(incoming)
    if (!request) {
      incoming.socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')
      return
    }
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
    const forbidden = forbids(key, request, signed)
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

function shut(listener: Server): Promise<void> {
  return new Promise((resolve) => {
    listener.close(() => resolve())
    listener.closeAllConnections()
  })
}
