import { expect, test } from 'vitest'
import { type Answer, judgeAnswer, judgeNetworkFault } from './ticket-answer.ts'

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
