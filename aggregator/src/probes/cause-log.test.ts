import { expect, test } from 'vitest'
import type { Cause } from '../alerts/alerts.ts'
import { type LoggedCauses, logDue } from './cause-log.ts'

const NOW = new Date('2026-11-22T10:00:00Z')
const silent: Cause = { key: 'silent poulailler', level: 'error', text: 'silent for 16 minutes' }
const before = (ms: number): LoggedCauses => ({
  [silent.key]: { text: 'silent', at: NOW.getTime() - ms },
})
const always = () => true

test.each([
  ['never', {}, true],
  ['five minutes ago', before(300_000), false],
  ['a millisecond less than a day ago', before(86_399_999), false],
  ['a day ago', before(86_400_000), true],
  ['at a time to come', before(-1), true],
])('a cause that was logged %s', (_, open, isLogged) => {
  const due = logDue(open, [silent], always, NOW)
  expect(due.found).toEqual(isLogged ? [silent.text] : [])
  expect(due.over).toEqual([])
  const fresh = { [silent.key]: { text: silent.text, at: NOW.getTime() } }
  expect(due.open).toEqual(isLogged ? fresh : open)
})

test.each([
  ['looked for', always, ['silent'], {}],
  ['not looked for', () => false, [], before(300_000)],
])('a cause that is not found, being %s', (_, isChecked, over, open) => {
  expect(logDue(before(300_000), [], isChecked, NOW)).toEqual({ found: [], over, open })
})

test('one whose key is a word of objects', () => {
  const odd = { ...silent, key: 'constructor' }
  expect(logDue({}, [odd], always, NOW).found).toEqual([silent.text])
})
