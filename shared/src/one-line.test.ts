import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMac } from './mac.ts'
import { oneLine } from './one-line.ts'

test.each([
  ['ana+1@example.org', 'ana+1@example.org'],
  ['two\r\nlines\u{2028}', 'two lines'],
  ['two\u{2029}paragraphs', 'two paragraphs'],
  ['\u{1b}[31mred', '[31mred'],
  ['moc\u{202e}elpmaxe\u{200b}', 'moc elpmaxe'],
  ['Invalid aa:bb:cc:dd:ee:ff!', 'Invalid AA:BB:…:FF!'],
  ['AA-BB-CC-DD-EE-FF', 'AA:BB:…:FF'],
  ['aa.bb.cc.dd.ee.ff', 'AA:BB:…:FF'],
  ['devices.aabb.ccdd.eeff: Invalid', 'devices.AA:BB:…:FF: Invalid'],
  ['AABBCCDDEEFF', 'AA:BB:…:FF'],
  ['AA:BB:CC:DD:EE:FF:AA:BB:CC:DD:EE:11', 'AA:BB:…:11'],
  ['aa-bb-cc-dd-ee-ff:11:22:33:44:55', 'AA:BB:…:55'],
  ['aabb.ccdd.eeff:11:22:33:44:55', 'AA:BB:…:FF:11:…:55'],
  ['AA:BB:CC:DD:EE', 'AA:BB:CC:DD:EE'],
  ['67b1aabbccddeeff00112233', '67b1aabbccddeeff00112233'],
  ['336123456789@example.org', '336123456789@example.org'],
  ['cleo2000@example.org', 'cleo2000@example.org'],
])('%j becomes %j', (text, line) => {
  expect(oneLine(text)).toBe(line)
})

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc'],
  ['ab💶d', 3, 'ab💶'],
  ['aa:bb:cc:dd:ee:ff', 8, 'AA:BB:…:'],
  ['é aabbccddeeff0', 14, 'é AA:BB:…:FF'],
])('%j in %i letters is %j', (text, length, line) => {
  expect(oneLine(text, length)).toBe(line)
})

test('whatever was written, one line is left, without what reads as a MAC address', () => {
  const piece = fc.constantFrom(
    'AA',
    'bb',
    '0c',
    ':',
    '-',
    '.',
    'aabb',
    '\n',
    '\0',
    '\u{2028}',
    '\u{2029}',
    ' ',
    'é',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const line = oneLine(pieces.join(''))
      expect(line).not.toMatch(/[\p{Cc}\u{2028}\u{2029}]/u)
      expect(line.split(' ').filter((word) => parseMac(word))).toEqual([])
    }),
  )
})
