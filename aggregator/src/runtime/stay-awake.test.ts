import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { stayAwake } from './stay-awake.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('a timer keeps the program alive while the work goes on, and no longer', async () => {
  const during = await stayAwake(60_000, async () => vi.getTimerCount())
  expect([during, vi.getTimerCount()]).toEqual([1, 0])
})

test('not after work that failed either', async () => {
  const failing = stayAwake(60_000, async () => {
    throw new Error('failed')
  })
  await expect(failing).rejects.toThrow('failed')
  expect(vi.getTimerCount()).toBe(0)
})
