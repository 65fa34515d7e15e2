import { expect, test } from 'vitest'
import { wordsOf } from './complaints.ts'

const complaints = (source: string, path = 'probe/src/ship/x.ts') =>
  wordsOf(path, source).complaints

test.each([
  ['a reason with advice', `f({ reason: 'it is too late', advice })`, ['it is too late']],
  [
    'in another order, on other lines',
    `f({\n advice: 'x',\n reason:\n "it's late" })`,
    ["it's late"],
  ],
  ['without advice', `f({ reason: 'it is too late' })`, []],
  ['of what is known later', `f({ reason: \`after \${n} minutes\`, advice })`, ['after X minutes']],
  ['of nothing else', `f({ reason: \`\${why}\`, advice })`, []],
  ['one of two', `f({ reason: a ? 'too late' : 'too early', advice })`, ['too late', 'too early']],
  [
    'one that is looked up',
    `const T = [[/x/i, 'the bucket is full', 'wait']]`,
    ['the bucket is full'],
  ],
  ['of the clock', `f({ verdict: 'wrong', reason: 'it is too late' })`, ['it is too late']],
  ['of a right one', `f({ verdict: 'right', reason: 'it is too late' })`, []],
  ['one that is made', `unknown('nobody answers')`, ['nobody answers']],
  ['a finding, outside of the doctor', `f({ state: 'fails', finding: 'it is late' })`, []],
  ['what a comment says', `// f({ reason: 'it is too late', advice })`, []],
])('%s', (_, source, expected) => {
  expect(complaints(source)).toEqual(expected)
})

test.each([
  [`f({ state: 'fails', finding: 'it is too late' })`, ['it is too late']],
  [`f({ state: 'works', finding: 'it is early' })`, []],
  [
    `const finding = isMissing ? 'not installed' : \`it ended (\${how})\``,
    ['not installed', 'it ended (X)'],
  ],
  [`f({ fault: 'there is no file' })`, ['there is no file']],
])('of the doctor: %s', (source, expected) => {
  expect(complaints(source, 'probe/src/doctor/x.ts')).toEqual(expected)
})

test('what is no TypeScript is no source without complaints', () => {
  expect(() => complaints('f({')).toThrow("Can't read probe/src/ship/x.ts")
})
