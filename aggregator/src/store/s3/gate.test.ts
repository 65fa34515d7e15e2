import { expect, test } from 'vitest'
import { gateOf } from './gate.ts'

test('lets as many through as it is wide, and the others in turn, whatever becomes of them', async () => {
  const gate = gateOf(3)
  const started: number[] = []
  let underWay = 0
  let most = 0
  const works = Array.from({ length: 20 }, (_, number) =>
    gate(async () => {
      started.push(number)
      underWay += 1
      most = Math.max(most, underWay)
      await new Promise((resolve) => setImmediate(resolve))
      underWay -= 1
      if (number % 3 === 0) throw new Error(`${number} failed`)
      return number
    }),
  )
  const ended = await Promise.allSettled(works)
  expect(most).toBe(3)
  expect(started).toEqual([...started].sort((a, b) => a - b))
  expect(ended.map(({ status }) => status)).toEqual(
    ended.map((_, number) => (number % 3 === 0 ? 'rejected' : 'fulfilled')),
  )
})
