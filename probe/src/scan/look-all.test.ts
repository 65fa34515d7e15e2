import { macFromBits } from '@presences/shared'
import { expect, test } from 'vitest'
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
