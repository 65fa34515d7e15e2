/** What one run of a command remembers for the next, through the real parts put together. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Box, makeBox } from '../testing/box.ts'
import {
  fingerprintOf,
  startUnifiController,
  type UnifiController,
} from '../testing/unifi-controller.ts'
import { systemEffects } from './cli.ts'
import { searchPathOf } from './wiring.ts'

let box: Box
beforeEach(() => {
  box = makeBox()
  box.replay('several-hosts')
})
afterEach(() => box.remove())

const { readText } = systemEffects()

/** Watches for so many minutes; each scan prints a line, of a problem or a minute. */
async function watchFor(minutes: number, env: Readonly<Record<string, string>>) {
  const stop = new AbortController()
  let passed = 0
  return box.command(['watch'], env, {
    readText,
    now: () => new Date(Date.parse('2026-11-22T07:12:00Z') + passed * 60_000),
    uptimeMs: () => passed * 60_000,
    sleep: async () => {
      passed += 1
      if (passed > minutes) stop.abort()
    },
    stopSignal: () => stop.signal,
  })
}

describe('the session with a controller', () => {
  let controller: UnifiController
  beforeEach(async () => {
    controller = await startUnifiController()
    controller.sites = { default: [{ mac: '02:00:00:00:02:af' }] }
  })
  afterEach(() => controller.close())

  const settings = (parts: Readonly<Record<string, string>> = {}) => ({
    PROBE_SCANNERS: 'unifi',
    UNIFI_URL: controller.origin,
    UNIFI_USERNAME: controller.username,
    UNIFI_PASSWORD: controller.password,
    UNIFI_FINGERPRINT: fingerprintOf('controller'),
    ...parts,
  })

  test('is kept by each scan for the next, and nobody else can read it', async () => {
    await box.command(['scan'], settings())
    await box.command(['scan'], settings())
    expect(controller.logins()).toBe(1)
    expect(statSync(join(box.runtime, 'unifi.json')).mode & 0o777).toBe(0o600)
  })

  test('a scan does not repeat a login that was refused, a doctor that somebody waits for does', async () => {
    const wrong = settings({ UNIFI_PASSWORD: 'wrong' })
    await box.command(['scan'], wrong)
    await box.command(['scan'], wrong)
    expect(controller.logins()).toBe(1)
    await box.command(['doctor'], wrong)
    expect(controller.logins()).toBe(2)
  })

  test('is kept while watch runs, also where there is no folder for it', async () => {
    const { out } = await watchFor(3, settings({ RUNTIME_DIRECTORY: join(box.folder, 'none') }))
    expect(out.match(/1 device\n/g)).toHaveLength(3)
    expect(controller.logins()).toBe(1)
  })
})

describe('what is known of the clock', () => {
  const SYNCHRONIZED = { PROBE_CLOCK: 'synchronized' }
  const asked = () => readFileSync(join(box.folder, 'asked'), 'utf8').length
  beforeEach(() =>
    box.program('timedatectl', `printf x >>${box.folder}/asked; cat ${box.folder}/answer`),
  )
  const answer = (text: string) => writeFileSync(join(box.folder, 'answer'), text)

  test('is of one start of the machine: after the next one it is asked again', async () => {
    const scan = (bootId: string) =>
      box.command(['scan'], SYNCHRONIZED, {
        readText: (path) => (path.endsWith('/boot_id') ? `${bootId}\n` : undefined),
      })
    answer('yes')
    await scan('first')
    answer('no')
    expect((await scan('first')).err).not.toContain('nothing has set the clock')
    expect(asked()).toBe(1)
    expect((await scan('second')).err).toContain('nothing has set the clock')
  })

  test('is known while watch runs, also where there is no folder for it', async () => {
    answer('yes')
    const none = { ...SYNCHRONIZED, RUNTIME_DIRECTORY: join(box.folder, 'none') }
    expect((await watchFor(3, none)).out.match(/5 devices\n/g)).toHaveLength(3)
    expect(asked()).toBe(1)
  })
})

test.each([
  ['1', 1_000_000, 3],
  ['2', 1_000_000, 0],
])(
  'of %s MB that may wait, a pack of %i bytes does: a scan ends with %i',
  async (most, bytes, code) => {
    await box.command(['scan'], {}, { now: () => new Date('2026-11-22T07:11:04Z') })
    const pack = '.packed-poulailler-2026-11-20-open-20261120T0800Z-3.gz'
    writeFileSync(join(box.folder, 'spool', pack), Buffer.alloc(bytes))
    const scan = await box.command(['scan'], { PROBE_SPOOL_MAX_MB: most })
    expect(scan.code).toBe(code)
    expect(scan.err.includes('of the 1 MB that PROBE_SPOOL_MAX_MB allows')).toBe(code === 3)
  },
)

test.each([
  ['/home/me/bin:/bin', '/home/me/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin'],
  [undefined, '/usr/local/sbin:/usr/sbin:/sbin'],
])('with the path %s programs are also looked up where only root does: %s', (PATH, searched) => {
  const machine = { ...systemEffects(), env: { PATH }, version: '1' }
  expect(searchPathOf(machine)).toBe(searched)
})
