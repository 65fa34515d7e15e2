/** Runs of shipping on a real spool, with a stand-in for rclone. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSpoolContents } from '../spool/contents.ts'
import { packMinutes } from '../spool/pack/pack-minutes.ts'
import { shipSpool } from './ship-spool.ts'

const DAY = 'poulailler/2026-11-20'
const [FIRST, SECOND, THIRD] = ['0800', '0801', '0802'].map(
  (time) => `${DAY}/20261120T${time}Z-box.tsv`,
) as [string, string, string]
const BEGUN = new Date('2026-11-23T12:00:00Z')

let folder: string
/** What the bucket has. */
let bucket: Map<string, string>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ship-spool-'))
  bucket = new Map()
})
afterEach(() => rmSync(folder, { recursive: true }))

function put(path: string, text = `text of ${path}`): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  utimesSync(join(folder, path), 1, 1)
}

async function pack(...paths: string[]): Promise<string> {
  for (const path of paths) put(path)
  const [first, ...rest] = (await readSpoolContents(nodeFs, folder)).minutes
  if (!first) throw new Error('There is nothing to pack')
  return packMinutes(nodeFs, folder, [first, ...rest], 'open')
}

function ship(begun = BEGUN) {
  return shipSpool(begun, {
    folder,
    timeZone: 'Europe/Paris',
    maxBytes: 512e6,
    fs: nodeFs,
    isForced: false,
    stop: new AbortController().signal,
    elapsedMs: () => 0,
    bucket: { configPath: '/none', move },
  })
}

async function move(paths: readonly string[]) {
  for (const path of paths) {
    expect(bucket.has(path)).toBe(false)
    bucket.set(path, readFileSync(join(folder, path), 'utf8'))
    unlinkSync(join(folder, path))
  }
  return {
    log: paths.map((path) => `INFO  : ${path}: Deleted\n`).join(''),
    end: { status: 0 },
  }
}

test('two looks at one minute, one of them packed, are both in the bucket', async () => {
  await pack(FIRST, SECOND)
  put(SECOND, 'another look')
  const { shipped, problems } = await ship()
  expect([shipped, problems.length]).toEqual([2, 1])
  expect(await ship()).toMatchObject({ shipped: 1, problems: [] })
  expect(bucket).toEqual(
    new Map([
      [FIRST, `text of ${FIRST}`],
      [SECOND, `text of ${SECOND}`],
      [SECOND.replace('box', 'box.2'), 'another look'],
    ]),
  )
  expect(readdirSync(folder).filter((name) => name.startsWith('.packed-'))).toEqual([])
})

test.each([
  ['beside minutes of its day', THIRD],
  ['alone', undefined],
])('a damaged pack %s is told of once in a run, and kept', async (_, loose) => {
  const name = await pack(FIRST, SECOND)
  truncateSync(join(folder, name), 50)
  if (loose) put(loose)
  for (const shipped of [loose ? 1 : 0, 0]) {
    const run = await ship()
    expect(run.shipped).toBe(shipped)
    expect(run.problems).toEqual([expect.stringContaining(name)])
  }
  expect(existsSync(join(folder, name))).toBe(true)
})

test.each([
  ['lately', -3_600_000],
  ['in what is the future now that the clock is right', 86_400_000],
])('what failed %s is forgotten once something is shipped', async (_, ms) => {
  const path = join(folder, '.ship-failures')
  const failed = new Date(BEGUN.getTime() + ms)
  writeFileSync(path, '9')
  utimesSync(path, failed, failed)
  put(FIRST)
  expect((await ship()).shipped).toBe(1)
  put(SECOND)
  expect((await ship(new Date(failed.getTime() + 1_000))).shipped).toBe(1)
})

test.each([
  ['a moment ago, and may not be whole', -4_000, 0],
  ['five seconds ago', -5_000, 1],
  ['while the clock was months ahead', 60 * 86_400_000, 1],
])('a file that was written %s', async (_, ms, count) => {
  put(FIRST)
  const written = new Date(BEGUN.getTime() + ms)
  utimesSync(join(folder, FIRST), written, written)
  expect((await ship()).shipped).toBe(count)
})
