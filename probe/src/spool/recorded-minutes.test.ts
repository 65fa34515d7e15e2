import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBelow } from '../../testing/open-files.ts'
import { claimMinute, DAYS_KEPT, lastRecorded, pathClaimed } from './recorded-minutes.ts'

const DAY = 'poulailler/2026-11-22'
const NAME = '20261122T0712Z-box.tsv'
const RECORDS = '.recorded-poulailler-2026-11-22'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recorded-'))
})
afterEach(() => {
  expect(openBelow(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

/** A disk gives its names in any order. */
const turned = {
  ...fs,
  readdir: (async (path: string) => (await fs.readdir(path)).sort().reverse()) as typeof fs.readdir,
}

function claim(path: string, writer = 'one', disk = fs): Promise<boolean> {
  const { uid, gid } = statSync(folder)
  return claimMinute(disk, folder, path, { writer, owner: { uid, gid } })
}

test('the first to claim a minute has it, for ever', async () => {
  expect(await claim(`${DAY}/${NAME}`, 'one')).toBe(true)
  expect(await claim(`${DAY}/${NAME}`, 'two')).toBe(false)
  expect(await claim(`${DAY}/${NAME}`, 'one')).toBe(false)
  expect(readFileSync(join(folder, RECORDS), 'utf8')).toBe(`${NAME} one\n`)
})

test.each([
  ['another minute', `${DAY}/20261122T0713Z-box.tsv`],
  ['another probe', `${DAY}/20261122T0712Z-box.tsv2.tsv`],
  ['another location', `pti-poulailler/2026-11-22/${NAME}`],
  ['another local day', `poulailler/2026-11-23/${NAME}`],
])('%s is another file', async (_, path) => {
  await claim(`${DAY}/${NAME}`)
  expect(await claim(path)).toBe(true)
})

test('of many at once one has it', async () => {
  const writers = Array.from({ length: 30 }, (_, index) => `${index}`)
  const claims = await Promise.all(writers.map((writer) => claim(`${DAY}/${NAME}`, writer)))
  expect(claims.filter(Boolean)).toHaveLength(1)
})

test('a line that was cut short swallows no other', async () => {
  writeFileSync(join(folder, RECORDS), `20261122T0710Z-box.tsv one\n20261122T07\0\0`)
  expect(await claim(`${DAY}/${NAME}`)).toBe(true)
  expect(await claim(`${DAY}/${NAME}`, 'two')).toBe(false)
})

test('who claimed a file tells where it belongs', async () => {
  await claim(`pti-poulailler/2026-11-23/${NAME}`, 'one')
  await claim(`${DAY}/${NAME}`, 'two')
  expect(await pathClaimed(fs, folder, NAME, 'two')).toBe(`${DAY}/${NAME}`)
  expect(await pathClaimed(fs, folder, NAME, 'three')).toBeUndefined()
})

test("of two who claimed a file at once, it is the first one's", async () => {
  writeFileSync(join(folder, RECORDS), `${NAME} one\n20261122T0713Z-box.tsv one\n${NAME} two\n`)
  expect(await pathClaimed(fs, folder, NAME, 'one')).toBe(`${DAY}/${NAME}`)
  expect(await pathClaimed(fs, folder, NAME, 'two')).toBeUndefined()
})

test('so many days of a location are kept, the latest, and the one in use', async () => {
  const fill = (location: string) => {
    for (let day = 0; day < DAYS_KEPT + 5; day += 1) {
      const date = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10)
      writeFileSync(join(folder, `.recorded-${location}-${date}`), '')
    }
  }
  fill('poulailler')
  fill('pti-poulailler')
  const clockBehind = 'poulailler/1970-01-01/19700101T0000Z-box.tsv'
  await claim(clockBehind, 'one', turned)
  const names = readdirSync(folder).filter((name) => name.startsWith('.recorded-poulailler'))
  expect(names).toHaveLength(DAYS_KEPT + 1)
  expect(names).not.toContain('.recorded-poulailler-2026-01-05')
  expect(names).toContain('.recorded-poulailler-2026-01-06')
  expect(await claim(clockBehind)).toBe(false)
  expect(readdirSync(folder)).toHaveLength(2 * DAYS_KEPT + 1 + 5)
})

test('a day that waits in a pack is not forgotten, however many came after it', async () => {
  const records = (day: number) =>
    `.recorded-poulailler-${new Date(Date.UTC(2026, 0, day)).toISOString().slice(0, 10)}`
  for (let day = 1; day <= DAYS_KEPT + 1; day += 1) writeFileSync(join(folder, records(day)), '')
  writeFileSync(join(folder, '.packed-poulailler-2026-01-01-open-20260101T0800Z-3.gz'), '')
  // Of another day, and of another location.
  writeFileSync(join(folder, '.packed-annexe-2026-01-02-open-20260102T0800Z-3.gz'), '')
  await claim('poulailler/2026-11-22/20261122T0712Z-box.tsv')
  const names = readdirSync(folder)
  expect(names).toContain(records(1))
  expect(names).not.toContain(records(2))
  expect(names).toContain(records(3))
})

test('the last minute recorded is the newest of any day or location that is not in the future', async () => {
  const at = (path: string, time: string) => {
    writeFileSync(join(folder, path), '')
    utimesSync(join(folder, path), new Date(time), new Date(time))
  }
  const now = new Date('2026-11-22T07:13:00Z')
  at('.shipped', '2026-11-22T07:12:59Z')
  expect(await lastRecorded(fs, folder, now)).toBeUndefined()
  at('.recorded-poulailler-2026-11-22', '2026-11-22T07:12:04Z')
  at('.recorded-poulailler-2027-11-22', '2026-11-22T07:13:01Z')
  at('.recorded-pti-poulailler-2026-11-22', '2026-11-22T07:11:04Z')
  expect(await lastRecorded(fs, folder, new Date('2026-11-22T07:12:03Z'))).toEqual(
    new Date('2026-11-22T07:11:04Z'),
  )
  expect(await lastRecorded(fs, folder, new Date('2026-11-22T07:12:04Z'))).toEqual(
    new Date('2026-11-22T07:12:04Z'),
  )
  expect(await lastRecorded(fs, folder, now)).toEqual(new Date('2026-11-22T07:12:04Z'))
  expect(await lastRecorded(turned, folder, now)).toEqual(new Date('2026-11-22T07:12:04Z'))
})
