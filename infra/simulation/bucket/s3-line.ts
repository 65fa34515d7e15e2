/**
 * The way to the bucket: what the real S3 adapter sends its requests through, over the server that is a function,
 * without a socket, with what goes wrong there and back. Waits are the adapter's own, in virtual time.
 */
import { Readable } from 'node:stream'
import type { S3StoreSettings } from '@presences/aggregator/store/s3/client.ts'
import type { Random } from '../../random.ts'
import type { Program } from '../runtime/program.ts'
import type { VirtualTime } from '../runtime/virtual-time.ts'
import type { Bucket } from './bucket.ts'
import { answerOf, answerS3, type S3Answer, type S3Asked, s3Error } from './s3-answers.ts'
import { isListedBy, type StoreTroubles, seenBy } from './store-troubles.ts'

/** A request as the SDK hands it over, or the adapter's own reader. */
interface Sent {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

type Way =
  | 'fine'
  | 'refused'
  | 'drop'
  | 'hang'
  | '503'
  | '500'
  | '429'
  | '409'
  | 'proxy-502'
  | 'skewed'
  | 'cut'
  | 'cut-in-silence'
  | 'store-then-500'
  | 'store-then-drop'

const WAYS: readonly Way[] = [
  ...(['503', '503', '503', '500', '429', 'drop', 'proxy-502', 'skewed'] as const),
  ...(['cut', 'cut', 'cut-in-silence', 'hang'] as const),
]
const TIMEOUT_MS = 30_000
/** A throttled client is let in again after so long at most: its patience may end before. */
const THROTTLED_MS = 40_000
/** A whole day of minute files is more than a page. */
const PAGE_KEYS = [40, 100, 100, 1000]

export interface S3LineDeps {
  readonly bucket: Bucket
  readonly time: VirtualTime
  readonly random: Random
  readonly troubles: () => StoreTroubles
}

/** The SDK's request handler, as `program` has it. */
export function s3LineOf(program: Program, deps: S3LineDeps): S3StoreSettings['requestHandler'] {
  const { bucket, time, random, troubles } = deps
  const pageKeys = random.pick(PAGE_KEYS)
  let throttledUntil = 0

  return {
    handle: async (sent: Sent) => {
      const asked = askedOf(sent)
      const way = wayOf(asked)
      const answer = await program.perform({
        ...(asked.method === 'PUT' && { note: `PUT ${asked.key}${conditionOf(asked)} ${way}` }),
        work: () => answerIn(way, asked),
      })
      return { response: responseOf(answer, way) }
    },
    destroy: () => {},
  } as unknown as S3StoreSettings['requestHandler']

  function wayOf(asked: S3Asked): Way {
    const now = troubles()
    if (now.isDown()) return random.pick(['refused', '503', '503', 'hang'])
    if (time.now() < throttledUntil) return '503'
    const isPut = asked.method === 'PUT'
    if (isPut && random.chance(now.lostAnswer)) {
      return random.pick(['store-then-500', 'store-then-drop'])
    }
    // Only who keeps conditions knows a conflict of them.
    const isKept = isPut && conditionOf(asked) !== '' && now.conditions === 'honoured'
    if (isKept && random.chance(now.put / 4)) return '409'
    if (random.chance(now.get / 4)) throttledUntil = time.now() + random.next() * THROTTLED_MS
    const share = isPut ? now.put : asked.key === '' ? now.list : now.get
    // What the port's faults are after six attempts; here each attempt has its own.
    return random.chance(share * 8) ? random.pick(WAYS) : 'fine'
  }

  async function answerIn(way: Way, asked: S3Asked): Promise<S3Answer> {
    switch (way) {
      case 'refused':
        throw nodeError('ECONNREFUSED')
      case 'drop':
        throw nodeError('ECONNRESET')
      case 'hang':
        await time.sleep(TIMEOUT_MS)
        throw Object.assign(nodeError('ETIMEDOUT'), { name: 'TimeoutError' })
      case '503':
        return s3Error(503, 'SlowDown')
      case '500':
        return s3Error(500, 'InternalError')
      case '429':
        return s3Error(429, 'TooManyRequests')
      case '409':
        return s3Error(409, 'ConditionalRequestConflict')
      case 'proxy-502':
        return answerOf(502, { 'content-type': 'text/html' }, Buffer.from('<h1>Bad gateway</h1>'))
      case 'skewed':
        return skewed(asked)
    }
    const answer = work(asked)
    if (way === 'store-then-500') return s3Error(500, 'InternalError')
    if (way === 'store-then-drop') throw nodeError('ECONNRESET')
    return answer
  }

  function work(asked: S3Asked): S3Answer {
    const now = troubles()
    return answerS3(asked, bucket, {
      conditions: now.conditions,
      see: (key) => seenBy(now, bucket, key, random),
      isListed: isListedBy(now, asked.query.prefix ?? '', random),
      pageKeys,
      now: now.now,
    })
  }
}

/** As of a machine whose clock is 20 minutes behind: the answer's date tells the SDK. */
function skewed({ headers }: S3Asked): S3Answer {
  const date = (headers['x-amz-date'] ?? '').replace(
    /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/,
    '$1-$2-$3T$4:$5:$6Z',
  )
  const answer = s3Error(403, 'RequestTimeTooSkewed')
  const theirs = new Date(Date.parse(date) + 20 * 60_000).toUTCString()
  return { ...answer, headers: { ...answer.headers, date: theirs } }
}

function askedOf({ method, path, query = {}, headers, body }: Sent): S3Asked {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  const words = Object.entries(query).map(([name, value]) => [name, String(value ?? '')])
  return {
    method,
    key: decodeURIComponent(path.replace(/^\/[^/]*\/?/, '')),
    query: Object.fromEntries(words),
    headers: Object.fromEntries(lower),
    body: body instanceof Uint8Array ? body : Buffer.alloc(0),
  }
}

function conditionOf({ headers }: S3Asked): string {
  return headers['if-match'] ? ' if-match' : headers['if-none-match'] ? ' if-none-match' : ''
}

/** As node hands an answer over: the body is a stream, and one that breaks off fails while it is read. */
function responseOf({ status, headers, body }: S3Answer, way: Way) {
  const half = body.subarray(0, Math.floor(body.length / 2))
  if (way === 'cut') return { statusCode: status, headers, body: Readable.from(broken(half)) }
  const whole = way === 'cut-in-silence' ? half : body
  return { statusCode: status, headers, body: Readable.from([Buffer.from(whole)]) }
}

function* broken(half: Uint8Array) {
  yield Buffer.from(half)
  throw nodeError('ECONNRESET')
}

function nodeError(code: string): Error {
  return Object.assign(new Error(`it failed: ${code}`), { code })
}
