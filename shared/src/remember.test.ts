import { expect, test } from 'vitest'
import { remember } from './remember.ts'

test('asks once for each key, and again for the oldest one when there is no room', () => {
  const asked: number[] = []
  const squares = remember<number, number>(2)
  const square = (key: number) =>
    squares(key, (of) => {
      asked.push(of)
      return of * of
    })
  expect([2, 3, 2, 3].map(square)).toEqual([4, 9, 4, 9])
  expect(asked).toEqual([2, 3])
  expect([4, 3, 2].map(square)).toEqual([16, 9, 4])
  expect(asked).toEqual([2, 3, 4, 2])
})

test('keeps an answer that is undefined, and no other key has to go for it', () => {
  const asked: string[] = []
  const firsts = remember<string, string | undefined>(2)
  const first = (key: string) =>
    firsts(key, (of) => {
      asked.push(of)
      return of[0]
    })
  expect(['a', '', '', '', 'a'].map(first)).toEqual(['a', undefined, undefined, undefined, 'a'])
  expect(asked).toEqual(['a', ''])
})

test('an answer that could not be given is asked for again', () => {
  const lengths = remember<string, number>(2)
  expect(() =>
    lengths('abc', () => {
      throw new RangeError('not now')
    }),
  ).toThrow('not now')
  expect(lengths('abc', (text) => text.length)).toBe(3)
})
