import { type ConfigError, PROBE_PATTERN } from '@presences/shared'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseProbeConfig, probeIdOf } from './config.ts'

test('only the location has no default', () => {
  expect(parseProbeConfig({ PROBE_LOCATION: 'poulailler' }, 'box-1')).toEqual({
    location: 'poulailler',
    probe: 'box-1',
    clock: 'synchronized',
    interfaces: undefined,
    scanners: ['arp-scan'],
    spool: '/var/spool/presences',
    spoolMaxBytes: 512_000_000,
    timeZone: 'Europe/Paris',
  })
})

test.each([
  ['eth0,wlan0', ['eth0', 'wlan0']],
  [' eth0  wlan0 ', ['eth0', 'wlan0']],
  ['eth0, eth0.20,eth0', ['eth0', 'eth0.20']],
])('interfaces %j', (text, interfaces) => {
  const config = parseProbeConfig({ PROBE_LOCATION: 'a', PROBE_INTERFACES: text }, 'box')
  expect(config.interfaces).toEqual(interfaces)
})

test('scanners, several at once', () => {
  const config = parseProbeConfig(
    { PROBE_LOCATION: 'a', PROBE_SCANNERS: 'nmap, arp-scan,nmap' },
    'box',
  )
  expect(config.scanners).toEqual(['nmap', 'arp-scan'])
})

test.each([
  [{}, 'PROBE_LOCATION: is not set'],
  [{ PROBE_LOCATION: 'Poulailler' }, 'PROBE_LOCATION: must be made of a-z, 0-9 and -'],
  [{ PROBE_ID: '.hidden' }, 'PROBE_ID: must be'],
  [{ PROBE_ID: 'a/b' }, 'PROBE_ID: must be'],
  [{ PROBE_INTERFACES: ' , ' }, 'PROBE_INTERFACES: names nothing'],
  [{ PROBE_INTERFACES: 'eth0,../x' }, 'PROBE_INTERFACES: "../x" is no interface name'],
  [{ PROBE_INTERFACES: 'a-name-too-long-x' }, 'is no interface name'],
  [
    { PROBE_SCANNERS: 'nmap,arp' },
    'PROBE_SCANNERS: "arp" is no scanner: there are arp-scan, nmap, neighbours',
  ],
  [{ PROBE_SCANNERS: ',' }, 'PROBE_SCANNERS: names nothing'],
  [{ PROBE_CLOCK: 'yes' }, 'PROBE_CLOCK: must be one of: synchronized, trusted'],
  [{ TIMEZONE: 'Mars/Olympus' }, 'TIMEZONE: is no time zone this machine knows'],
])('%j is refused', (env: Record<string, string>, fault) => {
  const environment = { ...(Object.keys(env).length > 0 && { PROBE_LOCATION: 'a' }), ...env }
  expect(() => parseProbeConfig(environment, 'box')).toThrow(fault)
})

test('all faults are reported together', () => {
  const environment = { PROBE_ID: '/', PROBE_SCANNERS: 'x,y', TIMEZONE: 'x' }
  try {
    parseProbeConfig(environment, 'box')
    expect.unreachable()
  } catch (cause) {
    expect((cause as ConfigError).faults.map((fault) => fault.split(':')[0])).toEqual([
      'PROBE_LOCATION',
      'PROBE_ID',
      'PROBE_SCANNERS',
      'PROBE_SCANNERS',
      'TIMEZONE',
    ])
  }
})

test.each([
  ['raspberrypi', 'raspberrypi'],
  ['box.lan', 'box.lan'],
  ['boîte à Zoé', 'bo-te---Zo-'],
  ['-._x', 'x'],
  ['', 'probe'],
  ['…', 'probe'],
])('the host %j makes the probe id %j', (hostName, id) => {
  expect(probeIdOf(hostName)).toBe(id)
})

test('any host name makes a probe id', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => PROBE_PATTERN.test(probeIdOf(name))),
  )
})
