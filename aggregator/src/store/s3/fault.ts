/**
 * What an error of the S3 client means: may it pass by itself, and what to tell the person who runs
 * this. Decides nothing about objects; knows no request. Messages never hold a key's secret: known
 * causes have a text of our own, and of others only the server's code and one line are shown.
 */
import { oneLine } from '@presences/shared'

/** Of an answer that is none: a login page, a proxy. */
export const NOT_S3 =
  'the answer is not that of an S3 server; correct S3_ENDPOINT, or see what stands between'

/** Where the store is, as far as advice needs it. */
export interface S3Place {
  readonly bucket: string
  readonly endpoint: string
}

/** The parts of an SDK, node or proxy error that tell what happened. */
interface Anatomy {
  /** S3's own word (NoSuchKey), or node's (ECONNREFUSED). */
  readonly code: string
  readonly status: number | undefined
  readonly message: string
  readonly clockCorrected: boolean
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'TimeoutError',
])
const PASSING_CODES = new Set([
  'RequestTimeout',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'TooManyRequestsException',
  'OperationAborted',
])
const CODE_LENGTH = 60
const MESSAGE_LENGTH = 200
const TLS_CODE = /CERT|^UNABLE_TO_|^ERR_TLS|^ERR_SSL|^EPROTO$/

/** An answer that broke off, or that no S3 server gives. Worth another try, like a broken connection. */
export class BrokenAnswer extends Error {
  override readonly name = 'BrokenAnswer'
}

/** A server's refusal, as the SDK would throw it: named after S3's word for it. */
export class AnswerFault extends Error {
  readonly $metadata: { readonly httpStatusCode: number }

  constructor(code: string, status: number) {
    super(`the server answered ${code}`)
    this.name = code
    this.$metadata = { httpStatusCode: status }
  }
}

/** True when the same request may succeed a little later. 501 is a server's nature and stays. */
export function mayPass(error: unknown): boolean {
  if (error instanceof BrokenAnswer) return true
  const { code, status, clockCorrected } = anatomy(error)
  // Whatever fails while our clock is off bears that mark: only a refusal for it passes with the clock set right.
  if ((clockCorrected && status === 403) || PASSING_CODES.has(code)) return true
  if (status === undefined) return NETWORK_CODES.has(code)
  return (
    isUnreadable(status) || status === 408 || status === 429 || (status >= 500 && status !== 501)
  )
}

/** S3's word for the error: `NoSuchKey`, `PreconditionFailed` … */
export function s3Code(error: unknown): string {
  return anatomy(error).code
}

/** What the answer to a conditional write means, when it means something else than a failure. */
export function unmetCondition(error: unknown): 'conflict' | 'unsupported' | undefined {
  const { code, status } = anatomy(error)
  // 409: another writer was at it at this moment. 404: the object to replace is gone.
  if (status === 412 || status === 409) return 'conflict'
  if (status === 404 && code === 'NoSuchKey') return 'conflict'
  return status === 501 ? 'unsupported' : undefined
}

/** Cause and remedy, in one line. */
export function explainS3Fault(error: unknown, place: S3Place): string {
  const { code, status, message } = anatomy(error)
  if (isUnreadable(status)) return UNREADABLE
  const advice = adviceFor({ code, status, message }, place)
  if (advice) return status === undefined ? advice : `${code} (${status}): ${advice}`
  const line = oneLine(message, MESSAGE_LENGTH)
  if (error instanceof BrokenAnswer) return line
  return status === undefined ? `${code}: ${line}` : `${code} (${status}): ${line}`
}

const UNREADABLE =
  'the answer broke off, or is not that of an S3 server; run this again, and if it stays so see what stands between'

/** An error about an answer that says all is well: the SDK could not read it. */
function isUnreadable(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300
}

function adviceFor(
  { code, status, message }: Omit<Anatomy, 'clockCorrected'>,
  place: S3Place,
): string | undefined {
  const { bucket, endpoint } = place
  switch (code) {
    case 'NoSuchBucket':
      return `there is no bucket ${bucket} at ${endpoint}; create it, or correct STORE_URL or S3_ENDPOINT`
    case 'AccessDenied':
      return `the key may not do that (or the object is missing and the key may not list); give it the right to read, write and list ${bucket}`
    case 'InvalidAccessKeyId':
      return 'the server does not know this access key; correct AWS_ACCESS_KEY_ID'
    case 'SignatureDoesNotMatch':
      return 'the secret does not belong to the access key (some servers also say so of an unknown key); correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
    case 'ExpiredToken':
    case 'TokenRefreshRequired':
    case 'InvalidToken':
      return 'the session token is no longer good; renew it, or unset AWS_SESSION_TOKEN'
    case 'RequestTimeTooSkewed':
      return "this machine's clock is more than 15 minutes off; set it (timedatectl)"
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return `the bucket ${bucket} is in another region; correct S3_REGION or S3_ENDPOINT`
    case 'SlowDown':
    case 'TooManyRequests':
      return 'the server asks for fewer requests; run this again later'
    case 'CredentialsProviderError':
      return 'no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${code}: the name in ${endpoint} is not known; correct S3_ENDPOINT, or check the DNS`
    case 'ECONNREFUSED':
      return `${code}: nothing answers at ${endpoint}; is the server up, and S3_ENDPOINT right?`
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
      return `${code}: there is no way to ${endpoint}; check the network`
    case 'TimeoutError':
    case 'ETIMEDOUT':
      return `${code}: ${endpoint} did not answer in time; check the network, and run this again later`
    case 'ECONNRESET':
    case 'ECONNABORTED':
    case 'EPIPE':
      return `${code}: ${endpoint} broke the connection; run this again later`
  }
  if (message === 'Region is missing') return 'no region is known; set S3_REGION'
  if (TLS_CODE.test(code)) {
    return `${code}: the secure connection to ${endpoint} failed; check the certificate, and http or https in S3_ENDPOINT`
  }
  if (status !== undefined && status >= 500 && status !== 501) {
    return `${endpoint} fails; run this again later`
  }
  return undefined
}

function anatomy(error: unknown): Anatomy {
  if (!(error instanceof Error)) {
    return { code: 'Error', status: undefined, message: String(error), clockCorrected: false }
  }
  const { code, $metadata } = error as {
    code?: unknown
    $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean }
  }
  const status = $metadata?.httpStatusCode
  // The SDK names a server's error after S3's word; without an answer, node's code says most.
  const isNodes = status === undefined && typeof code === 'string'
  return {
    // What a server calls it may be anything, as long as it likes, and in XML no text at all.
    code: oneLine(String(isNodes ? code : error.name), CODE_LENGTH),
    status,
    message: String(error.message),
    clockCorrected: $metadata?.clockSkewCorrected === true,
  }
}
