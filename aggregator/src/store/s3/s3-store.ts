/**
 * The store in an S3 bucket: AWS, and the servers that speak as it does (Swift, Ceph, MinIO). It
 * retries whole requests, bodies included, with exponential backoff and jitter: the SDK's own retries
 * end where a body begins, and stop after some 35 failures in all, whoever made them.
 */
import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { setTimeout as sleepMs } from 'node:timers/promises'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { LIMITS } from '@presences/shared'
import { type Backoff, retrying } from '../../runtime/retry.ts'
import {
  type PutCondition,
  type PutOutcome,
  refuseUnreadable,
  type Store,
  type StoredObject,
  StoreError,
  TooLargeError,
} from '../store.ts'
import { collect } from './body.ts'
import { createClient, type S3StoreSettings } from './client.ts'
import { BrokenAnswer, explainS3Fault, mayPass, NOT_S3, s3Code, unmetCondition } from './fault.ts'
import { gateOf } from './gate.ts'
import { bare, createLister } from './listing.ts'
import { createReader } from './read.ts'

interface Fetched {
  readonly object: StoredObject
  readonly writeId: string | undefined
}

const MAX_DELAY_MS = 10_000
/** Tells our own conditional write from another's when its answer was lost. */
const WRITE_ID = 'presences-write'

/** A store in the bucket of `settings`. Nothing is sent until it is used. */
export function createS3Store(settings: S3StoreSettings): Store {
  const { bucket, endpoint, attempts = 6 } = settings
  const forcePathStyle = settings.forcePathStyle ?? endpoint !== undefined
  const root = settings.prefix ? `${settings.prefix}/` : ''
  const url = `s3://${bucket}/${root}`.replace(/\/$/, '')
  const place = { bucket, endpoint: endpoint ?? 'AWS' }
  const client = createClient({ ...settings, forcePathStyle })
  const readObject = createReader(client, { bucket, endpoint, forcePathStyle })
  const gate = gateOf(settings.concurrency ?? 32)
  const backoff: Backoff = {
    retries: attempts - 1,
    firstDelayMs: settings.firstDelayMs ?? 500,
    maxDelayMs: MAX_DELAY_MS,
    random: settings.random ?? Math.random,
    sleep: settings.sleep ?? ((ms) => sleepMs(ms)),
  }

  return { url, ...createLister(client, { bucket, root, attempt }), get, put }

  async function get(
    key: string,
    mostBytes = LIMITS.storedBytes,
  ): Promise<StoredObject | undefined> {
    try {
      return await attempt('Read', root + key, async () => {
        const read = await readObject(root + key, mostBytes)
        return read ?? (await fetchWhole(root + key, mostBytes)).object
      })
    } catch (error) {
      if (error instanceof StoreError && s3Code(error.cause) === 'NoSuchKey') return undefined
      throw error
    }
  }

  async function fetchWhole(key: string, mostBytes: number): Promise<Fetched> {
    const { Body, ETag, ContentLength, Metadata } = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key: key }),
    )
    const etag = bare(ETag ?? '')
    if (!Body || !etag || ContentLength === undefined) throw new BrokenAnswer(NOT_S3)
    const where = `s3://${bucket}/${key}`
    const bytes = await collect(Body as Readable, { where, mostBytes, saidBytes: ContentLength })
    if (bytes.length !== ContentLength) {
      throw new BrokenAnswer(`the answer broke off after ${bytes.length} of ${ContentLength} bytes`)
    }
    return { object: { bytes, etag }, writeId: Metadata?.[WRITE_ID] }
  }

  async function put(
    key: string,
    bytes: Uint8Array,
    condition?: PutCondition,
  ): Promise<PutOutcome> {
    refuseUnreadable(key, bytes)
    const writeId = randomUUID()
    const command = {
      Bucket: bucket,
      Key: root + key,
      // Never a stream: Swift answers 501 to one, and a stream can't be sent a second time.
      Body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      ...(condition && { Metadata: { [WRITE_ID]: writeId } }),
      ...(condition && 'ifMatch' in condition && { IfMatch: `"${condition.ifMatch}"` }),
      ...(condition && 'ifAbsent' in condition && { IfNoneMatch: '*' }),
    }
    let tries = 0
    try {
      const etag = await attempt('Write', root + key, async () => {
        tries += 1
        const { ETag } = await client.send(new PutObjectCommand(command))
        const etag = bare(ETag ?? '')
        if (!etag) throw new BrokenAnswer(NOT_S3)
        return etag
      })
      return { outcome: 'written', etag }
    } catch (error) {
      const outcome = condition && error instanceof StoreError && unmetCondition(error.cause)
      if (!outcome) throw error
      // An earlier try may have written and lost its answer: the condition then fails by our own hand.
      const now =
        outcome === 'conflict' && tries > 1
          ? await attempt('Read', root + key, () => fetchIfThere(root + key))
          : undefined
      return now?.writeId === writeId ? { outcome: 'written', etag: now.object.etag } : { outcome }
    }
  }

  async function fetchIfThere(key: string) {
    try {
      return await fetchWhole(key, LIMITS.storedBytes)
    } catch (error) {
      if (s3Code(error) === 'NoSuchKey') return undefined
      throw error
    }
  }

  /** Tries a request until it succeeds, can't, or was tried often enough; fails as StoreError. */
  async function attempt<T>(verb: string, key: string, request: () => Promise<T>): Promise<T> {
    const { outcome } = await retrying(async () => {
      try {
        return { ok: true as const, answer: await gate(request) }
      } catch (error) {
        return { ok: false as const, again: mayPass(error), error }
      }
    }, backoff)
    if (outcome.ok) return outcome.answer
    if (outcome.error instanceof TooLargeError) throw outcome.error
    const cause = explainS3Fault(outcome.error, place)
    throw new StoreError(`${verb} s3://${bucket}/${key}: ${cause}`, { cause: outcome.error })
  }
}
