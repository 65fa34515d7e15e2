/** What is wrong with the bucket, and what of it is seen: the same for the store at the port and for the S3 server. */
import { millisecondsInDay } from 'date-fns/constants'
import type { Random } from '../../random.ts'
import type { Bucket, BucketObject } from './bucket.ts'

/** How often what fails, 0 … 1; all zero when nothing does. */
export interface StoreTroubles {
  readonly isDown: () => boolean
  readonly get: number
  readonly list: number
  readonly put: number
  /** A listing that does not know yet what was written of late. */
  readonly staleList: number
  /** The share of what was written of late that such a listing lacks. */
  readonly unlisted: number
  /** A read of what was there before the last write of late. */
  readonly staleGet: number
  readonly now: number
  /** A write that is done, and whose answer is lost. */
  readonly lostAnswer: number
  /** What comes of a conditional write: it is refused with 501, or done whatever is there. */
  readonly conditions: 'honoured' | 'refused' | 'ignored'
}

/** How long a container of the eventual kind may take to list a key. */
const STALE_LIST_MS = 3 * millisecondsInDay
/** How long a replica may lag behind a write. */
const STALE_GET_MS = 30 * 60_000

/** The object as one read sees it. */
export function seenBy(
  { staleGet, now }: StoreTroubles,
  bucket: Bucket,
  key: string,
  random: Random,
): BucketObject | undefined {
  const object = bucket.get(key)
  const isFresh = object !== undefined && now - object.modified < STALE_GET_MS
  return isFresh && random.chance(staleGet) ? object.before : object
}

/** What one listing, or one page of it, knows. */
export function isListedBy(
  { staleList, unlisted, now }: StoreTroubles,
  prefix: string,
  random: Random,
): (object: BucketObject) => boolean {
  const isStale = prefix.startsWith('presences/') && random.chance(staleList)
  if (!isStale) return () => true
  return ({ modified }) => now - modified > STALE_LIST_MS || !random.chance(unlisted)
}
