import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SHIPPED_FILE } from '../spool/contents.ts'
import { nextTry, noteRun, readFailures } from './back-off.ts'

const BEGUN = new Date('2026-11-23T12:00:00Z')
const FAILED = { isFailed: true, shipped: 0, before: 0 }
const SHIPPED = { isFailed: false, shipped: 1, before: 0 }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'back-off-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const later = (ms: number) => new Date(BEGUN.getTime() + ms)
const failures = (now = BEGUN) => readFailures(fs, folder, now)

test.each([
  [1, 1],
  [2, 2],
  [3, 4],
  [4, 8],
  [5, 15],
  [6, 15],
  [2_000, 15],
])('after %i failures it is tried again in %i minutes, or ten seconds before', (count, minutes) => {
  expect(nextTry({ count, last: BEGUN })).toEqual(later(minutes * 60_000 - 10_000))
})

describe('failures', () => {
  test('are counted from run to run, with the time of the last', async () => {
    await noteRun(fs, folder, BEGUN, FAILED)
    expect(await failures()).toEqual({ count: 1, last: BEGUN })
    await noteRun(fs, folder, later(60_000), { ...FAILED, before: 1 })
    expect(await failures(later(60_000))).toEqual({ count: 2, last: later(60_000) })
  })

  test('of what the clock has as the future are none', async () => {
    await noteRun(fs, folder, later(1), FAILED)
    expect(await failures()).toBeUndefined()
    expect(await failures(later(1))).toMatchObject({ count: 1 })
  })

  test.each(['', '0', '-1', 'x', '{}'])('of %j are none', async (text) => {
    writeFileSync(join(folder, '.ship-failures'), text)
    expect(await failures(new Date('2100-01-01'))).toBeUndefined()
  })

  test('are forgotten after a run that did not fail, whatever it shipped', async () => {
    for (const shipped of [0, 1]) {
      await noteRun(fs, folder, BEGUN, { ...FAILED, before: 4 })
      await noteRun(fs, folder, BEGUN, { ...SHIPPED, shipped, before: 5 })
      expect(await failures()).toBeUndefined()
    }
    expect(readdirSync(folder)).toEqual([SHIPPED_FILE])
  })

  test('of the future are forgotten too: they would count when that time has come', async () => {
    await noteRun(fs, folder, later(60_000), FAILED)
    await noteRun(fs, folder, BEGUN, SHIPPED)
    expect(await failures(later(120_000))).toBeUndefined()
  })
})

describe('the time of the last shipment', () => {
  const shippedAt = () => statSync(join(folder, SHIPPED_FILE)).mtime

  test('is when the last run began that shipped something', async () => {
    await noteRun(fs, folder, BEGUN, SHIPPED)
    expect(shippedAt()).toEqual(BEGUN)
    await noteRun(fs, folder, later(60_000), SHIPPED)
    expect(shippedAt()).toEqual(later(60_000))
    await noteRun(fs, folder, later(120_000), { ...SHIPPED, shipped: 0 })
    await noteRun(fs, folder, later(120_000), FAILED)
    expect(shippedAt()).toEqual(later(60_000))
  })

  test('is told without a write, where it was told before', async () => {
    await noteRun(fs, folder, BEGUN, SHIPPED)
    const { ino } = statSync(join(folder, SHIPPED_FILE))
    const writeFile = () => Promise.reject(new Error('nobody writes'))
    await noteRun({ ...fs, writeFile }, folder, later(60_000), SHIPPED)
    expect([shippedAt(), statSync(join(folder, SHIPPED_FILE)).ino]).toEqual([later(60_000), ino])
  })
})

test('what somebody else left is replaced, and not written to', async () => {
  const path = join(folder, '.ship-failures')
  writeFileSync(path, '1')
  // Another name of the same file: what is written to it would show.
  await fs.link(path, join(folder, 'theirs'))
  await noteRun(fs, folder, BEGUN, { ...FAILED, before: 1 })
  expect(readFileSync(join(folder, 'theirs'), 'utf8')).toBe('1')
  expect(readFileSync(path, 'utf8')).toBe('2')
})

test('nobody else may read either', async () => {
  await noteRun(fs, folder, BEGUN, SHIPPED)
  await noteRun(fs, folder, BEGUN, FAILED)
  for (const name of readdirSync(folder)) {
    expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o640)
  }
})

test('a disk that takes nothing is no failure of the run', async () => {
  const full = () => Promise.reject(new Error('ENOSPC'))
  await noteRun({ ...fs, writeFile: full }, folder, BEGUN, FAILED)
  expect(await failures()).toBeUndefined()
})
