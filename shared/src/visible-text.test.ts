import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { visibleFault, visibleLine, visibleText } from './visible-text.ts'

describe('one line', () => {
  test.each([
    ['é 💶 naïve\u{a0}', 'é 💶 naïve\u{a0}'],
    ['\u{1b}]0;owned\u{7}', '\\u001b]0;owned\\u0007'],
    ['a\nb\r\tc', 'a\\u000ab\\u000d\\u0009c'],
    ['\u{0}\u{7f}\u{9b}31m', '\\u0000\\u007f\\u009b31m'],
    ['moc\u{202e}elpmaxe', 'moc\\u202eelpmaxe'],
    ['\u{200b}\u{200f}\u{2066}\u{feff}\u{61c}', '\\u200b\\u200f\\u2066\\ufeff\\u061c'],
    ['\u{2028}\u{2029}', '\\u2028\\u2029'],
    ['\u{e0041}', '\\udb40\\udc41'],
    ['http://u:PASS@host/x', 'http://host/x'],
    ['at s3://key:p@ss@bucket, http://token@h', 'at s3://bucket, http://h'],
    ['http://host/ana@example.org', 'http://host/ana@example.org'],
    ['http://host: ana@example.org', 'http://host: ana@example.org'],
  ])('%j becomes %j', (text, line) => {
    expect(visibleLine(text)).toBe(line)
  })
})

test('a document keeps its line feeds and tabs, and JSON what it says', () => {
  expect(visibleText('a\n\tb\u{1b}\n')).toBe('a\n\tb\\u001b\n')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(!text.includes('://'))
      const json = JSON.stringify({ text }, null, 2)
      expect(JSON.parse(visibleText(json))).toEqual({ text })
      expect(visibleText(json)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    }),
  )
})

test('a fault keeps its stack and its list; another line feed in it begins no line', () => {
  const faults = 'The configuration has 2 faults:\n  - A: is missing\n  - B: is missing'
  expect(visibleFault(faults)).toBe(faults)
  const { stack = '' } = new Error("Can't read presences/a\n[2026-11-20] INFO: all is well")
  const lines = visibleFault(stack).split('\n')
  expect(lines[0]).toContain('a\\u000a[2026-11-20] INFO')
  expect(lines[1]).toMatch(/^ {4}at /)
})
