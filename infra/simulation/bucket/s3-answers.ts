/**
 * An S3 server as a function: a request and the bucket in, the answer S3 gives out. Listings come in small
 * pages for most clients, so that one of a day is paged. What goes wrong on the way is added in `s3-line.ts`.
 */
import { answerListing } from '@presences/aggregator/testing/stand-ins/s3/listing.ts'
import type { OrderedObject } from '@presences/aggregator/testing/stand-ins/s3/objects.ts'
import type { Bucket, BucketObject } from './bucket.ts'

export interface S3Asked {
  readonly method: string
  /** Of the object; empty for a listing. */
  readonly key: string
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface S3Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** How this server is: what it does with conditions, and what it shows of what was written of late. */
export interface S3Manner {
  readonly conditions: 'honoured' | 'refused' | 'ignored'
  /** The object as this request sees it. */
  readonly see: (key: string) => BucketObject | undefined
  /** False for a key that a listing does not know yet. */
  readonly isListed: (object: BucketObject) => boolean
  readonly pageKeys: number
  /** Its clock, in milliseconds since 1970. */
  readonly now: number
}

const WRITE_ID = 'x-amz-meta-presences-write'

/** Answers; writes are done by then. */
export function answerS3(asked: S3Asked, bucket: Bucket, manner: S3Manner): S3Answer {
  if (asked.method === 'PUT') return put(asked, bucket, manner)
  if (asked.method !== 'GET') return s3Error(501, 'NotImplemented')
  return asked.key === '' ? list(asked, bucket, manner) : get(asked, manner)
}

/** S3's way to say no. */
export function s3Error(status: number, code: string): S3Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`
  return answerOf(status, { 'content-type': 'application/xml' }, Buffer.from(body))
}

/** Any answer, with its length. */
export function answerOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): S3Answer {
  return { status, headers: { ...headers, 'content-length': String(body.length) }, body }
}

function get({ key }: S3Asked, { see, now }: S3Manner): S3Answer {
  const object = see(key)
  if (!object) return s3Error(404, 'NoSuchKey')
  const headers = {
    etag: `"${object.etag}"`,
    date: new Date(now).toUTCString(),
    'last-modified': new Date(object.modified).toUTCString(),
    ...(object.writeId !== undefined && { [WRITE_ID]: object.writeId }),
  }
  return answerOf(200, headers, object.bytes)
}

function put(asked: S3Asked, bucket: Bucket, { conditions }: S3Manner): S3Answer {
  const { key, headers, body } = asked
  const ifMatch = headers['if-match']
  const isConditional = ifMatch !== undefined || headers['if-none-match'] !== undefined
  if (isConditional && conditions === 'refused') return s3Error(501, 'NotImplemented')
  if (isConditional && conditions === 'honoured') {
    const etag = bucket.get(key)?.etag
    if (ifMatch !== undefined && etag === undefined) return s3Error(404, 'NoSuchKey')
    const holds = ifMatch === undefined ? etag === undefined : ifMatch === `"${etag}"`
    if (!holds) return s3Error(412, 'PreconditionFailed')
  }
  const etag = bucket.put(key, body, headers[WRITE_ID])
  return answerOf(200, { etag: `"${etag}"` }, Buffer.alloc(0))
}

function list({ query }: S3Asked, bucket: Bucket, { isListed, pageKeys }: S3Manner): S3Answer {
  const { prefix = '', delimiter } = query
  const all = bucket.list(prefix)
  const first = delimiter === '/' ? new Set(bucket.firstKeys(prefix)) : undefined
  const listed = first ? all.filter(({ key }) => first.has(key)) : all
  const objects = listed.filter(isListed).map(orderedOf)
  const asked = new URLSearchParams({ ...query, 'max-keys': String(pageKeys) })
  const xml = answerListing('space', asked, objects)
  if (xml === undefined) return s3Error(400, 'InvalidArgument')
  return answerOf(200, { 'content-type': 'application/xml' }, Buffer.from(xml))
}

function orderedOf({ key, etag, bytes, modified }: BucketObject): OrderedObject {
  const object = {
    key,
    etag: `"${etag}"`,
    contentLength: bytes.length,
    lastModified: new Date(modified),
  }
  return { keyBytes: Buffer.from(key), object } as OrderedObject
}
