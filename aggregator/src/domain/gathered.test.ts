import { expect, test } from 'vitest'
import { few, gathered } from './gathered.ts'

const faults = (count: number, reason: (number: number) => string) =>
  Array.from({ length: count }, (_, at) => ({ key: `k${at}`, reason: reason(at) }))

test('three alike are told one by one, in their order', () => {
  expect(gathered(faults(3, () => 'no name'))).toEqual([
    'k0: no name',
    'k1: no name',
    'k2: no name',
  ])
})

test('100,000 alike are one line, whatever numbers are in it; another one is told beside', () => {
  const many = faults(100_000, (at) => `it has ${at} bytes`)
  expect(gathered([...many, { key: 'x', reason: 'no name' }])).toEqual([
    'k0, k1, k2 and 99997 more: it has 0 bytes',
    'x: no name',
  ])
})

test('a few names are all told, of many how many more there are', () => {
  expect(few(['a', 'b'], 2)).toBe('a, b')
  expect(few(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more')
})
