import fc from 'fast-check'
import { expect, test } from 'vitest'
import { delayMs, retrying } from './retry.ts'

const backoff = { firstDelayMs: 500, maxDelayMs: 30_000, random: () => 0 }

test.each([
  [1, undefined, 0, 250],
  [1, undefined, 0.999, 499.75],
  [2, undefined, 0, 500],
  [5, undefined, 0, 4000],
  [20, undefined, 0, 30_000],
  [1, 0, 0, 250],
  [1, 7000, 0, 7000],
  [1, 7000, 0.5, 7250],
  [1, 3_600_000, 0, 30_000],
])('after failure %i, asked %s, chance %d: %d ms', (attempts, asked, chance, ms) => {
  expect(delayMs(attempts, asked, { ...backoff, random: () => chance })).toBe(ms)
})

test('a delay is never above the cap, nor below what was asked within it', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(1e6), chance, (attempts, asked, drawn) => {
      const ms = delayMs(attempts, asked, { ...backoff, random: () => drawn })
      expect(ms).toBeLessThanOrEqual(30_000)
      expect(ms).toBeGreaterThanOrEqual(Math.min(asked, 30_000))
    }),
  )
})

test.each([
  [0, 1],
  [1, 2],
  [3, 4],
])('%i retries are %i attempts, with a wait between each two', async (retries, attempts) => {
  const waits: number[] = []
  const sleep = async (ms: number) => waits.push(ms)
  const failed = { ok: false, again: true } as const
  const result = await retrying(async () => failed, { ...backoff, retries, sleep })
  expect(result).toEqual({ outcome: failed, attempts })
  expect(waits).toHaveLength(retries)
})
