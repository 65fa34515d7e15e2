import { expect, test } from 'vitest'
import { createQuestions } from './unanswered.ts'

test.each([
  ['fails once', 'x', 'open'],
  ['fails, then is answered', 'x.', 'answered'],
  ['is answered, then fails', '.x', 'open'],
  ['fails five times, then is answered', 'xxxxx.', 'answered'],
  ['fails five times, is answered and fails once more', 'xxxxx.x', 'open'],
  ['fails six times', 'xxxxxx', 'given up'],
  ['fails six times, then is asked anew and answered', 'xxxxxx.', 'given up'],
])('a question that %s', (_, attempts, expected) => {
  const { attempted, unanswered, givenUp } = createQuestions()
  attempted('another', true)
  for (const attempt of attempts) attempted('this', attempt === '.')
  const state = givenUp.has('this') ? 'given up' : unanswered.has('this') ? 'open' : 'answered'
  expect(state).toBe(expected)
  expect(givenUp.size).toBeLessThanOrEqual(unanswered.size)
})
