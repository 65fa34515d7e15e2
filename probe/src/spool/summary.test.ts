import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { epochMinuteOf } from '@presences/shared'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SHIPPED_FILE } from './contents.ts'
import { readSpoolSummary } from './summary.ts'

const BLOCK = 4096
const DAY = 'poulailler/2026-11-23'
const minute = (time: string) => epochMinuteOf(new Date(time))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'summary-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, bytes = 1): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), 'x'.repeat(bytes))
}

test('a spool in which nothing waits', async () => {
  expect(await readSpoolSummary(nodeFs, folder)).toEqual({
    waiting: 0,
    packed: 0,
    bytes: 0,
    oldest: undefined,
    shipped: undefined,
    minutes: [],
  })
})

test.each([
  ['a pack', '20261120T0800Z', '2026-11-20T08:00Z'],
  ['a file of its own', '20261123T1300Z', '2026-11-23T12:00Z'],
])('what waits, the oldest of it in %s', async (_, packed, oldest) => {
  write(`${DAY}/20261123T1201Z-box.tsv`, BLOCK + 1)
  write(`${DAY}/20261123T1200Z-box.tsv`)
  write(`.packed-poulailler-2026-11-20-open-${packed}-30.gz`, 2 * BLOCK)
  write(`.packed-poulailler-2026-11-23-closed-20261123T2300Z-4.gz`)
  write(SHIPPED_FILE)
  const shipped = new Date('2026-11-23T12:02:03Z')
  utimesSync(join(folder, SHIPPED_FILE), shipped, shipped)
  const summary = await readSpoolSummary(nodeFs, folder)
  expect({ ...summary, minutes: [...summary.minutes].sort() }).toEqual({
    waiting: 36,
    packed: 34,
    bytes: 6 * BLOCK,
    oldest: minute(oldest),
    shipped,
    minutes: [minute('2026-11-23T12:00Z'), minute('2026-11-23T12:01Z')],
  })
})
