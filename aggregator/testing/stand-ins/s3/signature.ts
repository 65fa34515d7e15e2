/**
 * AWS Signature Version 4 as a server checks it, and what a key may do once it is known. Written from
 * the specification ("Authenticating Requests: Using the Authorization Header"), so that rclone and
 * the SDK, which sign with code of their own, prove each other. Pure; the clock comes in.
 */
import { createHash, createHmac } from 'node:crypto'
import { mayStore, type S3Policy } from './policy.ts'
import { type Refusal, refusalOf, type S3Request } from './request.ts'

/**
 * A key the server knows. `putOnly`: it may create objects under that prefix, and nothing else; `policy`: it may create
 * those that a policy allows.
 */
export interface S3Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly allow: 'all' | { readonly putOnly: string } | { readonly policy: S3Policy }
}

/** What of a request is signed, or names what it does. */
export interface SignedRequest {
  readonly method: string
  /** Path and query, as they came over the wire. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
const MAX_SKEW_MS = 15 * 60_000

/** Who signed this request, or why it is refused. */
export function authenticate(
  request: SignedRequest,
  keys: readonly S3Key[],
  now: Date,
): S3Key | Refusal {
  const [, accessKeyId, day, region, signedHeaders, signature] =
    AUTHORIZATION.exec(header(request, 'authorization')) ?? []
  if (!accessKeyId || !day || !region || !signedHeaders || !signature) {
    return refusalOf(403, 'AccessDenied', 'Access Denied')
  }
  const key = keys.find((known) => known.accessKeyId === accessKeyId)
  if (!key) {
    const message = 'The AWS Access Key Id you provided does not exist in our records.'
    return refusalOf(403, 'InvalidAccessKeyId', message)
  }
  const date = header(request, 'x-amz-date')
  const sentAt = Date.parse(date.replace(AMZ_DATE, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(sentAt) || !date.startsWith(day)) {
    return refusalOf(403, 'AccessDenied', 'The x-amz-date header is missing or wrong.')
  }
  if (Math.abs(sentAt - now.getTime()) > MAX_SKEW_MS) {
    const message = "The difference between the request time and the server's time is too large."
    return refusalOf(403, 'RequestTimeTooSkewed', message)
  }
  const toSign = [
    'AWS4-HMAC-SHA256',
    date,
    `${day}/${region}/s3/aws4_request`,
    sha256(canonicalRequest(request, signedHeaders)),
  ].join('\n')
  const expected = hmac(signingKey(key.secretAccessKey, day, region), toSign).toString('hex')
  if (expected === signature && coversWhatMatters(request, signedHeaders)) return key
  const message =
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.'
  return refusalOf(403, 'SignatureDoesNotMatch', message)
}

/** Why this key may not do that, or `undefined`. */
export function forbids(
  key: S3Key,
  { method, bucket, key: object }: Pick<S3Request, 'method' | 'bucket' | 'key'>,
  request: SignedRequest,
): Refusal | undefined {
  const { allow } = key
  if (allow === 'all') return undefined
  // A copy reads another object first; a part belongs to an upload that was begun with a POST.
  const plainPut =
    method === 'PUT' &&
    header(request, 'x-amz-copy-source') === '' &&
    /^[^?]*(\?x-id=PutObject)?$/.test(request.url)
  const acl = header(request, 'x-amz-acl')
  const isAllowed =
    'policy' in allow
      ? mayStore(allow.policy, { bucket, key: object, acl })
      : object.startsWith(allow.putOnly)
  if (plainPut && object !== '' && isAllowed) return undefined
  return refusalOf(403, 'AccessDenied', 'Access Denied')
}

/** True when the body is the one whose digest was signed; bodies signed in chunks are not checked. */
export function bodyIsAsSigned(request: SignedRequest, body: Uint8Array): boolean {
  const digest = header(request, 'x-amz-content-sha256')
  return !/^[0-9a-f]{64}$/.test(digest) || digest === sha256(body)
}

/** A signature that leaves out the host or an x-amz- header would let anybody change it. */
function coversWhatMatters(request: SignedRequest, signedHeaders: string): boolean {
  const signed = new Set(signedHeaders.split(';'))
  const mustBe = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))
  return ['host', 'x-amz-content-sha256', ...mustBe].every((name) => signed.has(name))
}

function canonicalRequest(request: SignedRequest, signedHeaders: string): string {
  const [path = '', ...query] = request.url.split('?')
  const parameters = query
    .join('?')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return `${strictEncode(name)}=${strictEncode(value.join('='))}`
    })
  const headers = signedHeaders
    .split(';')
    .map((name) => `${name}:${header(request, name).trim().replaceAll(/ +/g, ' ')}\n`)
  return [
    request.method,
    path.split('/').map(strictEncode).join('/'),
    parameters.sort().join('&'),
    headers.join(''),
    signedHeaders,
    header(request, 'x-amz-content-sha256'),
  ].join('\n')
}

/** The one spelling that is signed, whatever the one that came: all but A-Z a-z 0-9 - . _ ~ encoded. */
function strictEncode(encoded: string): string {
  return encodeURIComponent(decodeURIComponent(encoded)).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function header(request: SignedRequest, name: string): string {
  const value = request.headers[name] ?? ''
  return typeof value === 'string' ? value : value.join(',')
}

function signingKey(secret: string, day: string, region: string): Buffer {
  return [day, region, 's3', 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`))
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
