/** The adapter against a stand-in console on the loopback: sessions, refusals, certificates. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { macFromBits } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ScannerWorld, scannerContract } from '../../../testing/scanner-contract.ts'
import {
  type CertificateName,
  certificatePath,
  fingerprintOf,
  startUnifiController,
  type UnifiController,
} from '../../../testing/unifi-controller.ts'
import { runtimeFile } from '../../runtime/runtime-folder.ts'
import { unifi } from './unifi.ts'
import type { UnifiConfig } from './unifi-config.ts'
import { isSessionMemory } from './unifi-session.ts'

const ANNE = macFromBits(0x02_00_00_00_00_0a)
const BOB = macFromBits(0x02_00_00_00_00_0b)

let controller: UnifiController
let folder: string
let uptimeMs: number
beforeEach(async () => {
  controller = await startUnifiController()
  controller.sites = { default: [{ mac: ANNE }], annex: [{ mac: BOB }] }
  folder = mkdtempSync(join(tmpdir(), 'unifi-'))
  uptimeMs = 1_000_000
})
afterEach(async () => {
  // However it ended, nothing is left open: another scan comes each minute.
  await vi.waitFor(async () => expect(await controller.connections()).toBe(0), 5_000)
  await controller.close()
  rmSync(folder, { recursive: true })
})

function configOf(to: UnifiController, parts: Partial<UnifiConfig> = {}): UnifiConfig {
  return {
    origin: to.origin,
    username: to.username,
    password: to.password,
    sites: ['default'],
    clients: ['wireless', 'wired'],
    trust: { fingerprint: fingerprintOf('controller'), caFile: undefined },
    ...parts,
  }
}

/** One scan by a process of its own: only the folder is remembered. */
async function look(parts: Partial<UnifiConfig> = {}, isUrgent = false, timeoutMs = 20_000) {
  const memory = runtimeFile(folder, 'unifi.json', isSessionMemory, 0o600)
  const deps = { ...memory, uptimeMs: () => uptimeMs, isUrgent }
  return unifi(configOf(controller, parts), deps).look(timeoutMs)
}

const reasonOf = async (...args: Parameters<typeof look>) =>
  (await look(...args)).map(({ failure }) => failure?.reason)

const worlds: UnifiController[] = []
scannerContract('unifi', {
  world: (networks) => worldOf(['default', 'annex'].slice(0, networks)),
  halfBroken: () => worldOf(['default', 'nowhere']),
  close: async () => {
    for (const world of worlds.splice(0)) await world.close()
  },
})

async function worldOf(sites: readonly string[]): Promise<ScannerWorld> {
  const own = await startUnifiController()
  worlds.push(own)
  own.sites = { default: [], annex: [] }
  const memory = runtimeFile('/nowhere', 'unifi.json', isSessionMemory)
  const deps = { ...memory, uptimeMs: () => 0, isUrgent: false }
  return {
    scanner: unifi(configOf(own, { sites }), deps),
    present: (macs) => {
      own.fault = undefined
      own.sites = { default: macs.map((mac) => ({ mac })), annex: [] }
    },
    broken: () => {
      own.fault = () => ({ status: 502, body: '<html>' })
    },
    hanging: () => {
      own.fault = () => 'never'
    },
  }
}

describe('who is there', () => {
  test('each site is a network', async () => {
    expect(await look({ sites: ['annex', 'default'] })).toEqual([
      { network: 'site:annex', macs: [BOB], unreadable: [] },
      { network: 'site:default', macs: [ANNE], unreadable: [] },
    ])
    expect(controller.logins()).toBe(1)
  })

  test('a client that has left is listed for a while, and does not count', async () => {
    controller.sites = { default: [{ mac: ANNE, agoS: 200 }, { mac: BOB }] }
    expect(await look()).toMatchObject([{ macs: [BOB] }])
  })

  test.each([3_600, -3_600])('a controller whose clock is %i s ahead is understood', async (s) => {
    controller.clockAheadS = s
    expect(await look()).toMatchObject([{ macs: [ANNE] }])
  })

  test('clients of one kind', async () => {
    controller.sites = { default: [{ mac: ANNE, isWired: true }, { mac: BOB }] }
    expect(await look({ clients: ['wireless'] })).toMatchObject([{ macs: [BOB] }])
  })

  test('a thousand clients', async () => {
    const macs = Array.from({ length: 1_000 }, (_, index) => macFromBits(index))
    controller.sites = { default: macs.map((mac) => ({ mac })) }
    expect(await look()).toMatchObject([{ macs }])
  })
})

describe('the session', () => {
  test('is kept from one scan to the next, and nobody else can read it', async () => {
    for (const _ of Array(5)) expect(await look()).toMatchObject([{ macs: [ANNE] }])
    expect(controller.requests).toHaveLength(6)
    expect(controller.logins()).toBe(1)
    expect(statSync(join(folder, 'unifi.json')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, 'unifi.json'), 'utf8')).not.toContain(controller.password)
  })

  test('that is over is renewed, once', async () => {
    await look()
    controller.endSessions()
    expect(await look()).toMatchObject([{ macs: [ANNE] }])
    expect(controller.logins()).toBe(2)
    expect(await look()).toMatchObject([{ macs: [ANNE] }])
    expect(controller.logins()).toBe(2)
  })

  test.each(['TOKEN', 'UOS_TOKEN'])('is whatever cookie is given: %s', async (name) => {
    controller.cookieName = name
    await look()
    expect(await look()).toMatchObject([{ macs: [ANNE] }])
    expect(controller.logins()).toBe(1)
  })

  test('follows the controller when it changes it', async () => {
    await look()
    const { cookie } = JSON.parse(readFileSync(join(folder, 'unifi.json'), 'utf8'))
    const list = { meta: { rc: 'ok' }, data: [] }
    const headers = { 'set-cookie': 'MORE=1; path=/' }
    controller.fault = () => ({ status: 200, body: list, headers })
    await look()
    const after = JSON.parse(readFileSync(join(folder, 'unifi.json'), 'utf8'))
    expect(after.cookie).toBe(`${cookie}; MORE=1`)
  })

  test('of another account is not used', async () => {
    await look()
    controller.username = 'other'
    expect(await look({ username: 'other' })).toMatchObject([{ macs: [ANNE] }])
    expect(controller.logins()).toBe(2)
  })

  test('of another address is not sent to this one', async () => {
    await look()
    const other = await startUnifiController()
    try {
      await look({ origin: other.origin })
      expect(other.requests[0]).toBe('POST /api/auth/login')
    } finally {
      await other.close()
    }
  })

  test('that the controller takes back in part is sent without that part', async () => {
    await look()
    const { cookie } = JSON.parse(readFileSync(join(folder, 'unifi.json'), 'utf8'))
    const set = (value: string) => {
      const headers = { 'set-cookie': value }
      controller.fault = () => ({ status: 200, body: { meta: { rc: 'ok' }, data: [] }, headers })
    }
    for (const value of ['MORE=1; path=/', 'MORE=; path=/; max-age=0']) {
      set(value)
      await look()
    }
    expect(JSON.parse(readFileSync(join(folder, 'unifi.json'), 'utf8')).cookie).toBe(cookie)
  })

  test.each(['', '{', '{"version":2,"cookie":"x"}', '{"version":1,"account":"x","refused":{}}'])(
    'that can not be read is none: %j',
    async (text) => {
      writeFileSync(join(folder, 'unifi.json'), text)
      expect(await look()).toMatchObject([{ macs: [ANNE] }])
    },
  )
})

describe('a login that is refused', () => {
  test('is not repeated for five minutes, or lets a person try', async () => {
    const wrong = { password: 'wrong' }
    expect(await reasonOf(wrong)).toEqual(['the controller refuses the user or the password'])
    uptimeMs += 299_000
    expect(await reasonOf(wrong)).toEqual([
      'the controller refuses the user or the password (asked again in 1 min)',
    ])
    expect(controller.logins()).toBe(1)
    expect(await look({}, true)).toMatchObject([{ macs: [ANNE] }])
    expect(await look()).toMatchObject([{ macs: [ANNE] }])
    expect(controller.logins()).toBe(2)
  })

  test('is forgotten when one succeeds: the next session is opened at once', async () => {
    await look({ password: 'wrong' })
    await look({}, true)
    controller.endSessions()
    expect(await look()).toMatchObject([{ macs: [ANNE] }])
  })

  test('is asked nothing meanwhile, not even with the session that was over', async () => {
    await look()
    controller.endSessions()
    await look({ password: 'wrong' })
    const asked = controller.requests.length
    await look({ password: 'wrong' })
    expect(controller.requests).toHaveLength(asked)
  })

  test.each([
    [499, 1],
    [500, 2],
  ])('with status %i is asked for %i times in two scans', async (status, logins) => {
    controller.fault = () => ({ status })
    await look()
    await look()
    expect(controller.logins()).toBe(logins)
  })

  test.each([
    ['10', 300_000],
    ['300', 300_000],
    ['301', 301_000],
    ['3600', 3_600_000],
    ['3601', 3_600_000],
    ['tomorrow', 300_000],
  ])('for %s s waits for %i ms', async (seconds, waitMs) => {
    controller.fault = () => ({ status: 429, headers: { 'retry-after': seconds } })
    await look()
    controller.fault = undefined
    uptimeMs += waitMs - 1
    expect((await reasonOf())[0]).toContain('(asked again in 1 min)')
    uptimeMs += 1
    expect(await reasonOf()).toEqual([undefined])
  })

  test('is tried again after that', async () => {
    await look({ password: 'wrong' })
    uptimeMs += 300_000
    expect(await look()).toMatchObject([{ macs: [ANNE] }])
  })

  // RUNTIME_DIRECTORY may be on a disk: what is remembered there outlives a start of the machine.
  test.each([
    ['waits for an hour at most', 3_600_000, ' (asked again in 60 min)'],
    ['is not remembered from before a start of the machine', 3_600_001, ''],
  ])('%s', async (_, leftMs, waits) => {
    uptimeMs = 10_000_000
    await look({ password: 'wrong' })
    uptimeMs += 300_000 - leftMs
    const reason = 'the controller refuses the user or the password'
    expect(await reasonOf({ password: 'wrong' })).toEqual([reason + waits])
  })

  test('tells nobody the password, nor a device', async () => {
    const [look1] = await look({ password: 'top secret' })
    expect(JSON.stringify(look1)).not.toContain('top secret')
  })

  test('by a console that is being restarted is tried again at once', async () => {
    controller.fault = () => ({ status: 502, body: '<html>' })
    expect(await reasonOf()).toEqual(['the controller answered with status 502'])
    controller.fault = undefined
    expect(await look()).toMatchObject([{ macs: [ANNE] }])
  })

  test('for being one too many waits as long as it is told to', async () => {
    controller.fault = () => ({ status: 429, body: {}, headers: { 'retry-after': '900' } })
    expect(await reasonOf()).toEqual(['the controller takes no more logins for now'])
    controller.fault = undefined
    uptimeMs += 899_000
    expect((await reasonOf())[0]).toContain('(asked again in 1 min)')
    uptimeMs += 1_000
    expect(await reasonOf()).toEqual([undefined])
  })

  test('a console that forgets sessions at once is not logged in to each minute', async () => {
    controller.fault = (path) =>
      path.startsWith('GET') ? { status: 401, body: { error: { code: 401 } } } : undefined
    const reason = 'the controller does not take the session that it has just given'
    await look()
    expect((await reasonOf())[0]).toContain(reason)
    expect((await reasonOf())[0]).toContain(reason)
    expect(controller.logins()).toBeLessThanOrEqual(2)
  })

  test('a site that it does not know is no reason to log in again', async () => {
    await look()
    expect(await reasonOf({ sites: ['default', 'nowhere'] })).toEqual([
      undefined,
      'the controller knows no site nowhere, or does not show it to this account',
    ])
    expect(controller.logins()).toBe(1)
  })
})

describe('the certificate', () => {
  const pinned = (name: CertificateName) => ({
    trust: { fingerprint: fingerprintOf(name), caFile: undefined },
  })
  const signedBy = (caFile: string) => ({ trust: { fingerprint: undefined, caFile } })

  async function secondController(name: CertificateName) {
    await controller.close()
    controller = await startUnifiController(name)
    controller.sites = { default: [{ mac: ANNE }] }
  }

  test('that is not pinned: nothing is sent, and the fingerprint is shown to be compared', async () => {
    const [look1] = await look({ trust: { fingerprint: undefined, caFile: undefined } })
    expect(look1?.failure?.reason).toBe("the controller's certificate is not pinned")
    expect(look1?.failure?.advice).toMatch(/^compare .* UNIFI_FINGERPRINT=([0-9A-F]{2}:){31}/)
    expect(look1?.failure?.advice.replaceAll(':', '')).toContain(fingerprintOf('controller'))
    expect(controller.requests).toEqual([])
  })

  test('of another: nothing is sent, not even with a session', async () => {
    await look()
    const { requests } = controller
    await secondController('stranger')
    const [look1] = await look()
    expect(look1?.failure?.reason).toContain('is another one than UNIFI_FINGERPRINT tells')
    expect(look1?.failure?.advice).toContain('somebody is in its place')
    expect([requests.length, controller.requests]).toEqual([2, []])
  })

  test('signed by the CA is good for its address', async () => {
    await secondController('signed')
    expect(await look(signedBy(certificatePath('ca')))).toMatchObject([{ macs: [ANNE] }])
  })

  test.each<[string, CertificateName, string, string]>([
    ['by itself', 'controller', certificatePath('ca'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['by itself, taken for a CA', 'controller', certificatePath('controller'), 'ALTNAME'],
    ['long ago', 'expired', certificatePath('ca'), 'CERT_HAS_EXPIRED'],
    ['by another CA', 'signed', certificatePath('stranger'), 'UNABLE_TO'],
  ])('signed %s is refused', async (_, name, ca, code) => {
    await secondController(name)
    const [reason] = await reasonOf(signedBy(ca))
    expect(reason).toMatch(/^the controller's certificate is not good: /)
    expect(reason).toContain(code)
    expect(controller.requests).toEqual([])
  })

  test('that is pinned is good however old it is', async () => {
    await secondController('expired')
    expect(await look(pinned('expired'))).toMatchObject([{ macs: [ANNE] }])
  })

  test('of a CA file that is not there', async () => {
    expect(await reasonOf(signedBy('/nowhere.crt'))).toEqual([
      "UNIFI_CA_FILE can't be read: ENOENT",
    ])
  })
})

describe('a controller that can not be talked to', () => {
  test('nothing listens', async () => {
    await controller.close()
    expect(await reasonOf()).toEqual(['nothing listens at UNIFI_URL'])
    controller = await startUnifiController()
  })

  test('a name that does not resolve', async () => {
    const [reason] = await reasonOf({ origin: 'https://controller.invalid' })
    expect(reason).toMatch(/can't be resolved|no name server answers/)
  })

  test.each([
    ['answers without TLS', (text: string) => text, 'speaks no TLS'],
    ['hangs up', () => '', "the controller can't be talked to"],
  ])('what listens %s', async (_, answer, reason) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => socket.end(answer('HTTP/1.1 400 Bad Request\r\n\r\n')))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    expect((await reasonOf({ origin: `https://127.0.0.1:${port}` }))[0]).toContain(reason)
    await new Promise((resolve) => server.close(resolve))
  })

  test('answers in the middle of which it hangs', async () => {
    controller.fault = (path) => (path.startsWith('GET') ? 'never' : undefined)
    expect(await reasonOf({ sites: ['default', 'annex'] }, false, 300)).toEqual([
      'the controller did not answer within 0.3 s',
      'the controller did not answer within 0.3 s',
    ])
  })

  test('answers in another protocol', async () => {
    const headers = { connection: 'upgrade', upgrade: 'something' }
    controller.fault = () => ({ status: 101, headers })
    expect(await reasonOf()).toEqual(["the controller can't be talked to: it gave no answer"])
  })

  test('a list without an end', async () => {
    controller.fault = (path) =>
      path.startsWith('GET') ? { status: 200, body: ' '.repeat(33 * 1024 * 1024) } : undefined
    expect((await reasonOf())[0]).toContain('its answer has no end')
  })
})
