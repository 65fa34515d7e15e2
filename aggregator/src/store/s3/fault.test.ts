import { expect, test } from 'vitest'
import { AnswerFault, BrokenAnswer, explainS3Fault, mayPass } from './fault.ts'

const PLACE = { bucket: 'presences', endpoint: 'https://s3.example.org' }

test.each<[Error, boolean, string]>([
  [
    new AnswerFault('NoSuchBucket', 404),
    false,
    'NoSuchBucket (404): there is no bucket presences at https://s3.example.org; create it',
  ],
  [new AnswerFault('AccessDenied', 403), false, 'AccessDenied (403): the key may not do that'],
  [
    new AnswerFault('InvalidAccessKeyId', 403),
    false,
    'InvalidAccessKeyId (403): the server does not know this access key',
  ],
  [
    new AnswerFault('SignatureDoesNotMatch', 403),
    false,
    'SignatureDoesNotMatch (403): the secret does not belong',
  ],
  [
    new AnswerFault('ExpiredToken', 400),
    false,
    'ExpiredToken (400): the session token is no longer good',
  ],
  [
    new AnswerFault('RequestTimeTooSkewed', 403),
    false,
    "RequestTimeTooSkewed (403): this machine's clock is more than 15 minutes off",
  ],
  [
    new AnswerFault('PermanentRedirect', 301),
    false,
    'PermanentRedirect (301): the bucket presences is in another region',
  ],
  [
    new AnswerFault('AuthorizationHeaderMalformed', 400),
    false,
    'AuthorizationHeaderMalformed (400): the bucket presences is in another region',
  ],
  [
    new AnswerFault('InvalidRequest', 400),
    false,
    'InvalidRequest (400): the server answered InvalidRequest',
  ],
  [
    new AnswerFault('NotImplemented', 501),
    false,
    'NotImplemented (501): the server answered NotImplemented',
  ],
  [new AnswerFault('SlowDown', 503), true, 'SlowDown (503): the server asks for fewer requests'],
  [
    new AnswerFault('TooManyRequests', 429),
    true,
    'TooManyRequests (429): the server asks for fewer requests',
  ],
  [new AnswerFault('RequestTimeout', 400), true, 'RequestTimeout (400)'],
  [
    new AnswerFault('InternalError', 500),
    true,
    'InternalError (500): https://s3.example.org fails; run this again later',
  ],
  [new AnswerFault('UnknownError', 502), true, 'UnknownError (502): https://s3.example.org fails'],
  [
    new BrokenAnswer('the answer broke off after 1 of 2 bytes'),
    true,
    'the answer broke off after 1 of 2 bytes',
  ],
  [
    new AnswerFault('XML parse error: unexpected end of input', 200),
    true,
    'the answer broke off, or is not that of an S3 server',
  ],
  [
    nodes('ENOTFOUND'),
    true,
    'ENOTFOUND: the name in https://s3.example.org is not known; correct S3_ENDPOINT',
  ],
  [nodes('EAI_AGAIN'), true, 'EAI_AGAIN: the name in https://s3.example.org is not known'],
  [nodes('ECONNREFUSED'), true, 'ECONNREFUSED: nothing answers at https://s3.example.org'],
  [nodes('ECONNRESET'), true, 'ECONNRESET: https://s3.example.org broke the connection'],
  [nodes('ENETUNREACH'), true, 'ENETUNREACH: there is no way to https://s3.example.org'],
  [
    named('TimeoutError', nodes('ETIMEDOUT')),
    true,
    'ETIMEDOUT: https://s3.example.org did not answer in time',
  ],
  [
    named('TimeoutError', new Error('no connection')),
    true,
    'TimeoutError: https://s3.example.org did not answer in time',
  ],
  [
    named('TimeoutError', nodes('ECONNRESET')),
    true,
    'ECONNRESET: https://s3.example.org broke the connection',
  ],
  [
    named('CredentialsProviderError', new Error('Could not load credentials')),
    false,
    'no credentials were found; set AWS_ACCESS_KEY_ID',
  ],
  [new Error('Region is missing'), false, 'no region is known; set S3_REGION'],
  [
    nodes('DEPTH_ZERO_SELF_SIGNED_CERT'),
    false,
    'DEPTH_ZERO_SELF_SIGNED_CERT: the secure connection to https://s3.example.org failed',
  ],
  [nodes('CERT_HAS_EXPIRED'), false, 'CERT_HAS_EXPIRED: the secure connection'],
  [nodes('EPROTO'), false, 'EPROTO: the secure connection'],
  [new TypeError('a fault\nof ours'), false, 'TypeError: a fault of ours'],
])('%s', (error, passes, text) => {
  expect(mayPass(error)).toBe(passes)
  const line = explainS3Fault(error, PLACE)
  expect(line.slice(0, text.length)).toBe(text)
  expect(line).not.toContain('\n')
})

test('a clock that the SDK has just corrected is worth another try', () => {
  const error = new AnswerFault('RequestTimeTooSkewed', 403)
  Object.assign(error.$metadata, { clockSkewCorrected: true })
  expect(mayPass(error)).toBe(true)
})

function nodes(code: string): Error {
  return Object.assign(new Error(`it failed: ${code}`), { code })
}

function named(name: string, error: Error): Error {
  error.name = name
  return error
}

test("a server's own word for a fault is cut to a line's length, and holds no MAC address", () => {
  const said = explainS3Fault(new AnswerFault(`de:ad:be:ef:ca:fe ${'x'.repeat(5000)}`, 403), PLACE)
  expect(said).toMatch(/^DE:AD:…:FE x+ \(403\): the server answered DE:AD:…:FE x+$/)
  expect(said.length).toBeLessThan(300)
})

test('a fault whose words are no text is told all the same', () => {
  const odd = Object.assign(new Error(), { name: { b: 'x' }, message: { b: 'y' } })
  const fault = Object.assign(odd, { $metadata: { httpStatusCode: 403 } })
  expect(explainS3Fault(fault, PLACE)).toBe('[object Object] (403): [object Object]')
})
