import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addMinute,
  countMinutes,
  emptyMinutes,
  hasMinute,
  includesAll,
  listMinutes,
  unite,
} from './minute-set.ts'

const DAY = 1500
const minutes = fc.uniqueArray(fc.integer({ min: 0, max: DAY - 1 }))

function setOf(numbers: readonly number[]) {
  const set = emptyMinutes(DAY)
  for (const minute of numbers) addMinute(set, minute)
  return set
}

test('a set holds the minutes that were added, in any order, and no other', () => {
  fc.assert(
    fc.property(minutes, fc.integer({ min: 0, max: DAY - 1 }), (numbers, other) => {
      const set = setOf(numbers)
      expect(listMinutes(set)).toEqual([...numbers].sort((a, b) => a - b))
      expect(countMinutes(set)).toBe(numbers.length)
      expect(hasMinute(set, other)).toBe(numbers.includes(other))
    }),
  )
})

test('a union holds both, and nothing else', () => {
  fc.assert(
    fc.property(minutes, minutes, (some, others) => {
      const union = setOf(some)
      unite(union, setOf(others))
      expect(union).toEqual(setOf([...some, ...others]))
      expect(includesAll(union, setOf(others))).toBe(true)
      expect(includesAll(setOf(others), union)).toBe(some.every((m) => others.includes(m)))
    }),
  )
})

test('no set holds nothing', () => {
  expect(hasMinute(undefined, 0)).toBe(false)
  expect(includesAll(undefined, setOf([]))).toBe(true)
  expect(includesAll(undefined, setOf([3]))).toBe(false)
})
