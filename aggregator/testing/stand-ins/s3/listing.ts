/**
 * ListObjects, versions 1 and 2, of the stand-in S3 server: pages, delimiters, continuation and the
 * XML of them. Pure: the objects come in ordered by their keys' UTF-8 bytes.
 */
import type { OrderedObject } from './objects.ts'

export interface ListingQuery {
  readonly prefix: string
  readonly delimiter: string
  /** Only what comes after this key; after all of it, when it is itself a common prefix. */
  readonly after: string
  readonly maxKeys: number
}

export interface ListingPage {
  readonly contents: readonly OrderedObject[]
  readonly commonPrefixes: readonly string[]
  /** The last key or common prefix of a page that is not the last one. */
  readonly next: string | undefined
}

const MAX_KEYS = 1000
/** What a listing may be asked; any other word in a bucket's query is an operation nobody built. */
const LISTING_PARAMETERS = new Set([
  'prefix',
  'delimiter',
  'marker',
  'max-keys',
  'encoding-type',
  'list-type',
  'continuation-token',
  'start-after',
  'fetch-owner',
  'x-id',
])

/** True when a GET on a bucket asks for a listing, and not for its policy, versions, uploads … */
export function isListing(query: URLSearchParams): boolean {
  return [...query.keys()].every((name) => LISTING_PARAMETERS.has(name))
}

/** The answer to a listing of `bucket`, as XML; `undefined` when its numbers or token are no such. */
export function answerListing(
  bucket: string,
  query: URLSearchParams,
  objects: readonly OrderedObject[],
): string | undefined {
  const version2 = query.get('list-type') === '2'
  const token = query.get('continuation-token')
  const after = token === null ? query.get(version2 ? 'start-after' : 'marker') : decodeToken(token)
  const maxKeys = Number(query.get('max-keys') ?? MAX_KEYS)
  if (!Number.isInteger(maxKeys) || maxKeys < 0 || after === undefined) return undefined
  const asked = {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after: after ?? '',
    maxKeys: Math.min(maxKeys, MAX_KEYS),
  }
  const page = pageOf(objects, asked)
  const text = query.get('encoding-type') === 'url' ? encodeUrl : encodeXml
  const { contents, commonPrefixes, next } = page
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    `<Name>${encodeXml(bucket)}</Name><Prefix>${text(asked.prefix)}</Prefix>`,
    `<MaxKeys>${asked.maxKeys}</MaxKeys><IsTruncated>${next !== undefined}</IsTruncated>`,
    asked.delimiter && `<Delimiter>${text(asked.delimiter)}</Delimiter>`,
    query.get('encoding-type') === 'url' && '<EncodingType>url</EncodingType>',
    ...(version2
      ? [
          `<KeyCount>${contents.length + commonPrefixes.length}</KeyCount>`,
          next !== undefined &&
            `<NextContinuationToken>${encodeToken(next)}</NextContinuationToken>`,
        ]
      : [
          `<Marker>${text(asked.after)}</Marker>`,
          // As S3 does: version 1 names the next marker only when there is a delimiter.
          next !== undefined && asked.delimiter && `<NextMarker>${text(next)}</NextMarker>`,
        ]),
    ...contents.map(
      ({ object }) =>
        `<Contents><Key>${text(object.key)}</Key><Size>${object.contentLength}</Size>` +
        `<LastModified>${object.lastModified.toISOString()}</LastModified>` +
        `<ETag>${encodeXml(object.etag)}</ETag><StorageClass>STANDARD</StorageClass></Contents>`,
    ),
    ...commonPrefixes.map(
      (prefix) => `<CommonPrefixes><Prefix>${text(prefix)}</Prefix></CommonPrefixes>`,
    ),
    '</ListBucketResult>',
  ]
    .filter(Boolean)
    .join('')
}

/** One page of a listing. */
export function pageOf(objects: readonly OrderedObject[], query: ListingQuery): ListingPage {
  const { prefix, delimiter, after, maxKeys } = query
  const contents: OrderedObject[] = []
  const commonPrefixes: string[] = []
  let last = ''
  const afterBytes = Buffer.from(after)
  const from = firstAtOrAfter(objects, afterBytes, Buffer.from(prefix))
  for (const entry of objects.slice(from)) {
    const { key } = entry.object
    if (!key.startsWith(prefix)) break
    if (after !== '' && entry.keyBytes.equals(afterBytes)) continue
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const common = end < 0 ? undefined : key.slice(0, end + delimiter.length)
    if (common !== undefined && (common === after || common === commonPrefixes.at(-1))) continue
    if (contents.length + commonPrefixes.length >= maxKeys) {
      return { contents, commonPrefixes, next: maxKeys === 0 ? undefined : last }
    }
    last = common ?? key
    if (common === undefined) contents.push(entry)
    else commonPrefixes.push(common)
  }
  return { contents, commonPrefixes, next: undefined }
}

function firstAtOrAfter(objects: readonly OrderedObject[], ...keys: readonly Buffer[]): number {
  let low = 0
  let high = objects.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = objects[middle]?.keyBytes
    if (at && keys.some((key) => Buffer.compare(at, key) < 0)) low = middle + 1
    else high = middle
  }
  return low
}

function encodeToken(key: string): string {
  return Buffer.from(`v1:${key}`).toString('base64url')
}

function decodeToken(token: string): string | undefined {
  const text = Buffer.from(token, 'base64url').toString()
  return text.startsWith('v1:') ? text.slice(3) : undefined
}

/** As S3 answers to `encoding-type=url`: a space is `+`, a slash stays. */
function encodeUrl(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+')
}

/** Text in XML; what XML would drop or change (CR, control characters) goes as a reference. */
export function encodeXml(text: string): string {
  return text.replaceAll(
    // biome-ignore lint/complexity/useRegexLiterals: a literal would hold bare control characters
    new RegExp('[&<>"\\u0000-\\u001f]', 'g'),
    (char) => `&#x${char.charCodeAt(0).toString(16)};`,
  )
}
