import { expect, test } from 'vitest'
import { type Answer, isUnexpectedFault, judgeAnswer, judgeNetworkFault } from './ticket-answer.ts'

const answer: Answer = {
  status: 503,
  contentType: 'application/json; charset=utf-8',
  location: '',
  retryAfter: '',
  date: 'Sun, 22 Nov 2026 08:00:00 GMT',
  body: '{"status":503,"message":"Busy"}',
}
const anything = () => undefined

test.each([
  ['120', 120_000],
  ['0', 0],
  ['Sun, 22 Nov 2026 08:00:30 GMT', 30_000],
  ['Sun, 22 Nov 2026 07:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  ['-5', undefined],
  ['7 s', undefined],
])('Retry-After "%s" asks for %s ms', (retryAfter, retryAfterMs) => {
  const judged = judgeAnswer({ ...answer, retryAfter }, anything, '')
  expect(judged).toMatchObject({ again: true, cause: 'answered 503 "Busy"' })
  expect('retryAfterMs' in judged ? judged.retryAfterMs : undefined).toBe(retryAfterMs)
})

test.each([
  ['{"message":"Busy"}', 'answered 503 "Busy"'],
  [`{"message":"${'x'.repeat(300)}"}`, `answered 503 "${'x'.repeat(200)}…"`],
  ['{"message":5}', 'answered 503'],
  ['null', 'answered 503'],
  ['<html>', 'answered 503'],
])('the body %s is quoted as: %s', (body, cause) => {
  expect(judgeAnswer({ ...answer, body }, anything, '')).toMatchObject({ cause })
})

test.each([
  [new Error('fetch failed', { cause: new Error('other side closed') }), 'other side closed'],
  [
    new Error('fetch failed', {
      cause: Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
    }),
    'ECONNREFUSED',
  ],
  ['not an error', 'not an error'],
])('%s is told by its cause', (error, cause) => {
  expect(judgeNetworkFault(error, 1000, '')).toMatchObject({
    again: true,
    cause: `did not answer (${cause})`,
  })
})

const PAGE = { contentType: 'text/html; charset=utf-8', body: '<html>' }
const JSON_ERROR = { body: '{"message":"No"}' }

test.each([
  [400, JSON_ERROR, /^the ticket server will answer so again: report it/],
  [401, JSON_ERROR, /^TICKET_BACKEND_TOKEN is not accepted/],
  [401, PAGE, /^TICKET_BACKEND_TOKEN is not accepted/],
  [403, JSON_ERROR, /^the ticket server will answer so again/],
  [403, PAGE, /^something before the ticket server refuses/],
  [404, JSON_ERROR, /^the e-mail must be that of a member/],
  [404, PAGE, /^a page instead of JSON means a wrong address/],
])('%i with %j, for good: the advice is %s', (status, sent, advice) => {
  expect(judgeAnswer({ ...answer, ...sent, status }, anything, '')).toMatchObject({
    again: false,
    advice: expect.stringMatching(advice),
  })
})

test.each([
  [200, PAGE, 'answered 200, but not with "OK" (text/html, 6 characters)'],
  [
    204,
    { contentType: '', body: '' },
    'answered 204, but the ticket server answers 200 only (no content type, 0 characters)',
  ],
])(
  '%i of something else than the ticket server is told, and asked again',
  (status, sent, cause) => {
    const judged = judgeAnswer({ ...answer, ...sent, status }, () => 'not with "OK"', '')
    expect(judged).toMatchObject({
      again: true,
      cause,
      advice: expect.stringMatching(/^something else answers in its place/),
    })
  },
)

test.each([
  ['https://new.example.org/x?key=1', 'answered 302, a redirect to https://new.example.org/x'],
  ['https://new.example.org/100%', 'answered 302, a redirect to https://new.example.org'],
  ['/login', 'answered 302, a redirect'],
  ['', 'answered 302, a redirect'],
])('to "%s": %s', (location, cause) => {
  expect(judgeAnswer({ ...answer, status: 302, location }, anything, '')).toMatchObject({
    again: false,
    cause,
  })
})

test.each([
  [500, '{"message":"Une erreur inattendue est survenue."}', true],
  [500, '{"message":"Busy"}', false],
  [503, '{"message":"Une erreur inattendue est survenue."}', false],
])("%i %s is the server's own fault: %s", (status, body, isSo) => {
  expect(isUnexpectedFault({ ...answer, status, body })).toBe(isSo)
})
