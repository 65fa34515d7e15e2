/**
 * The SDK's client, set up for AWS and for the servers that only speak as it does. It tries each request
 * once: s3-store.ts does the retrying.
 */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import type { Backoff } from '../../runtime/retry.ts'

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface S3StoreSettings {
  readonly bucket: string
  /** Put before every key, with a slash between; `''` for none. */
  readonly prefix?: string
  /** The server's address; AWS's own without it. */
  readonly endpoint?: string | undefined
  /** Default: the SDK's (environment, profile); `us-east-1` when there is an endpoint. */
  readonly region?: string | undefined
  /** The bucket in the path and not in the host name. Default: when there is an endpoint. */
  readonly forcePathStyle?: boolean | undefined
  /** Default: the SDK's own chain (environment, profile, instance …). */
  readonly credentials?: S3Credentials | undefined
  /** Requests under way at once, whoever asks. */
  readonly concurrency?: number
  /** How often a request is tried in all, and the longest wait after the first failure (doubled each time). */
  readonly attempts?: number
  readonly firstDelayMs?: number
  /** Waits between attempts, and draws their jitter. Default: this machine's timers and chance. */
  readonly sleep?: Backoff['sleep']
  readonly random?: Backoff['random']
  readonly connectTimeoutMs?: number
  /** For an answer to begin, and for each silence within it. */
  readonly answerTimeoutMs?: number
  /** Carries a request to the server and its answer back. Default: node's own HTTP, within those times. */
  readonly requestHandler?: S3ClientConfig['requestHandler']
}

const DEFAULT_REGION = 'us-east-1'

/** A client for the bucket of `settings`. Nothing is sent until it is used. */
export function createClient(
  settings: S3StoreSettings & { readonly forcePathStyle: boolean },
): S3Client {
  return quietly(() => new S3Client(configOf(settings)))
}

function configOf(
  settings: S3StoreSettings & { readonly forcePathStyle: boolean },
): S3ClientConfig {
  const { endpoint, credentials, concurrency = 32 } = settings
  const region = settings.region ?? (endpoint ? DEFAULT_REGION : undefined)
  const agent = { keepAlive: true, maxSockets: concurrency }
  return {
    ...(endpoint && { endpoint }),
    ...(region && { region }),
    ...(credentials && { credentials }),
    forcePathStyle: settings.forcePathStyle,
    maxAttempts: 1,
    // The SDK's newer default checksums are refused by many servers that are not AWS.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: settings.requestHandler ?? {
      connectionTimeout: settings.connectTimeoutMs ?? 5_000,
      requestTimeout: settings.answerTimeoutMs ?? 30_000,
      socketTimeout: settings.answerTimeoutMs ?? 30_000,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  }
}

/**
 * The first client of a process warns on stderr that SDK versions after January 2027 want Node 22; ours
 * is pinned. The variable is the SDK's own way to be quiet; it is read once and put back at once.
 */
function quietly<T>(create: () => T): T {
  const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'
  const before = process.env[name]
  process.env[name] = 'true'
  try {
    return create()
  } finally {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  }
}
