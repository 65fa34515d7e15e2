/** What answers in the bucket's place, through the real store and the SDK, with a transport that answers at once. */
import { Readable } from 'node:stream'
import { compareKeys } from '@presences/aggregator/store/key-order.ts'
import { createS3Store } from '@presences/aggregator/store/s3/s3-store.ts'
import { type Store, StoreError } from '@presences/aggregator/store/store.ts'
import { BadStoreUrl, parseStoreUrl } from '@presences/aggregator/store/store-url.ts'
import { must, mustBeLoggable, READ, SECRET, type Target } from '../engine/target.ts'
import { messageIn, statusIn } from './answer-text.ts'

type Handler = NonNullable<Parameters<typeof createS3Store>[0]['requestHandler']>

let answer: Uint8Array = new Uint8Array()
let asked = 0
const store: Store = createS3Store({
  bucket: 'space',
  prefix: 'here',
  endpoint: 'https://s3.example.org',
  credentials: { accessKeyId: 'id', secretAccessKey: SECRET },
  attempts: 2,
  sleep: async () => {},
  random: () => 0.5,
  requestHandler: { handle: async () => ({ response: answerNow() }) } as unknown as Handler,
})

/** The store on a server whose only answer is `input`. */
function storeAnswering(input: Uint8Array): Store {
  answer = input
  asked = 0
  return store
}

function answerNow() {
  asked += 1
  // A server that says "there is more" for ever is asked for ever: here its patience ends.
  const message = messageIn(
    asked > 4 ? Buffer.from('403\n\n<Error><Code>Enough</Code></Error>') : answer,
  )
  return {
    statusCode: statusIn(message),
    headers: Object.fromEntries(message.headers),
    body: readable(message.body),
  }
}

/** The SDK's own types of a body: a stream of node's. */
function readable(body: Buffer): Readable {
  return Readable.from(body.length > 0 ? [body] : [], { objectMode: false })
}

const ERROR = (status: number, code: string) =>
  `${status}\ncontent-type: application/xml\n\n<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>No &amp; no.</Message><RequestId>1</RequestId></Error>`

const OBJECT =
  '200\netag: "abc"\ncontent-length: 5\nlast-modified: Sun, 22 Nov 2026 21:15:00 GMT\n\nhello'

const ERRORS = [
  ERROR(404, 'NoSuchKey'),
  ERROR(404, 'NoSuchBucket'),
  ERROR(403, 'SignatureDoesNotMatch'),
  ERROR(503, 'SlowDown'),
  ERROR(501, 'NotImplemented'),
  '302\nlocation: https://login.example.org/\n\n<html>moved</html>',
  '200\ncontent-type: text/html\n\n<!DOCTYPE html><html><body>Sign in<br></body></html>',
]
const WORDS = [
  '<Code>',
  '</Code>',
  '&amp;',
  '&#x0;',
  '<![CDATA[',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  '&a;',
  'etag: ',
  'content-length: ',
]

/** A StoreError fit for a log; anything else goes on. */
function loggable(error: unknown): never {
  if (error instanceof StoreError) {
    mustBeLoggable(error.message)
    must(error.message.length < 1_000, 'a message is not as long as the answer')
  }
  throw error
}

/** What the store says itself, or S3's word for it where it is one of those known here. */
function nameOf({ message }: Error): string {
  const said = message.slice(message.indexOf(': ') + 2)
  const [code = ''] = said.split(' (', 1)
  const known = SAID.find((words) => said.includes(words)) ?? CODES.find((word) => word === code)
  return `StoreError: ${known ?? 'another code'}`
}

const SAID = [
  ...['is not that of an S3 server', 'the answer broke off', 'XML parse error'],
  ...["the server's listing lacks", 'the server lists', 'the server cut its listing'],
]
const CODES = [
  ...['NoSuchBucket', 'NoSuchKey', 'SignatureDoesNotMatch', 'SlowDown', 'NotImplemented'],
  ...['NotFound', 'UnknownError', 'Unknown', 'Error', 'Enough'],
]

const s3Object: Target = {
  name: 'S3 object',
  reader: 'aggregator/src/store/s3/read.ts',
  seeds: [OBJECT, ...ERRORS],
  words: WORDS,
  share: 10,
  isSlow: true,
  errors: [StoreError],
  nameOf,
  async read(input) {
    const object = await storeAnswering(input).get('presences/a/2026-11-22').catch(loggable)
    if (object === undefined) return ['there is none']
    must(object.etag !== '' && !object.etag.includes('"'), 'an object has an etag')
    must(Buffer.from(input).includes(Buffer.from(object.bytes)), 'its bytes are those that came')
    return READ
  },
}

const LISTING =
  '200\ncontent-type: application/xml\n\n<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>space</Name><Prefix>here/presences/</Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>here/presences/a/2026-11-22</Key><LastModified>2026-11-22T21:15:00.000Z</LastModified><ETag>&quot;e1&quot;</ETag><Size>120</Size></Contents><Contents><Key>here/presences/a/2026-11-22/20261122T0712Z-box.tsv</Key><LastModified>2026-11-22T21:15:00.000Z</LastModified><ETag>"e2"</ETag><Size>0</Size></Contents><CommonPrefixes><Prefix>here/presences/a/</Prefix></CommonPrefixes></ListBucketResult>'

const s3Listing: Target = {
  name: 'S3 listing',
  reader: 'aggregator/src/store/s3/s3-store.ts',
  seeds: [
    LISTING,
    LISTING.replace('>false<', '>true<').replace(
      '<KeyCount>',
      '<NextContinuationToken>t</NextContinuationToken><KeyCount>',
    ),
    ...ERRORS,
  ],
  words: [
    ...WORDS,
    '<Contents>',
    '</Contents>',
    '<Key>',
    '<IsTruncated>true</IsTruncated>',
    '<Size>-1</Size>',
    '<Size>1e999</Size>',
  ],
  share: 6,
  isSlow: true,
  errors: [StoreError],
  nameOf,
  async read(input) {
    const listed: string[] = []
    try {
      for await (const { key, etag, sizeBytes, modified } of storeAnswering(input).list(
        'presences/',
      )) {
        must(etag !== '' && !etag.includes('"'), 'an object has an etag')
        must(Number.isFinite(sizeBytes) && sizeBytes >= 0, 'an object has a size')
        must(!Number.isNaN(modified.getTime()), 'an object has a time')
        must(key.startsWith('presences/'), 'a listed key is below what was asked for')
        listed.push(key)
      }
    } catch (error) {
      loggable(error)
    }
    must(
      listed.every((key, at) => at === 0 || compareKeys(listed[at - 1] ?? '', key) < 0),
      'keys are in order',
    )
    return READ
  },
}

const storeUrl: Target = {
  name: 'store address',
  reader: 'aggregator/src/store/store-url.ts',
  seeds: [
    's3://space',
    's3://space/prefix/a',
    'file:///var/lib/presences/',
    `s3://key:${SECRET}@space`,
    `s3://id:${SECRET}`,
  ],
  words: ['s3://', 'file://', '//', '/./', '/../', '%2F', '%00', '?', '#'],
  share: 40,
  errors: [BadStoreUrl],
  nameOf: (error) => `BadStoreUrl: ${error.message.replaceAll(/".*"/g, '…').slice(0, 50)}`,
  read(input) {
    const place = parseStoreUrl(Buffer.from(input).toString('utf8'))
    if (place.kind === 's3') must(!/[/@]/.test(place.bucket), 'a bucket is a name')
    else must(place.path.startsWith('/'), 'a folder is a whole path')
    return READ
  },
}

export const S3_TARGETS = [s3Object, s3Listing, storeUrl]
