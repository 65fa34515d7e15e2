import { expect, test } from 'vitest'
import { compare, median } from './compare.ts'

test.each([
  [[5], 5],
  [[9, 1], 5],
  [[9, 1, 2], 2],
  [[4, 1, 3, 100], 3.5],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected)
})

test('runs in turn, leaves the warm-up out, takes the ratio of each pair', async () => {
  const order: string[] = []
  const run = (name: string, ms: readonly number[]) => async (at: number) => {
    order.push(`${name}${at}`)
    return ms[at] as number
  }
  const comparison = await compare({
    baseline: run('a', [1000, 10, 20, 10]),
    ours: run('b', [1, 20, 20, 30]),
    pairs: 3,
    warmUps: 1,
  })
  expect(order).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2', 'a3', 'b3'])
  expect(comparison).toEqual({
    baselineMs: 10,
    oursMs: 20,
    ratio: 2,
    lowestRatio: 1,
    highestRatio: 3,
  })
})
