import { expect, test } from 'vitest'
import { observe } from './observation.ts'

const at = (minute: number, second: number) => (minute * 60 + second) * 1000

test.each([
  ['ended before', [9, 30], [9, 59], true],
  ['over second 0', [9, 59], [10, 4], false],
  ['for minutes', [8, 30], [12, 30], false],
  ['begun after the scan', [10, 16], [10, 50], true],
])('%s: looked at is %o', (_, from, to, looked) => {
  expect(lookedAt10(from, to)).toBe(looked)
})

test.each([
  ['begins with the scan', [10, 1], [10, 50]],
  ['ends with the scan', [9, 59], [10, 2]],
])('one that %s can not be told', (_, from, to) => {
  expect(() => lookedAt10(from, to)).toThrow("Can't tell")
})

test('two that touch are one', () => {
  let now = at(9, 50)
  const observation = observe(() => now)
  const endOut = observation.blind('cable out')
  now = at(10, 1)
  const endFull = observation.blind('disk full')
  endOut()
  now = at(10, 8)
  endFull()
  now = at(10, 15)
  expect(observation.minutes()).toEqual(new Map([[10, false]]))
})

test('a minute whose scan may still run is left out', () => {
  let now = at(9, 50)
  const observation = observe(() => now)
  observation.blind('cable out')()
  now = at(10, 14)
  expect(observation.minutes()).toEqual(new Map())
  now = at(11, 15)
  expect([...observation.minutes().keys()]).toEqual([10, 11])
})

function lookedAt10(from: readonly number[], to: readonly number[]): boolean | undefined {
  let now = at(7, 30)
  const observation = observe(() => now)
  observation.blind('the beginning')()
  now = at(from[0] ?? 0, from[1] ?? 0)
  const end = observation.blind('cable out')
  now = at(to[0] ?? 0, to[1] ?? 0)
  end()
  now = at(13, 0)
  return observation.minutes().get(10)
}
