/**
 * fauxqs with what must be decided when the body is there: its digests, and conditional writes. From
 * this hook to the written object nothing waits, so of several writers exactly one finds its condition true.
 */
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { type BuildAppOptions, buildApp } from 'fauxqs'
import type { ByteOrderedS3Store } from './objects.ts'
import { describe, errorXml, type Refusal, refusalOf, type S3Request } from './request.ts'
import { bodyIsAsSigned } from './signature.ts'

/** Conditional writes as S3 has them; refused with 501 (Swift); or written whatever they say. */
export type ConditionalWrites = 'honoured' | 'refused' | 'ignored'

const MAX_BODY_BYTES = 1024 ** 3

/** fauxqs's application over `store`, for `app.routing`. */
export function appWithConditions(
  store: ByteOrderedS3Store,
  conditionalWrites: () => ConditionalWrites,
): FastifyInstance {
  // fauxqs makes the stores it is not given; its types ask for all of them.
  const stores = { s3Store: store } as unknown as NonNullable<BuildAppOptions['stores']>
  const app = buildApp({ logger: false, stores }) as unknown as FastifyInstance
  app.removeContentTypeParser('*')
  const parser = { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES } as const
  app.addContentTypeParser('*', parser, (_request, body, done) => done(null, body))
  app.addHook('preHandler', (incoming, reply, done) => {
    const request = describe(incoming.raw)
    if (!request) return done(new Error('An address that the server let through'))
    const body = Buffer.isBuffer(incoming.body) ? incoming.body : Buffer.alloc(0)
    const { url = '', headers } = incoming.raw
    const { method } = request
    const refused = bodyIsAsSigned({ method, url, headers }, body)
      ? (badMd5(request, body) ?? unmetCondition(request, store, conditionalWrites()))
      : refusalOf(400, 'XAmzContentSHA256Mismatch', 'The body is not the one that was signed')
    if (!refused) {
      if (method === 'POST' && url.includes('uploadId=')) incoming.body = numbersFirst(body)
      return done()
    }
    reply
      .code(refused.status)
      .header('content-type', 'application/xml')
      .send(errorXml(refused.code, refused.message, request))
  })
  return app
}

/** A client may write a part's two fields in either order, each part in its own: fauxqs then loses some of them. */
export function numbersFirst(body: Buffer): Buffer {
  const part = /<Part>\s*(<ETag>[^<]*<\/ETag>)\s*(<PartNumber>\d+<\/PartNumber>)\s*<\/Part>/g
  return Buffer.from(body.toString('utf8').replace(part, '<Part>$2$1</Part>'))
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
  mode: ConditionalWrites,
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
