/** Lists a bucket page by page, and believes no listing that is cut, out of order or not the one that was asked for. */
import { Readable } from 'node:stream'
import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { LIMITS, oneLine } from '@presences/shared'
import { compareKeys } from '../key-order.ts'
import { type ObjectInfo, type Store, StoreError } from '../store.ts'
import { limited } from './body.ts'
import { BrokenAnswer, NOT_S3 } from './fault.ts'

export interface ListSettings {
  readonly bucket: string
  /** The prefix of all keys of the store, with its slash; empty for a whole bucket. */
  readonly root: string
  /** Tries a request until it succeeds or fails as StoreError. */
  readonly attempt: <T>(verb: string, key: string, request: () => Promise<T>) => Promise<T>
}

/** The listings of the store. Nothing is sent until they are used. */
export function createLister(
  client: S3Client,
  { bucket, root, attempt }: ListSettings,
): Pick<Store, 'list' | 'folders'> {
  return { list, folders }

  async function* list(prefix: string): AsyncGenerator<ObjectInfo> {
    let last: string | undefined
    for await (const page of pages(root + prefix)) {
      for (const { Key, ETag, Size, LastModified } of page.Contents ?? []) {
        // XML within an element is read as an object, whatever the SDK's types say.
        const etag = typeof ETag === 'string' ? bare(ETag) : ''
        // Not Infinity either: 1e999 is read as that.
        const hasSize = Size !== undefined && Number.isSafeInteger(Size) && Size >= 0
        if (typeof Key !== 'string' || !etag || !hasSize || !LastModified) {
          throw new StoreError(
            `List ${at(prefix)}: the server's listing lacks keys, sizes or etags`,
          )
        }
        if (!Key.startsWith(root + prefix)) throw notAsked(prefix, Key)
        // A paged listing that is out of order also loses keys: half a day would look whole.
        if (last !== undefined && compareKeys(last, Key) >= 0) {
          throw new StoreError(
            `List ${at(prefix)}: the server lists ${oneLine(Key, 200)} out of order; use another`,
          )
        }
        last = Key
        const key = Key.slice(root.length)
        yield { key, etag, sizeBytes: Size, modified: LastModified }
      }
    }
  }

  async function folders(prefix: string): Promise<string[]> {
    const names: string[] = []
    for await (const page of pages(root + prefix, '/')) {
      for (const { Prefix = '' } of page.CommonPrefixes ?? []) {
        if (!String(Prefix).startsWith(root + prefix)) throw notAsked(prefix, String(Prefix))
        names.push(Prefix.slice(root.length + prefix.length, -1))
      }
    }
    return names.filter((name) => name !== '').sort(compareKeys)
  }

  async function* pages(prefix: string, delimiter?: string) {
    let token: string | undefined
    do {
      const input = {
        Bucket: bucket,
        Prefix: prefix,
        Delimiter: delimiter,
        ContinuationToken: token,
      }
      const page: ListObjectsV2CommandOutput = await attempt('List', prefix, async () => {
        const command = new ListObjectsV2Command(input)
        command.middlewareStack.add((next) => async (args) => cutPage(await next(args)), {
          step: 'deserialize',
          priority: 'low',
        })
        const answer = await client.send(command)
        // Any page of any web server, a login page say, reads as an empty listing.
        if (answer.IsTruncated === undefined) throw new BrokenAnswer(NOT_S3)
        return answer
      })
      yield page
      token = page.IsTruncated ? page.NextContinuationToken : undefined
      if (page.IsTruncated && !token) {
        throw new StoreError(`List ${at(prefix)}: the server cut its listing and gave no token`)
      }
    } while (token !== undefined)
  }

  /** Cut to where its prefix should end, such a key would be another one. */
  function notAsked(prefix: string, key: string): StoreError {
    return new StoreError(
      `List ${at(prefix)}: the server lists ${oneLine(key, 200)}, which lies elsewhere; use another`,
    )
  }

  function at(prefix: string): string {
    return `s3://${bucket}/${root}${prefix}`
  }
}

/** The SDK reads a page whole, however long it is, before it looks at it. */
function cutPage<Answer extends { response: unknown }>(answer: Answer): Answer {
  const response = answer.response as { body: AsyncIterable<Uint8Array> }
  response.body = Readable.from(limited(response.body, LIMITS.listingPageBytes))
  return answer
}

/** An etag without its quotes, which some servers leave out of listings. */
export function bare(etag: string): string {
  return etag.replaceAll('"', '')
}
