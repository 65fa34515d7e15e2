/**
 * Reads objects with the SDK's own endpoint rules, credentials, signer and connections, but not through
 * its chain of some twenty middlewares, which take four fifths of the time of a small object: a day of minute
 * files is thousands of them. Only plain answers are understood here; every other is the SDK's to judge.
 */
import type { S3Client, S3ClientResolvedConfig } from '@aws-sdk/client-s3'
import type { StoredObject, StoreTimes } from '../store.ts'
import { collect, collectRefusal } from './body.ts'
import { AnswerFault, BrokenAnswer } from './fault.ts'

export interface ReadSettings {
  readonly bucket: string
  readonly endpoint?: string | undefined
  readonly forcePathStyle: boolean
}

/**
 * Reads the object `key`, whole. Throws AnswerFault for 404, 429 and 5xx, BrokenAnswer for half a body, TooLargeError
 * for one of more than `mostBytes`, node's errors for the network; `undefined` means: ask the SDK.
 */
export type ReadObject = (key: string, mostBytes: number) => Promise<StoredObject | undefined>

interface Way {
  readonly url: URL
  readonly signer: Awaited<ReturnType<S3ClientResolvedConfig['signer']>>
}

/** A reader on the client's connections. Nothing is sent until it is used. */
export function createReader(client: S3Client, settings: ReadSettings): ReadObject {
  const { config } = client
  let way: Promise<Way> | undefined

  return async (key, mostBytes) => {
    way ??= findWay()
    const { url, signer } = await way.catch((error) => {
      way = undefined
      throw error
    })
    const request = {
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port && { port: Number(url.port) }),
      path: `${url.pathname.replace(/\/$/, '')}/${key.split('/').map(encode).join('/')}`,
      query: {},
      headers: { host: url.host, 'user-agent': 'presences-aggregator' },
    }
    // The SDK learns from a refusal how far off this machine's clock is.
    const signingDate = new Date(Date.now() + config.systemClockOffset)
    const signed = await signer.sign(request, { signingDate })
    const { response } = await config.requestHandler.handle(signed)
    const length = lengthIn(response.headers)
    const isObject = response.statusCode === 200
    const where = `s3://${settings.bucket}/${key}`
    const bytes = isObject
      ? await collect(response.body, { where, mostBytes, saidBytes: length })
      : await collectRefusal(response.body)
    if (length !== undefined && bytes.length !== length) {
      throw new BrokenAnswer(`the answer broke off after ${bytes.length} of ${length} bytes`)
    }
    if (isObject) return understood(bytes, response.headers)
    if (![404, 429].includes(response.statusCode) && response.statusCode < 500) return undefined
    const [, code = 'UnknownError'] = /<Code>([\w.]+)<\/Code>/.exec(bytes.toString()) ?? []
    throw new AnswerFault(code, response.statusCode)
  }

  async function findWay(): Promise<Way> {
    const region = await config.region()
    const { url, properties } = config.endpointProvider({
      Bucket: settings.bucket,
      Region: region,
      ...(settings.endpoint && { Endpoint: settings.endpoint }),
      ForcePathStyle: settings.forcePathStyle,
      UseFIPS: await config.useFipsEndpoint(),
      UseDualStack: await config.useDualstackEndpoint(),
    })
    const schemes = properties?.authSchemes
    const scheme = (Array.isArray(schemes) ? schemes[0] : undefined) ?? {
      name: 'sigv4',
      signingName: 's3',
      signingRegion: region,
    }
    return { url, signer: await config.signer({ properties: {}, ...scheme }) }
  }
}

function understood(bytes: Buffer, headers: Record<string, string>): StoredObject | undefined {
  const etag = headers.etag?.replaceAll('"', '')
  if (!etag || lengthIn(headers) === undefined) return undefined
  const times = timesIn(headers)
  return { bytes, etag, ...(times && { times }) }
}

function timesIn(headers: Record<string, string>): StoreTimes | undefined {
  const modified = new Date(headers['last-modified'] ?? '')
  const answered = new Date(headers.date ?? '')
  const areKnown = !Number.isNaN(modified.getTime()) && !Number.isNaN(answered.getTime())
  return areKnown ? { modified, answered } : undefined
}

function lengthIn(headers: Record<string, string>): number | undefined {
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}

/** As S3 wants a part of a path signed and sent. */
function encode(part: string): string {
  return encodeURIComponent(part).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
