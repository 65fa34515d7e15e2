import { expect, test } from 'vitest'
import { oneLine } from './one-line.ts'

test.each([
  ['ana+1@example.org', 'ana+1@example.org'],
  ['two\r\nlines\u{2028}', 'two lines'],
  ['\u{1b}[31mred', '[31mred'],
  ['Invalid aa:bb:cc:dd:ee:ff!', 'Invalid AA:BB:…:FF!'],
  ['AA-BB-CC-DD-EE-FF', 'AA:BB:…:FF'],
  ['cleo2000@example.org', 'cleo2000@example.org'],
])('%j becomes %j', (text, line) => {
  expect(oneLine(text)).toBe(line)
})
