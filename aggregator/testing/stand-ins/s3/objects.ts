/**
 * The objects of the stand-in S3 server. They are kept by fauxqs; this only puts a listing in the
 * order S3 promises, that of the keys' UTF-8 bytes (fauxqs compares by locale, and so loses mixed-case
 * keys between two pages), and tells which version a conditional write would replace.
 */

// fauxqs takes a store in `buildApp({ stores })` without exporting its class; its version is pinned.
import { S3Store } from '../../../node_modules/fauxqs/dist/s3/s3Store.js'
import type { S3Object } from '../../../node_modules/fauxqs/dist/s3/s3Types.d.ts'

/** An object beside the bytes its key is ordered by. */
export interface OrderedObject {
  readonly keyBytes: Buffer
  readonly object: S3Object
}

export class ByteOrderedS3Store extends S3Store {
  readonly #ordered = new Map<string, readonly OrderedObject[]>()

  /** All objects of a bucket in the order of their keys' UTF-8 bytes. Throws NoSuchBucket. */
  ordered(bucket: string): readonly OrderedObject[] {
    const known = this.#ordered.get(bucket)
    if (known) return known
    const { objects } = super.listObjects(bucket, { maxKeys: Number.POSITIVE_INFINITY })
    const ordered = objects
      .map((object) => ({ keyBytes: Buffer.from(object.key), object }))
      .sort((a, b) => Buffer.compare(a.keyBytes, b.keyBytes))
    this.#ordered.set(bucket, ordered)
    return ordered
  }

  /** The etag of an object, quotes included, or `undefined`. Throws NoSuchBucket. */
  etagOf(bucket: string, key: string): string | undefined {
    try {
      return this.headObject(bucket, key).etag
    } catch (error) {
      if (this.hasBucket(bucket)) return undefined
      throw error
    }
  }

  override putObject(...args: Parameters<S3Store['putObject']>): S3Object {
    this.#ordered.delete(args[0])
    return super.putObject(...args)
  }

  override deleteObject(bucket: string, key: string): void {
    this.#ordered.delete(bucket)
    super.deleteObject(bucket, key)
  }

  override completeMultipartUpload(
    uploadId: string,
    parts: Parameters<S3Store['completeMultipartUpload']>[1],
  ): S3Object {
    this.#ordered.clear()
    // Go's XML has quotes as &#34;, which fauxqs leaves as they are.
    const unquoted = parts.map((part) => ({ ...part, etag: part.etag.replaceAll('&#34;', '') }))
    return super.completeMultipartUpload(uploadId, unquoted)
  }
}
