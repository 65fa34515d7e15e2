import { macFromBits } from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordedArpScan } from '../../../testing/recorded.ts'
import { explainArpScan, parseArpScan } from './arp-scan-output.ts'

const FIVE = [2, 3, 4, 5, 6].map((host) => `02:00:00:00:0${host}:AF`)

describe('what arp-scan really printed', () => {
  test.each([
    ['several-hosts', FIVE],
    ['one-ip-two-macs', [...FIVE.slice(0, 3), FIVE[4], FIVE[3]]],
    ['one-mac-two-ips', FIVE],
    ['duplicates', [...FIVE, '02:00:00:00:EE:50']],
    ['other-sender', [...FIVE, '02:00:00:00:EE:51']],
    ['vlan-tag', [...FIVE, '02:00:00:00:EE:52']],
    ['padding', [...FIVE, '02:00:00:00:EE:53']],
    ['empty-lan', []],
    ['cable-out', []],
  ])('%s', (name, macs) => {
    const { stdout, code } = recordedArpScan(name)
    expect(code).toBe(0)
    expect(parseArpScan(stdout)).toEqual({ macs, unreadable: [] })
  })

  test.each([
    ['no-such-interface', 'there is no such interface'],
    ['interface-down', 'the interface is down'],
    ['no-ipv4', 'the interface has no IPv4 address'],
    ['no-permission', 'arp-scan is not permitted to use the network'],
    ['loopback', 'it is no Ethernet or Wi-Fi interface'],
    ['tunnel', 'it is no Ethernet or Wi-Fi interface'],
  ])('%s is explained', (name, reason) => {
    const { stderr, code } = recordedArpScan(name)
    expect(code).toBe(1)
    expect(explainArpScan('eth0', code, stderr)).toMatchObject({ reason })
  })
})

test('a failure in other words is given with its last line', () => {
  expect(explainArpScan('eth0', 7, 'WARNING: x\nERROR: the moon is full\n')).toEqual({
    reason: 'arp-scan ended with status 7: ERROR: the moon is full',
    advice: 'run by hand: sudo arp-scan --interface=eth0 --localnet',
  })
})

test.each([
  ['', 'no IPv4 address at the start'],
  ['Interface: eth0, type: EN10MB', 'no IPv4 address at the start'],
  ['10.9.0.300\t02:00:00:00:02:af', 'no IPv4 address at the start'],
  ['10.9.0.2 02:00:00:00:02:af', 'no IPv4 address at the start'],
  ['10.9.0.2', 'not two columns'],
  ['10.9.0.2\t02:00:00:00:02:af\tVendor', 'not two columns'],
  ['10.9.0.2\t02:00:00:00:02:a', 'no MAC address in the second column'],
  ['10.9.0.2\t02:00:00:00:02:af0', 'no MAC address in the second column'],
  ['10.9.0.2\t0200.0000.02af', 'no MAC address in the second column'],
  ['10.9.0.2\t02:00:00:00:02:af (', 'no MAC address in the second column'],
])('the line %j is reported', (line, reason) => {
  expect(parseArpScan(`10.9.0.1\t02:00:00:00:01:af\n${line}\n`)).toEqual({
    macs: ['02:00:00:00:01:AF'],
    unreadable: [{ line: 2, reason }],
  })
})

test('a last line that was cut short is reported', () => {
  const { unreadable } = parseArpScan('10.9.0.1\t02:00:00:00:01:af\n10.9.0.2\t02:00')
  expect(unreadable).toHaveLength(1)
})

test('every line of any text is a sighting or is reported', () => {
  const answer = fc
    .tuple(fc.ipV4(), fc.integer({ min: 0, max: 0xffff_ffff_ffff }))
    .map(([ip, bits]) => `${ip}\t${macFromBits(bits).toLowerCase()}`)
  const line = fc.oneof(
    answer,
    fc.string({ unit: 'binary' }).filter((text) => !text.includes('\n')),
  )
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const { macs, unreadable } = parseArpScan(lines.map((text) => `${text}\n`).join(''))
      const faulty = new Set(unreadable.map((fault) => fault.line))
      const seen = lines.filter((_, index) => !faulty.has(index + 1))
      expect(new Set(seen.map((text) => text.split('\t')[1]?.slice(0, 17).toUpperCase()))).toEqual(
        new Set(macs),
      )
    }),
  )
})

test.each([
  ['MAC: aa:bb:cc:dd:ee:ff, no answer', 'arp-scan ended with status 1: MAC: AA:BB:…:FF, no answer'],
  ['first\n\n second \r\n\n', 'arp-scan ended with status 1: second'],
  [`${'x'.repeat(199)}💶💶`, `arp-scan ended with status 1: ${'x'.repeat(199)}💶`],
  ['', 'arp-scan ended with status 1'],
  [' \n ', 'arp-scan ended with status 1'],
])('of the words %j for an unknown failure the last line is told', (stderr, reason) => {
  expect(explainArpScan('eth0', 1, stderr).reason).toBe(reason)
})
