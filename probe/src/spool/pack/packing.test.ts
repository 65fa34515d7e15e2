/** Packing, unpacking, and what a kill between any two steps of them leaves. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { killedAfter, killedAtEveryStep } from '../../../testing/mortal-fs.ts'
import { notingFs } from '../../../testing/noting-fs.ts'
import { openBelow } from '../../../testing/open-files.ts'
import { readSpoolContents } from '../contents.ts'
import { endInterrupted } from './interrupted.ts'
import { decodePack, encodePack } from './pack-file.ts'
import { packMinutes } from './pack-minutes.ts'
import { packOldDays } from './pack-old-days.ts'
import { unpack } from './unpack.ts'

const DAY = 'poulailler/2026-11-20'
const NOW = new Date('2026-11-23T12:00:00Z')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'packing-'))
})
afterEach(() => {
  expect(openBelow(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

const contentOf = (path: string) =>
  `# devices=1 path=${path}\n2026-11-20T09:00:00+01:00\tAA:BB:CC:DD:EE:FF\n`
const minutes = (...times: string[]) => times.map((time) => `${DAY}/20261120T${time}Z-box.tsv`)
const SOME = minutes('0800', '0801', '0802')

function put(paths: readonly string[], text = contentOf): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text(path))
  }
  for (const path of paths) utimesSync(dirname(join(folder, path)), 1, 1)
}

const contents = () => readSpoolContents(nodeFs, folder)
const packAll = async (fs = nodeFs) => {
  const [first, ...rest] = (await contents()).minutes
  if (first) await packMinutes(fs, folder, [first, ...rest], 'open')
}
const unpackAll = async (fs = nodeFs) => {
  for (const pack of (await contents()).packs) await unpack(fs, folder, pack)
}
const old = (fs = nodeFs, isTimeOver = () => false) =>
  contents().then(({ minutes }) =>
    packOldDays(fs, minutes, { folder, timeZone: 'Europe/Paris', now: NOW, isTimeOver }),
  )

/** Each minute that waits with where it does: loose, or in which pack. */
async function whereabouts(): Promise<Map<string, string[]>> {
  const { minutes, packs } = await contents()
  const found = new Map<string, string[]>()
  const add = (path: string, bytes: Buffer, where: string) => {
    expect(bytes.toString()).toBe(contentOf(path))
    found.set(path, [...(found.get(path) ?? []), where])
  }
  for (const { path } of minutes) add(path, readFileSync(join(folder, path)), 'loose')
  for (const { file, location, day } of packs) {
    for (const { name, bytes } of decodePack(readFileSync(join(folder, file)))) {
      add(`${location}/${day}/${name}`, bytes, file)
    }
  }
  return found
}

/** Does `work` killed after each of its steps, on a spool of its own that `fill` fills. */
const atEveryKill = (
  fill: () => Promise<void> | void,
  work: (fs: typeof nodeFs) => Promise<unknown>,
  check: (step: number) => Promise<void>,
) => killedAtEveryStep(fillAnew(fill), work, check)

function fillAnew(fill: () => Promise<void> | void) {
  return async () => {
    empty()
    await fill()
  }
}

function empty(): void {
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
}

describe('killed between any two steps, each minute still waits', () => {
  test('packing: in its file, in the pack, or in both; after the next start in one', async () => {
    const steps = await atEveryKill(
      () => put(SOME),
      packAll,
      async () => {
        expect([...(await whereabouts()).keys()].sort()).toEqual(SOME)
        expect((await endInterrupted(nodeFs, folder, await contents())).problems).toEqual([])
        const after = await whereabouts()
        expect([...after.keys()].sort()).toEqual(SOME)
        for (const places of after.values()) expect(places).toHaveLength(1)
      },
    )
    expect(steps).toBeGreaterThan(12)
    expect((await contents()).minutes).toEqual([])
  })

  test('unpacking: the pack is there until all of its minutes are', async () => {
    const steps = await atEveryKill(
      async () => {
        put(SOME)
        await packAll()
      },
      unpackAll,
      async () => {
        const { minutes, packs } = await contents()
        expect(packs.length === 1 || minutes.length === SOME.length).toBe(true)
        expect((await endInterrupted(nodeFs, folder, await contents())).problems).toEqual([])
        const after = await whereabouts()
        expect([...after.keys()].sort()).toEqual(SOME)
        expect(new Set([...after.values()].map((places) => places.join()))).toHaveProperty(
          'size',
          1,
        )
        await unpackAll()
        expect((await contents()).minutes.map(({ path }) => path).sort()).toEqual(SOME)
      },
    )
    expect(steps).toBeGreaterThan(20)
    expect(readdirSync(folder)).toEqual(['poulailler'])
  })

  test('any minutes, packed and unpacked, killed anywhere: the same files', async () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(times, fc.nat(60), fc.nat(60), async (picked, packKill, unpackKill) => {
        empty()
        const clock = (at: number) =>
          `${Math.floor(at / 60)}`.padStart(2, '0') + `${at % 60}`.padStart(2, '0')
        const paths = minutes(...picked.map(clock)).sort()
        put(paths)
        for (const [work, kill] of [
          [old, packKill],
          [unpackAll, unpackKill],
        ] as const) {
          await killedAfter(kill, work)
          await endInterrupted(nodeFs, folder, await contents())
        }
        expect([...(await whereabouts()).keys()].sort()).toEqual(paths)
        await unpackAll()
        expect((await contents()).minutes.map(({ path }) => path).sort()).toEqual(paths)
      }),
      { numRuns: 40 },
    )
  })
})

describe('a minute in a pack and, with other bytes, beside it', () => {
  const [, PATH = ''] = SOME
  const OTHER = PATH.replace('-box.tsv', '-box.2.tsv')
  const prepare = async () => {
    put(SOME)
    await packAll()
    put([PATH], () => 'another\n')
  }
  const end = async (fs = nodeFs) => endInterrupted(fs, folder, await contents())
  const read = (path: string) => readFileSync(join(folder, path), 'utf8')

  test('both are kept under names of their own, killed between any two steps', async () => {
    const steps = await atEveryKill(prepare, end, async () => {
      await end()
      await unpackAll()
      expect((await contents()).minutes.map(({ path }) => path).sort()).toEqual(
        [...SOME, OTHER].sort(),
      )
      for (const path of SOME) expect(read(path)).toBe(contentOf(path))
      expect(read(OTHER)).toBe('another\n')
    })
    expect(steps).toBeGreaterThan(5)
  })

  test('it is told once', async () => {
    await prepare()
    expect((await end()).problems).toEqual([
      expect.stringMatching(/0801Z-box\.tsv was not what .* It is 20261120T0801Z-box\.2\.tsv now/),
    ])
    expect(await end()).toEqual({ problems: [], unread: new Set() })
  })

  test('a name that is taken is not taken away', async () => {
    await prepare()
    put([OTHER], () => 'a third\n')
    await end()
    expect(read(OTHER)).toBe('a third\n')
    expect(read(PATH.replace('-box.tsv', '-box.3.tsv'))).toBe('another\n')
  })

  test.each([59, 60, 64])('a probe with a name of %i letters', async (length) => {
    const long = PATH.replace('box', 'b'.repeat(length))
    put([long])
    await packAll()
    put([long], () => 'another\n')
    await end()
    await unpackAll()
    const { minutes, strangers } = await contents()
    expect([minutes.length, strangers]).toEqual([2, []])
  })
})

test('a minute of another day or location with such a name is not taken for the packed one', async () => {
  const [first = ''] = SOME
  const others = [first.replace('-20/', '-21/'), first.replace('poulailler', 'annexe')]
  const text = () => 'the same in all\n'
  put([first], text)
  await packAll()
  put(others, text)
  await endInterrupted(nodeFs, folder, await contents())
  expect((await contents()).minutes.map(({ path }) => path).sort()).toEqual(others.sort())
})

test('a minute of thousands of devices is packed whole', async () => {
  const [first = '', second = ''] = SOME
  const large = '2026-11-20T09:00:00+01:00\tAA:BB:CC:DD:EE:FF\n'.repeat(3000)
  put([first, second], (path) => (path === first ? large : contentOf(path)))
  await packAll()
  await unpackAll()
  expect(readFileSync(join(folder, first), 'utf8')).toBe(large)
  expect(readFileSync(join(folder, second), 'utf8')).toBe(contentOf(second))
})

test('a pack that holds fewer minutes than its name says is kept', async () => {
  put(SOME)
  await packAll()
  const [pack] = (await contents()).packs
  const file = join(folder, pack?.file ?? '')
  writeFileSync(file, gzipSync('{"pack":1}\n'))
  await expect(unpackAll()).rejects.toThrow('it holds 0 minute files, not 3')
  expect((await contents()).packs).toEqual([pack])
})

describe('what is on the disk before what is removed', () => {
  const pack = '.packed-poulailler-2026-11-20-open-20261120T0800Z-3.gz'
  const temporaries = SOME.map((path) => `.${basename(path)}.unpacked.tmp`)

  test('packing', async () => {
    put(SOME)
    const { fs, trail } = notingFs(folder)
    await packAll(fs)
    expect(trail).toEqual([
      `write ${pack}.tmp`,
      `sync ${pack}.tmp`,
      `link ${pack}`,
      'sync .',
      `unlink ${pack}.tmp`,
      ...SOME.map((path) => `unlink ${path}`),
    ])
  })

  test('unpacking', async () => {
    put(SOME)
    await packAll()
    const { fs, trail } = notingFs(folder)
    await unpackAll(fs)
    expect(trail).toEqual([
      ...temporaries.map((name) => `write ${name}`),
      ...temporaries.map((name) => `sync ${name}`),
      'sync poulailler',
      ...SOME.map((path) => `link ${path}`),
      `sync ${DAY}`,
      ...temporaries.map((name) => `unlink ${name}`),
      `unlink ${pack}`,
      'sync .',
    ])
  })

  test("ending what was interrupted: the pack's name, then another one for other bytes", async () => {
    const [first = '', second = ''] = SOME
    put(SOME)
    await packAll()
    put([first])
    put([second], () => 'another\n')
    const { fs, trail } = notingFs(folder)
    await endInterrupted(fs, folder, await contents())
    expect(trail).toEqual([
      'sync .',
      `unlink ${first}`,
      `link ${second.replace('box', 'box.2')}`,
      `sync ${DAY}`,
      `unlink ${second}`,
    ])
  })
})

test('nobody else may read a pack, nor what comes out of it', async () => {
  const modes = async () => {
    const { minutes, packs } = await contents()
    const paths = [...minutes.map(({ path }) => path), ...packs.map(({ file }) => file)]
    return paths.map((path) => statSync(join(folder, path)).mode & 0o777)
  }
  put(SOME)
  await packAll()
  expect(await modes()).toEqual([0o640])
  await unpackAll()
  expect(await modes()).toEqual([0o640, 0o640, 0o640])
})

test.runIf(process.getuid?.() === 0)(
  "what root packs and unpacks belongs to the spool's owner (needs root)",
  async () => {
    const owners = async () => {
      const { minutes, packs } = await contents()
      const paths = [...minutes.map(({ path }) => path), ...packs.map(({ file }) => file)]
      return new Set(paths.map((path) => statSync(join(folder, path)).uid))
    }
    put(SOME)
    await nodeFs.chown(folder, 65_534, 65_534)
    await packAll()
    expect(await owners()).toEqual(new Set([65_534]))
    await unpackAll()
    expect(await owners()).toEqual(new Set([65_534]))
  },
)

describe('what fails leaves things as they were', () => {
  const failing = (name: keyof typeof nodeFs, at: number) => {
    let calls = 0
    const call = Reflect.get(nodeFs, name) as (...args: unknown[]) => Promise<unknown>
    const failed = async (...args: unknown[]) => {
      calls += 1
      if (calls === at) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
      return call(...args)
    }
    return { ...nodeFs, [name]: failed } as typeof nodeFs
  }

  test.each(['open', 'readFile', 'link'] as const)('packing: %s', async (name) => {
    put(SOME)
    await expect(packAll(failing(name, 1))).rejects.toThrow('ENOSPC')
    expect((await contents()).packs).toEqual([])
    expect([...(await whereabouts()).keys()].sort()).toEqual(SOME)
    expect(readdirSync(folder)).toEqual(['poulailler'])
  })

  test.each([
    ['writeFile', 2],
    ['open', 2],
    ['link', 3],
    ['link', 1],
  ] as const)('unpacking: %s, call %i', async (name, at) => {
    put(SOME)
    await packAll()
    await expect(unpackAll(failing(name, at))).rejects.toThrow(
      /^Can't unpack .*\.packed-poulailler-.*: ENOSPC/,
    )
    const { minutes, packs } = await contents()
    expect([minutes, packs.length]).toEqual([[], 1])
    expect(readdirSync(folder).filter((file) => file.endsWith('.tmp'))).toEqual([])
  })

  test('a pack that does not give back the very files is not kept, they are', async () => {
    put(SOME)
    let readings = 0
    const other = join(folder, '.other')
    writeFileSync(other, contentOf(SOME[1] as string).replace('AA:BB', 'AB:BB'))
    const open: typeof nodeFs.open = async (path, ...rest) => {
      if (String(path).endsWith('0801Z-box.tsv')) readings += 1
      // A bit of the card flips between the two.
      const isFlipped = readings === 2 && String(path).endsWith('0801Z-box.tsv')
      return nodeFs.open(isFlipped ? other : path, ...rest)
    }
    await expect(packAll({ ...nodeFs, open })).rejects.toThrow('it does not come out of')
    expect((await contents()).packs).toEqual([])
    expect([...(await whereabouts()).keys()].sort()).toEqual(SOME)
  })

  test('a damaged pack is told and left alone', async () => {
    put(SOME)
    await packAll()
    const [pack] = (await contents()).packs
    const path = join(folder, pack?.file ?? '')
    writeFileSync(path, readFileSync(path).subarray(0, 50))
    await expect(unpackAll()).rejects.toThrow("Can't unpack")
    put(minutes('0900'))
    const { problems, unread } = await endInterrupted(nodeFs, folder, await contents())
    expect(problems).toEqual([expect.stringMatching(/^Can't read .*To do: check the disk/)])
    expect(unread).toEqual(new Set([pack?.file]))
    expect(statSync(path).size).toBe(50)
  })

  test('a file that is there with the same bytes is no obstacle', async () => {
    put(SOME)
    await packAll()
    put([SOME[1] as string])
    await unpackAll()
    expect((await contents()).packs).toEqual([])
    expect([...(await whereabouts()).entries()].sort()).toEqual(
      SOME.map((path) => [path, ['loose']]),
    )
  })

  test('a file that is there with other bytes is not replaced, nor is the pack lost', async () => {
    put(SOME)
    await packAll()
    put([SOME[1] as string], () => 'another\n')
    await expect(unpackAll()).rejects.toThrow('EEXIST')
    expect(readFileSync(join(folder, SOME[1] as string), 'utf8')).toBe('another\n')
    expect((await contents()).packs).toHaveLength(1)
    expect((await contents()).minutes).toHaveLength(1)
  })

  test('a name in a pack that is no minute file never becomes a path', async () => {
    const files = (async function* () {
      yield { name: '../../evil.tsv', bytes: Buffer.from('') }
    })()
    writeFileSync(
      join(folder, '.packed-poulailler-2026-11-20-open-20261120T0800Z-1.gz'),
      await encodePack(files, 1),
    )
    await expect(unpackAll()).rejects.toThrow('no minute file')
  })
})

describe('which days are packed', () => {
  test.each([
    ['2026-11-20', 1],
    ['2026-11-21', 0],
    ['2026-11-22', 0],
    ['2026-11-23', 0],
    ['2026-11-24', 0],
  ])('%s, seen from noon of the 23rd: %i', async (day, packed) => {
    put([`poulailler/${day}/${day.replaceAll('-', '')}T0900Z-box.tsv`])
    expect(await old()).toBe(packed)
  })

  test.each([
    ['an hour ago', -3_600_000, 0],
    ['23 h 59 min ago', -86_340_000, 0],
    ['a day ago', -86_400_000, 3],
    ['in an hour, by a clock that was ahead', 3_600_000, 0],
    ['in a year, by a clock that was ahead', 366 * 86_400_000, 3],
  ])('a folder that changed %s', async (_, ms, packed) => {
    put(SOME)
    const changed = new Date(NOW.getTime() + ms)
    utimesSync(join(folder, DAY), changed, changed)
    expect(await old()).toBe(packed)
  })

  test("opening hours apart from the others, in the room's time", async () => {
    put(minutes('0659', '0700', '2059', '2100'))
    expect(await old()).toBe(4)
    expect((await contents()).packs.map(({ file }) => file).sort()).toEqual([
      '.packed-poulailler-2026-11-20-closed-20261120T0659Z-2.gz',
      '.packed-poulailler-2026-11-20-open-20261120T0700Z-2.gz',
    ])
  })

  test('a day at a time, the oldest first, while there is time', async () => {
    put([
      ...SOME,
      'poulailler/2026-11-19/20261119T0900Z-box.tsv',
      'annexe/2026-11-20/20261120T0900Z-b.tsv',
    ])
    expect(await old(nodeFs, () => true)).toBe(1)
    expect((await contents()).packs.map(({ day }) => day)).toEqual(['2026-11-19'])
    expect(await old()).toBe(4)
    expect((await contents()).minutes).toEqual([])
  })

  const failing = (day: string, code: string) => {
    const open: typeof nodeFs.open = async (path, ...rest) => {
      if (String(path).includes(`/${day}/`)) throw Object.assign(new Error(code), { code })
      return nodeFs.open(path, ...rest)
    }
    return { ...nodeFs, open } as typeof nodeFs
  }
  const TWO_DAYS = ['poulailler/2026-11-19/20261119T0900Z-box.tsv', ...SOME]

  test('a day with a file that can not be read is told, and holds up no other', async () => {
    put(TWO_DAYS)
    await expect(old(failing('2026-11-19', 'EIO'))).rejects.toThrow('EIO')
    const { minutes, packs } = await contents()
    expect(minutes.map(({ path }) => path)).toEqual(TWO_DAYS.slice(0, 1))
    expect(packs.map(({ day }) => day)).toEqual(['2026-11-20'])
  })

  test('a day that can not be packed counts for the time there is', async () => {
    put(TWO_DAYS)
    await expect(old(failing('2026-11-19', 'EIO'), () => true)).rejects.toThrow('EIO')
    expect((await contents()).packs).toEqual([])
  })

  test.each(['ENOSPC', 'EDQUOT', 'EROFS'])('no day is tried after %s', async (code) => {
    put(TWO_DAYS)
    await expect(old(failing('2026-11-19', code))).rejects.toThrow(code)
    expect((await contents()).packs).toEqual([])
  })

  test('a late file of a packed day goes into a pack of its own', async () => {
    put(SOME)
    await old()
    put(minutes('0810'))
    expect(await old()).toBe(1)
    expect([...(await whereabouts()).keys()].sort()).toEqual([...SOME, ...minutes('0810')])
  })
})
