import { macFromBits } from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recorded } from '../../../testing/recorded.ts'
import { countUnreadable } from '../unreadable.ts'
import { explainNmap, parseNmap } from './nmap-output.ts'

const FIVE = [2, 3, 4, 5, 6].map((host) => `02:00:00:00:0${host}:AF`)

describe('what nmap really printed', () => {
  test.each([
    ['several-hosts', FIVE],
    ['lists-itself', FIVE],
    ['one-mac-two-ips', FIVE],
    ['one-ip-two-macs', [FIVE[0], ...FIVE.slice(2)]],
    ['vendor', ['00:00:21:00:00:01']],
    ['empty-lan', []],
    ['cable-out', []],
  ])('%s', (name, macs) => {
    const { stdout, code } = recorded('nmap', name)
    expect(code).toBe(0)
    expect(parseNmap(stdout)).toEqual({ macs, unreadable: [], isFinished: true })
  })

  test('without the right to use the network it sees hosts, and no devices', () => {
    const { macs, unreadable } = parseNmap(recorded('nmap', 'unprivileged').stdout)
    expect([macs.length, unreadable.length]).toEqual([0, 6])
    expect(unreadable[0]).toEqual({ line: 8, reason: 'a host without a MAC address' })
  })

  test.each([
    ['no-permission', 'nmap is not permitted to use the network'],
    ['no-such-interface', 'nmap finds no such interface, or no IPv4 address on it'],
  ])('%s is explained', (name, reason) => {
    const { stdout, stderr, code } = recorded('nmap', name)
    expect(code).toBe(1)
    expect(parseNmap(stdout)).toMatchObject({ macs: [], unreadable: [], isFinished: false })
    expect(explainNmap('eth0', code, stderr)).toMatchObject({ reason })
  })
})

test('a failure in other words is given with its last line', () => {
  expect(explainNmap('eth0', 1, 'WARNING: x\nthe moon is full\nQUITTING!\n').reason).toBe(
    'nmap ended with status 1: the moon is full',
  )
})

test('an answer cut short anywhere gives the hosts that are whole', () => {
  const { stdout } = recorded('nmap', 'several-hosts')
  const cut = fc.integer({ min: 0, max: stdout.length - '</nmaprun>\n'.length - 1 })
  fc.assert(
    fc.property(cut, (length) => {
      const text = stdout.slice(0, length)
      const { macs } = parseNmap(text)
      expect(macs).toEqual(FIVE.slice(0, text.split('</host>').length - 1))
    }),
  )
})

const host = (inside: string) => `<nmaprun>\n<host>${inside}</host></nmaprun>`
const UP = '<status state="up" reason="arp-response"/>'
const MAC = '<address addr="02:00:00:00:02:AF" addrtype="mac"/>'

test.each([
  ['one that is down', host(`<status state="down"/>${MAC}`), [], []],
  ['one that is up', host(UP + MAC), [FIVE[0]], []],
  ['one of a comment', `<!-- ${host(UP + MAC)} -->`, [], []],
  ['one of a hint, before its host', `<hosthint>${UP}${MAC}</hosthint>`, [], []],
  ['a bad address', host(`${UP}<address addr="02:00" addrtype="mac"/>`), [], ['no MAC address']],
  ['no address', host(`${UP}<address addrtype="mac"/>`), [], ['no MAC address in addr']],
  ['another notation', host(`${UP}<address addr='x' addrtype='mac'/>`), [], ['no XML', 'a host']],
  ['no XML', 'a < b', [], ['no XML']],
  ['a comment without an end', `<!-- ${host(UP)}`, [], ['no XML']],
  ['its beginning without an end', '<?xml version="1.0"', [], ['no XML']],
])('of hosts: %s', (_, xml, macs, reasons) => {
  const read = parseNmap(xml)
  expect(read.macs).toEqual(macs)
  expect(
    read.unreadable.map(({ reason }, index) => reason.startsWith(reasons[index] ?? '-')),
  ).toEqual(reasons.map(() => true))
})

test('any text is read without an exception, and at once', () => {
  const piece = fc.constantFrom('<', '<host', '>', '</host>', ' a="', '"', '<!--', '\n', UP, MAC)
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 200 }), (pieces) => {
      parseNmap(pieces.join(''))
    }),
  )
  const devices = Array.from({ length: 4_000 }, (_, index) => macFromBits(index))
  const many = devices.map((mac) => host(`${UP}<address addr="${mac}" addrtype="mac"/>`)).join('')
  expect(parseNmap(many).macs).toEqual(devices)
  expect(countUnreadable(parseNmap('<a b="'.repeat(20_000)))).toBe(20_000)
})
