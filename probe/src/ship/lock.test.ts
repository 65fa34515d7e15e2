import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '@presences/shared'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBelow } from '../../testing/open-files.ts'
import { withShipLock } from './lock.ts'

const PATH = '/usr/bin:/bin'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => {
  expect(openBelow(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

test('one at a time: who comes meanwhile is told so, who comes after is not', async () => {
  const inner = await withShipLock(folder, PATH, () => withShipLock(folder, PATH, async () => 'in'))
  expect(inner).toBe('taken')
  expect(await withShipLock(folder, PATH, async () => 'in')).toBe('in')
})

test('what fails gives it back', async () => {
  const failing = withShipLock(folder, PATH, () => Promise.reject(new Error('no luck')))
  await expect(failing).rejects.toThrow('no luck')
  expect(await withShipLock(folder, PATH, async () => 'in')).toBe('in')
})

test('its file stays: who waits for one that is removed would share it with nobody', async () => {
  await withShipLock(folder, PATH, async () => 'in')
  const { ino, mode } = statSync(join(folder, '.ship.lock'))
  await withShipLock(folder, PATH, () => withShipLock(folder, PATH, async () => 'in'))
  expect(statSync(join(folder, '.ship.lock')).ino).toBe(ino)
  expect(mode & 0o777).toBe(0o640)
  expect(readdirSync(folder)).toEqual(['.ship.lock'])
})

test.runIf(process.getuid?.() === 0)(
  "made by root it belongs to the spool's owner (needs root)",
  async () => {
    chownSync(folder, 65_534, 65_534)
    await withShipLock(folder, PATH, async () => 'in')
    expect(statSync(join(folder, '.ship.lock'))).toMatchObject({ uid: 65_534, gid: 65_534 })
  },
)

test('a disk that does not take the lock is no fault of the configuration', async () => {
  mkdirSync(join(folder, '.ship.lock'))
  const refused = await withShipLock(folder, PATH, async () => 'in').catch((cause) => cause)
  expect(refused).not.toBeInstanceOf(ConfigError)
  expect(refused.message).toMatch(/^Can't lock .*\.ship\.lock: .* To do: check the disk of /)
})

test('no flock, and one that may not be run, are told apart', async () => {
  const refusal = () =>
    withShipLock(folder, folder, async () => 'in').catch(({ message }) => message)
  expect(await refusal()).toBe(
    "Can't run flock: it is not installed. To do: apt-get install util-linux",
  )
  writeFileSync(join(folder, 'flock'), '')
  expect(await refusal()).toBe(
    "Can't run flock: spawn flock EACCES. To do: nothing if it does not last; else restart the machine",
  )
})
