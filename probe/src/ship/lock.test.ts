import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '@presences/shared'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withShipLock } from './lock.ts'

const PATH = '/usr/bin:/bin'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('one at a time: who comes meanwhile is told so, who comes after is not', async () => {
  const inner = await withShipLock(folder, PATH, () => withShipLock(folder, PATH, async () => 'in'))
  expect(inner).toBe('taken')
  expect(await withShipLock(folder, PATH, async () => 'in')).toBe('in')
})

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
