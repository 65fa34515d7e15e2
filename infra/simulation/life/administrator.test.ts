import { expect, test } from 'vitest'
import { createQuestions } from '../tickets/unanswered.ts'
import { mustWork } from './administrator.ts'
import type { Life } from './life.ts'

const DAYS = ['2031-04-18', '2031-04-19']

function failuresOf(code: number, damaged: readonly string[], isCalm = true): unknown[] {
  const failures: unknown[] = []
  const life = { isCalm, failures, world: { damaged: new Set(damaged) } }
  mustWork(
    {
      name: 'run7',
      what: 'upload',
      code,
      out: [],
      errors: '',
      questions: createQuestions(),
      endedAt: 0,
      orders: [0, 0],
    },
    life as unknown as Life,
    DAYS,
  )
  return failures
}

test('a command that did none of its work is a failure in calm', () => {
  const failure = { day: '2031-04-19', member: 'run7', what: 'ended with 3, in calm' }
  expect(failuresOf(3, [])).toEqual([failure])
  expect(failuresOf(3, DAYS.slice(1))).toEqual([failure])
})

test.each([
  ['it did a part', 1, [], true],
  ['something of each day is damaged', 3, DAYS, true],
  ['there is trouble', 3, [], false],
])('no failure where %s', (_, code, damaged, isCalm) => {
  expect(failuresOf(code, damaged, isCalm)).toEqual([])
})
