import { expect, test } from 'vitest'
import { authenticate, bodyIsAsSigned, forbids, type S3Key } from './signature.ts'

// The examples of AWS's page "Signature Calculations for the Authorization Header".
const KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  allow: 'all',
} as const
const NOW = new Date('2013-05-24T00:00:00Z')
const NO_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

interface Example {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly signature: string
}

const GET_OBJECT: Example = {
  method: 'GET',
  url: '/test.txt',
  headers: { range: 'bytes=0-9', 'x-amz-content-sha256': NO_BODY },
  signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
}
const PUT_OBJECT: Example = {
  method: 'PUT',
  url: '/test$file.text',
  headers: {
    date: 'Fri, 24 May 2013 00:00:00 GMT',
    'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
  },
  signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
}
const EXAMPLES: readonly [string, Example][] = [
  ['GET object', GET_OBJECT],
  ['PUT object', PUT_OBJECT],
  [
    'GET bucket lifecycle',
    {
      method: 'GET',
      url: '/?lifecycle',
      headers: { 'x-amz-content-sha256': NO_BODY },
      signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    },
  ],
  [
    'GET bucket (list objects)',
    {
      method: 'GET',
      url: '/?max-keys=2&prefix=J',
      headers: { 'x-amz-content-sha256': NO_BODY },
      signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    },
  ],
]

test.each(EXAMPLES)("%s is signed as AWS's own example", (_, example) => {
  expect(authenticate(requestOf(example), [KEY], NOW)).toBe(KEY)
})

test.each<[string, Partial<Example>, string]>([
  ['another path', { url: '/test.txT' }, 'SignatureDoesNotMatch'],
  ['another query', { url: '/test.txt?versionId=1' }, 'SignatureDoesNotMatch'],
  ['another method', { method: 'DELETE' }, 'SignatureDoesNotMatch'],
  ['another signature', { signature: '0'.repeat(64) }, 'SignatureDoesNotMatch'],
  ['no signature', { signature: '' }, 'AccessDenied'],
])('%s is refused', (_, change, code) => {
  const request = requestOf({ ...GET_OBJECT, ...change })
  expect(authenticate(request, [KEY], NOW)).toMatchObject({ status: 403, code })
})

test('a header that was added without being signed is refused', () => {
  const request = requestOf(GET_OBJECT)
  const headers = { ...request.headers, 'x-amz-copy-source': '/other/secret' }
  expect(authenticate({ ...request, headers }, [KEY], NOW)).toMatchObject({
    code: 'SignatureDoesNotMatch',
  })
})

test('an unknown key and a wrong secret are told apart', () => {
  const request = requestOf(GET_OBJECT)
  const other = { ...KEY, accessKeyId: 'OTHER' }
  const wrong = { ...KEY, secretAccessKey: 'wrong' }
  expect(authenticate(request, [other], NOW)).toMatchObject({ code: 'InvalidAccessKeyId' })
  expect(authenticate(request, [wrong], NOW)).toMatchObject({ code: 'SignatureDoesNotMatch' })
})

test.each([
  ['2013-05-23T23:45:00Z', true],
  ['2013-05-23T23:44:59Z', false],
  ['2013-05-24T00:15:00Z', true],
  ['2013-05-24T00:15:01Z', false],
])('at %s the request is in time: %s', (now, accepted) => {
  const answer = authenticate(requestOf(GET_OBJECT), [KEY], new Date(now))
  if (accepted) expect(answer).toBe(KEY)
  else expect(answer).toMatchObject({ status: 403, code: 'RequestTimeTooSkewed' })
})

test.each([
  ['PUT', 'presences/a', '/b/presences/a', {}, true],
  ['PUT', 'presences/a', '/b/presences/a?x-id=PutObject', {}, true],
  ['PUT', 'ledger/a', '/b/ledger/a', {}, false],
  ['PUT', 'presence', '/b/presence', {}, false],
  ['PUT', '', '/b', {}, false],
  ['PUT', 'presences/a', '/b/presences/a?acl', {}, false],
  ['PUT', 'presences/a', '/b/presences/a?partNumber=1&uploadId=u', {}, false],
  ['PUT', 'presences/a', '/b/presences/a', { 'x-amz-copy-source': '/b/ledger/a' }, false],
  ['GET', 'presences/a', '/b/presences/a', {}, false],
  ['HEAD', 'presences/a', '/b/presences/a', {}, false],
  ['DELETE', 'presences/a', '/b/presences/a', {}, false],
  ['POST', 'presences/a', '/b/presences/a?uploads', {}, false],
  ['GET', '', '/b?list-type=2&prefix=presences/', {}, false],
])('a write-only key: %s %j (%s) %o: %s', (method, object, url, headers, allowed) => {
  const key: S3Key = { ...KEY, allow: { putOnly: 'presences/' } }
  const request = { method, url, headers }
  const asked = { method, bucket: 'b', key: object }
  expect(forbids(key, asked, request) === undefined).toBe(allowed)
  expect(forbids(KEY, asked, request)).toBeUndefined()
})

test('a body is checked against the digest that was signed', () => {
  const request = requestOf(PUT_OBJECT)
  expect(bodyIsAsSigned(request, Buffer.from('Welcome to Amazon S3.'))).toBe(true)
  expect(bodyIsAsSigned(request, Buffer.from('Welcome to Amazon S4.'))).toBe(false)
})

function requestOf({ method, url, headers, signature }: Example) {
  const all: Record<string, string> = {
    host: 'examplebucket.s3.amazonaws.com',
    ...headers,
    'x-amz-date': '20130524T000000Z',
  }
  const names = Object.keys(all).sort().join(';')
  const scope = `${KEY.accessKeyId}/20130524/us-east-1/s3/aws4_request`
  all.authorization = `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=${names},Signature=${signature}`
  return { method, url, headers: all }
}
