import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { macFromBits, macToBits, parseMac, shortMac } from './mac.ts'

describe('parseMac', () => {
  test.each([
    ['AA:BB:CC:DD:EE:0F', 'AA:BB:CC:DD:EE:0F'],
    ['aa:bb:cc:dd:ee:0f', 'AA:BB:CC:DD:EE:0F'],
    ['aA-bB-cC-dD-eE-0f', 'AA:BB:CC:DD:EE:0F'],
    ['aa.bb.cc.dd.ee.0f', 'AA:BB:CC:DD:EE:0F'],
    ['aabb.ccdd.ee0f', 'AA:BB:CC:DD:EE:0F'],
    ['aabbccddee0f', 'AA:BB:CC:DD:EE:0F'],
    ['000000000000', '00:00:00:00:00:00'],
    ['ffffffffffff', 'FF:FF:FF:FF:FF:FF'],
  ])('%s is %s', (text, mac) => {
    expect(parseMac(text)).toBe(mac)
  })

  test.each([
    '',
    'AA:BB:CC:DD:EE',
    'AA:BB:CC:DD:EE:FF:00',
    'AA:BB:CC:DD:EE:GG',
    'AA:BB-CC:DD:EE:FF',
    'A:BB:CC:DD:EE:FF',
    ' AA:BB:CC:DD:EE:FF',
    'AA:BB:CC:DD:EE:FF\n',
    'AABBCCDDEEF',
    'AABBC.CDDEEF',
  ])('%j is none', (text) => {
    expect(parseMac(text)).toBeUndefined()
  })
})

const bits = fc.integer({ min: 0, max: 0xffff_ffff_ffff })

test('a MAC and its number are a pair', () => {
  fc.assert(fc.property(bits, (number) => macToBits(macFromBits(number)) === number))
})

test('every spelling of a MAC is the same MAC', () => {
  const spelling = fc.constantFrom(':', '-', '.', '')
  fc.assert(
    fc.property(bits, spelling, fc.boolean(), (number, separator, lower) => {
      const mac = macFromBits(number)
      const text = mac.replaceAll(':', separator)
      expect(parseMac(lower ? text.toLowerCase() : text)).toBe(mac)
    }),
  )
})

test.each([-1, 2 ** 48, 0.5, Number.NaN])('%d is no 48-bit number', (number) => {
  expect(() => macFromBits(number)).toThrow(RangeError)
})

test('a short MAC hides the middle', () => {
  expect(shortMac(macFromBits(0xaabbccddeeff))).toBe('AA:BB:…:FF')
})
