import { macFromBits } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeScanner } from '../../testing/fake-scanner.ts'
import { lookAll } from './look-all.ts'
import type { Scanner } from './scanner.ts'

const ANNE = macFromBits(0x02_00_00_00_00_0a)
const good = fakeScanner('good', () => ({ eth0: [ANNE] }))
const GOOD = { scanner: 'good', looks: [{ network: 'eth0', macs: [ANNE], unreadable: [] }] }

test('each scanner gives its looks, in the order they were named', async () => {
  const slow = fakeScanner('slow', () => ({ eth0: 'never' }))
  const seen = await lookAll([slow, good], 20)
  expect(seen.map(({ scanner }) => scanner)).toEqual(['slow', 'good'])
  expect(seen[1]).toEqual(GOOD)
})

test.each<[string, Scanner['look'], string]>([
  ['throws', () => Promise.reject(new Error('oops')), 'the scanner failed: oops'],
  [
    'throws at once',
    () => {
      throw new Error('oops')
    },
    'the scanner failed: oops',
  ],
  ['never ends', () => new Promise(() => undefined), 'the scanner did not end within 0.02 s'],
])('one that %s takes nothing from another', async (_, look, reason) => {
  const seen = await lookAll([{ name: 'bad', look }, good], 20)
  expect(seen[0]).toMatchObject({
    scanner: 'bad',
    looks: [{ network: 'all its networks', macs: [], failure: { reason } }],
  })
  expect(seen[1]).toEqual(GOOD)
})

describe('the time there is', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  const never: Scanner = { name: 'never', look: () => new Promise(() => undefined) }

  test.each([
    [20_499, 0],
    [20_500, 1],
  ])(
    'after %i ms of 20 s, and half a second to end by itself, %i is left behind',
    async (ms, left) => {
      const ended: unknown[] = []
      void lookAll([never], 20_000).then((seen) => ended.push(seen))
      await vi.advanceTimersByTimeAsync(ms)
      expect(ended).toHaveLength(left)
    },
  )

  test('nobody waits for it once all have ended', async () => {
    await lookAll([good, { name: 'bad', look: () => Promise.reject(new Error('oops')) }], 20_000)
    expect(vi.getTimerCount()).toBe(0)
  })
})
