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
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openBelow } from '../../testing/open-files.ts'
import { readSpoolContents } from '../spool/contents.ts'
import { packMinutes } from '../spool/pack/pack-minutes.ts'
import { type ShipDeps, shipSpool } from './ship-spool.ts'

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
afterEach(() => {
  expect(openBelow(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

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

function ship(begun = BEGUN, parts: Partial<ShipDeps> = {}) {
  return shipSpool(begun, {
    folder,
    timeZone: 'Europe/Paris',
    maxBytes: 512e6,
    fs: nodeFs,
    isForced: false,
    stop: new AbortController().signal,
    elapsedMs: () => 0,
    bucket: { configPath: '/none', move },
    ...parts,
  })
}

/** A bucket that takes nothing but the paths it is told. */
function refusing(takes: (path: string) => boolean = () => false): Partial<ShipDeps> {
  const some = async (paths: readonly string[]) => {
    const taken = await move(paths.filter(takes))
    const errors = paths.filter((path) => !takes(path)).map((path) => `ERROR : ${path}: 403\n`)
    return { ...taken, log: taken.log + errors.join('').replaceAll('403', 'status code: 403') }
  }
  return { bucket: { configPath: '/none', move: some } }
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

const after = (ms: number) => new Date(BEGUN.getTime() + ms)

test('a bucket that fails is left alone for longer each time; one success, and it is tried at once', async () => {
  put(FIRST)
  let now = BEGUN
  for (const minutes of [1, 2, 4]) {
    expect(await ship(now, refusing())).toMatchObject({ reasons: [expect.any(String)] })
    const until = new Date(now.getTime() + minutes * 60_000 - 10_000)
    expect((await ship(new Date(until.getTime() - 1))).backOff?.until).toEqual(until)
    now = until
  }
  expect(await ship(now)).toMatchObject({ shipped: 1 })
  put(SECOND)
  await ship(now, refusing())
  // As after the first failure of all.
  expect((await ship(now)).backOff).toMatchObject({ failures: 1 })
})

test('who asks for it does not wait, and their failure counts', async () => {
  put(FIRST)
  await ship(BEGUN, refusing())
  await ship(after(1_000), { ...refusing(), isForced: true })
  expect((await ship(after(2_000))).backOff?.failures).toBe(2)
  expect(await ship(after(3_000), { isForced: true })).toMatchObject({ shipped: 1 })
})

test('one file that is refused makes nobody wait for the others', async () => {
  for (const path of [FIRST, SECOND]) put(path)
  const onlyFirst = refusing((path) => path === FIRST)
  expect(await ship(BEGUN, onlyFirst)).toMatchObject({ shipped: 1, reasons: [expect.any(String)] })
  put(THIRD)
  const others = refusing((path) => path !== SECOND)
  expect(await ship(after(1_000), others)).toMatchObject({ shipped: 1 })
})

describe('days that are over are packed', () => {
  const OLD = 'poulailler/2026-11-19/20261119T0800Z-box.tsv'
  const RECENT = 'poulailler/2026-11-23/20261123T1100Z-box.tsv'
  beforeEach(() => {
    for (const path of [OLD, FIRST, RECENT]) put(path)
    for (const path of [OLD, FIRST]) utimesSync(dirname(join(folder, path)), 1, 1)
  })
  /** Two files stay, each taken to be of two blocks. */
  const halfOf = (blocks: number) => ({ maxBytes: blocks * 2 * 4096 })
  const onlyRecent = refusing((path) => path === RECENT)

  test.each<[string, Partial<ShipDeps>, number]>([
    ['while nothing can be shipped', refusing(), 2],
    ['while nobody tells where to', { bucket: undefined }, 2],
    ['not while something is', onlyRecent, 0],
    ['but when the spool is more than half full', { ...onlyRecent, ...halfOf(3) }, 2],
    ['and not when it is just half full', { ...onlyRecent, ...halfOf(4) }, 0],
    ['one of them in a run that is told to end', { ...refusing(), stop: AbortSignal.abort() }, 1],
  ])('%s', async (_, parts, packed) => {
    expect((await ship(BEGUN, parts)).packed).toBe(packed)
  })

  test.each([
    [15_000, 2],
    [15_001, 1],
  ])('in a run of %i ms: %i', async (ms, packed) => {
    let calls = 0
    const elapsedMs = () => (calls++ === 0 ? 0 : ms)
    expect((await ship(BEGUN, { ...refusing(), elapsedMs })).packed).toBe(packed)
  })
})

test.each([
  ['a day ago', -86_400_000, true],
  ['longer ago', -86_400_001, false],
])('a folder that was emptied %s: there is %s', async (_, ms, isThere) => {
  const emptied = join(folder, DAY)
  mkdirSync(emptied, { recursive: true })
  mkdirSync(join(folder, '.hidden/folder'), { recursive: true })
  for (const path of [emptied, dirname(emptied), join(folder, '.hidden/folder')]) {
    utimesSync(path, after(ms), after(ms))
  }
  await ship()
  expect(existsSync(emptied)).toBe(isThere)
  expect(existsSync(join(folder, '.hidden/folder'))).toBe(true)
})
