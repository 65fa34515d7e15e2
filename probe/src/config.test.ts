import { type ConfigError, PROBE_PATTERN } from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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

test.each([
  ['1', 1_000_000],
  ['9999999', 9_999_999_000_000],
])('a spool of %s MB', (text, bytes) => {
  const config = parseProbeConfig({ PROBE_LOCATION: 'a', PROBE_SPOOL_MAX_MB: text }, 'box')
  expect(config.spoolMaxBytes).toBe(bytes)
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
    'PROBE_SCANNERS: "arp" is no scanner: there are arp-scan, nmap, neighbours, unifi',
  ],
  [{ PROBE_SCANNERS: ',' }, 'PROBE_SCANNERS: names nothing'],
  [{ PROBE_SPOOL: '/var/spool/presences\r' }, 'PROBE_SPOOL: must be a folder'],
  [{ PROBE_SPOOL_MAX_MB: '0' }, 'PROBE_SPOOL_MAX_MB: must be a whole number of megabytes'],
  [{ PROBE_SPOOL_MAX_MB: '10000000' }, 'PROBE_SPOOL_MAX_MB: must be a whole number of megabytes'],
  [{ PROBE_SPOOL_MAX_MB: '1.5' }, 'PROBE_SPOOL_MAX_MB: must be a whole number of megabytes'],
  [{ PROBE_SPOOL: 'a\nb' }, 'PROBE_SPOOL: must be a folder'],
  [{ PROBE_CLOCK: 'yes' }, 'PROBE_CLOCK: must be one of: synchronized, trusted'],
  [{ TIMEZONE: 'Mars/Olympus' }, 'TIMEZONE: is no time zone this machine knows'],
])('%j is refused', (env: Record<string, string>, fault) => {
  const environment = { ...(Object.keys(env).length > 0 && { PROBE_LOCATION: 'a' }), ...env }
  expect(() => parseProbeConfig(environment, 'box')).toThrow(fault)
})

describe('unifi', () => {
  const SHA256 = `${'ab:'.repeat(31)}ab`
  const UNIFI = {
    PROBE_LOCATION: 'a',
    PROBE_SCANNERS: 'arp-scan,unifi',
    UNIFI_URL: 'https://192.168.1.1',
    UNIFI_USERNAME: 'presences',
    UNIFI_PASSWORD: 'hunter2',
  }

  test('has its defaults', () => {
    expect(parseProbeConfig(UNIFI, 'box').unifi).toEqual({
      origin: 'https://192.168.1.1',
      username: 'presences',
      password: 'hunter2',
      sites: ['default'],
      clients: ['wireless', 'wired'],
      trust: { fingerprint: undefined, caFile: undefined },
    })
  })

  test.each([
    ['UNIFI_URL', 'https://unifi.lan:11443/', { origin: 'https://unifi.lan:11443' }],
    ['UNIFI_SITES', 'default, x1y2', { sites: ['default', 'x1y2'] }],
    ['UNIFI_CLIENTS', 'wired', { clients: ['wired'] }],
    ['UNIFI_FINGERPRINT', SHA256, { trust: { fingerprint: 'AB'.repeat(32) } }],
    ['UNIFI_FINGERPRINT', 'AB'.repeat(32), { trust: { fingerprint: 'AB'.repeat(32) } }],
    ['UNIFI_CA_FILE', '/etc/ca.crt', { trust: { caFile: '/etc/ca.crt' } }],
  ])('%s=%s', (name, text, expected) => {
    expect(parseProbeConfig({ ...UNIFI, [name]: text }, 'box').unifi).toMatchObject(expected)
  })

  test.each([
    ['UNIFI_URL', 'http://192.168.1.1', 'UNIFI_URL: must be https://'],
    ['UNIFI_URL', '192.168.1.1', 'UNIFI_URL: must be https://'],
    ['UNIFI_URL', 'https://192.168.1.1/network', 'UNIFI_URL: must be https://'],
    ['UNIFI_URL', 'https://me:hunter2@192.168.1.1', 'UNIFI_URL: must be https://'],
    ['UNIFI_SITES', 'The Room/..', 'UNIFI_SITES: "Room/.." is no site'],
    ['UNIFI_CLIENTS', 'guests', 'UNIFI_CLIENTS: "guests" is no kind of client'],
    ['UNIFI_FINGERPRINT', SHA256.slice(1), 'UNIFI_FINGERPRINT: must be the SHA-256'],
    ['UNIFI_FINGERPRINT', `${SHA256}:ab`, 'UNIFI_FINGERPRINT: must be the SHA-256'],
  ])('%s=%s is refused', (name, text, fault) => {
    expect(() => parseProbeConfig({ ...UNIFI, [name]: text }, 'box')).toThrow(fault)
  })

  test('a certificate is known by one thing', () => {
    const both = { ...UNIFI, UNIFI_FINGERPRINT: SHA256, UNIFI_CA_FILE: '/etc/ca.crt' }
    expect(() => parseProbeConfig(both, 'box')).toThrow(
      'UNIFI_FINGERPRINT: and UNIFI_CA_FILE are both set: keep one',
    )
  })

  test('its faults come with all others, and show no secret', () => {
    const { UNIFI_USERNAME: _, ...env } = { ...UNIFI, UNIFI_URL: 'x', TIMEZONE: 'Mars' }
    try {
      parseProbeConfig(env, 'box')
      expect.unreachable()
    } catch (cause) {
      const { faults, message } = cause as ConfigError
      expect(faults.map((fault) => fault.split(':')[0])).toEqual([
        'TIMEZONE',
        'UNIFI_URL',
        'UNIFI_USERNAME',
      ])
      expect(message).not.toContain('hunter2')
    }
  })

  test('its variables are of no concern where it is not asked for', () => {
    const env = { ...UNIFI, UNIFI_URL: 'x', PROBE_SCANNERS: 'arp-scan' }
    expect(parseProbeConfig(env, 'box').unifi).toBeUndefined()
  })
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
