import { expect, test } from 'vitest'
import { intervalsWhere } from './minute-intervals.ts'

test.each([
  ['none', '.....', []],
  ['all: up to the last minute, and no further', 'xxxxx', [[0, 5]]],
  ['the first', 'x....', [[0, 1]]],
  ['the last', '....x', [[4, 5]]],
  [
    'two runs',
    'xx.xx',
    [
      [0, 2],
      [3, 5],
    ],
  ],
  ['no minute at all', '', []],
])('%s', (_, minutes, runs) => {
  const asked: number[] = []
  const intervals = intervalsWhere(minutes.length, (minute) => {
    asked.push(minute)
    return minutes[minute] !== '.'
  })
  expect(intervals.map(({ from, to }) => [from, to])).toEqual(runs)
  expect(asked).toEqual([...minutes].map((_, minute) => minute))
})
