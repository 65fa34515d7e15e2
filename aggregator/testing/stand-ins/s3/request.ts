/** A request to the stand-in S3 server as the others see it, and the refusal that S3 answers in XML. */
import type { IncomingMessage } from 'node:http'
import { encodeXml } from './listing.ts'

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

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** What a request asks; `undefined` when its address can't be decoded. */
export function describe(incoming: IncomingMessage): S3Request | undefined {
  if (!isDecodable(incoming.url ?? '')) return undefined
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

/** A refusal as S3 words it: a status, its code, a sentence. */
export function refusalOf(status: number, code: string, message: string): Refusal {
  return { status, code, message }
}

/** The body of a refusal. */
export function errorXml(code: string, message: string, request: S3Request): string {
  const resource = encodeXml(`/${request.bucket}/${request.key}`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${encodeXml(message)}</Message><Resource>${resource}</Resource><RequestId>stand-in</RequestId></Error>`
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}
