import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import * as realFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { killedAtEveryStep } from '../../testing/mortal-fs.ts'
import { notingFs } from '../../testing/noting-fs.ts'
import { openBelow } from '../../testing/open-files.ts'
import { folderSpool, type SpoolFs } from './folder-spool.ts'

const PATH = 'poulailler/2026-11-22/20261122T0712Z-box.tsv'
const RECORDS = '.recorded-poulailler-2026-11-22'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-'))
})
afterEach(() => {
  expect(openBelow(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

const spool = (fs?: Partial<SpoolFs>) =>
  folderSpool({ folder, writer: '1', fs: { ...realFs, ...fs } })

/** Every file in the spool, dot names included, but for the memory of what was recorded. */
function files(): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.recorded-'))
    .map((entry) => entry.name)
}

/** What rclone does, five seconds later. */
function shipAll(): void {
  rmSync(join(folder, 'poulailler'), { recursive: true, force: true })
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: no luck`), { code })
}

test('a file is there under its name, and nothing else', async () => {
  expect(await spool().add(PATH, 'text\n')).toEqual({
    path: join(folder, PATH),
    outcome: 'written',
  })
  expect(readFileSync(join(folder, PATH), 'utf8')).toBe('text\n')
  expect(files()).toEqual(['20261122T0712Z-box.tsv'])
})

test('others may not read who was there', async () => {
  await spool().add(PATH, 'text\n')
  for (const path of [PATH, 'poulailler/2026-11-22', 'poulailler', RECORDS]) {
    expect(statSync(join(folder, path)).mode & 0o007, path).toBe(0)
  }
})

test('a file that is there is never replaced', async () => {
  await spool().add(PATH, 'first\n')
  expect(await spool().add(PATH, 'second\n')).toMatchObject({ outcome: 'already-there' })
  expect(readFileSync(join(folder, PATH), 'utf8')).toBe('first\n')
  expect(files()).toHaveLength(1)
})

test('a file that is shipped is not written again, by whomever', async () => {
  const watching = spool()
  await watching.add(PATH, 'first\n')
  shipAll()
  expect(await watching.add(PATH, 'second\n')).toMatchObject({ outcome: 'already-there' })
  const another = folderSpool({ folder, writer: '2' })
  expect(await another.add(PATH, 'third\n')).toMatchObject({ outcome: 'already-there' })
  expect(files()).toEqual([])
})

test('a clock that was ahead, or behind, only holds up the minutes it recorded', async () => {
  const ahead = 'poulailler/2028-02-01/20280201T0712Z-box.tsv'
  const behind = 'poulailler/2020-02-01/20200201T0712Z-box.tsv'
  for (const path of [ahead, behind, PATH]) {
    expect(await spool().add(path, 'x')).toMatchObject({ outcome: 'written' })
    shipAll()
  }
  for (const path of [ahead, behind, PATH]) {
    expect(await spool().add(path, 'y')).toMatchObject({ outcome: 'already-there' })
  }
  const minuteBefore = PATH.replace('0712Z', '0711Z')
  expect(await spool().add(minuteBefore, 'x')).toMatchObject({ outcome: 'written' })
})

test('of many scans at once exactly one wins, whole', async () => {
  const texts = Array.from({ length: 20 }, (_, index) => `${index}\n`.repeat(500))
  const added = await Promise.all(
    texts.map((text, index) => folderSpool({ folder, writer: `${index}` }).add(PATH, text)),
  )
  expect(added.filter(({ outcome }) => outcome === 'written')).toHaveLength(1)
  const winner = added.findIndex(({ outcome }) => outcome === 'written')
  expect(readFileSync(join(folder, PATH), 'utf8')).toBe(texts[winner])
  expect(files()).toHaveLength(1)
})

test('the spool itself is made when it is missing', async () => {
  const missing = folderSpool({ folder: join(folder, 'a/b'), writer: '1' })
  expect(await missing.add(PATH, 'x')).toMatchObject({ outcome: 'written' })
})

test("rclone removing the day's folder at the wrong moment only costs another try", async () => {
  expect(await spool({ link: removing(4) }).add(PATH, 'text\n')).toMatchObject({
    outcome: 'written',
  })
  expect(readFileSync(join(folder, PATH), 'utf8')).toBe('text\n')
})

test('a folder that goes each time it is made is told, after five tries', async () => {
  await expect(spool({ link: removing(5) }).add(PATH, 'text\n')).rejects.toThrow('ENOENT')
})

/** Removes what was made for a minute just before it is named, so many times. */
function removing(times: number): SpoolFs['link'] {
  let left = times
  return async (from, to) => {
    left -= 1
    if (left >= 0) rmSync(join(folder, 'poulailler'), { recursive: true })
    await realFs.link(from, to)
  }
}

test('a file that is shipped before its folder is synced was written all the same', async () => {
  const link: SpoolFs['link'] = async (from, to) => {
    await realFs.link(from, to)
    rmSync(join(folder, 'poulailler'), { recursive: true })
  }
  expect(await spool({ link }).add(PATH, 'text\n')).toMatchObject({ outcome: 'written' })
  expect(files()).toEqual([])
})

test('rclone takes the files of one scan only, of many at once in one minute', async () => {
  const open: SpoolFs['open'] = async (path, flags, mode) => {
    // The first to have written is named and shipped before the others come that far.
    if (String(path).endsWith('.tmp')) await new Promise((resolve) => setTimeout(resolve, delay()))
    return realFs.open(path, flags, mode)
  }
  let delayMs = 0
  const delay = () => (delayMs += 3)
  const shipped: string[] = []
  const link: SpoolFs['link'] = async (from, to) => {
    await realFs.link(from, to)
    shipped.push(readFileSync(to, 'utf8'))
    rmSync(to)
  }
  await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      folderSpool({ folder, writer: `${index}`, fs: { ...realFs, open, link } }).add(
        PATH,
        `${index}\n`,
      ),
    ),
  )
  expect(new Set(shipped).size).toBe(1)
})

test('a scan killed at any step: its minute, or that of the scan after it, is shipped; never both', async () => {
  const fates: string[] = []
  await killedAtEveryStep(
    () => {
      rmSync(folder, { recursive: true })
      mkdirSync(folder)
    },
    (fs) => folderSpool({ folder, writer: 'killed', fs }).add(PATH, 'killed\n'),
    async (step) => {
      const shipped = new Set<string>()
      const ship = () => {
        if (existsSync(join(folder, PATH))) shipped.add(readFileSync(join(folder, PATH), 'utf8'))
        shipAll()
      }
      ship()
      await folderSpool({ folder, writer: 'same minute' }).add(PATH, 'next\n')
      ship()
      for (const name of readdirSync(folder).filter((name) => name.endsWith('.tmp'))) age(name, 61)
      const later = PATH.replace('0712Z', '0830Z')
      await folderSpool({ folder, writer: 'later' }).add(later, 'later\n')
      ship()
      expect([step, shipped.size, files()]).toEqual([step, 1, []])
      fates.push([...shipped].join())
    },
  )
  // From one step on it is the killed scan's.
  expect(fates).toEqual([...fates].sort().reverse())
  expect(new Set(fates)).toEqual(new Set(['next\n', 'killed\n']))
})

test('what is on the disk when: the file, its claim, its name, the answer', async () => {
  const { fs, trail } = notingFs(folder)
  const steps = (minute: string) => [
    `write .20261122T${minute}Z-box.tsv.1-1.tmp`,
    `sync .20261122T${minute}Z-box.tsv.1-1.tmp`,
    'append .recorded-poulailler-2026-11-22',
    'datasync .recorded-poulailler-2026-11-22',
    'sync .',
    `link poulailler/2026-11-22/20261122T${minute}Z-box.tsv`,
    'sync poulailler/2026-11-22',
    `unlink .20261122T${minute}Z-box.tsv.1-1.tmp`,
  ]
  await spool(fs).add(PATH, 'text\n')
  expect(trail).toEqual(['sync .', 'sync poulailler', ...steps('0712')])
  trail.length = 0
  await spool(fs).add(PATH.replace('0712Z', '0713Z'), 'text\n')
  // The folder again: who made it may have been ended before it was on the disk.
  expect(trail).toEqual(['sync poulailler', ...steps('0713')])
})

test('a minute that is there, by whomever, is on the disk before that is told', async () => {
  const named: SpoolFs['link'] = async (from, to) => {
    await realFs.link(from, to)
    await realFs.link(from, to)
  }
  const { fs, trail } = notingFs(folder)
  expect(await spool({ ...fs, link: named }).add(PATH, 'text\n')).toMatchObject({
    outcome: 'already-there',
  })
  expect(trail.slice(-2)).toEqual([
    'sync poulailler/2026-11-22',
    'unlink .20261122T0712Z-box.tsv.1-1.tmp',
  ])
})

test.each([
  ['ENOSPC', 'the disk is full. To do: free space'],
  ['EDQUOT', 'the disk is full. To do: free space'],
  ['ENOTDIR', 'a file stands where a folder is needed. To do: move it'],
  ['EPERM', 'has no hard links. To do: set PROBE_SPOOL to a folder on ext4'],
  ['EROFS', 'the disk is read-only. To do: look for disk errors'],
  ['EACCES', 'the user of the probe may not. To do: give it'],
  ['EIO', 'EIO: no luck. To do: check the disk of'],
])('%s is told with what to do, and leaves nothing that is shipped', async (code, message) => {
  writeFileSync(join(folder, 'waiting.tsv'), 'an old minute')
  const link: SpoolFs['link'] = async () => {
    throw failure(code)
  }
  await expect(spool({ link }).add(PATH, 'text\n')).rejects.toThrow(message)
  expect(files().filter((name) => !name.startsWith('.'))).toEqual(['waiting.tsv'])
})

test('a disk that fills up in the middle of a file leaves no torn file', async () => {
  const open: SpoolFs['open'] = async (path, flags, mode) => {
    const file = await realFs.open(path, flags, mode)
    file.writeFile = async () => {
      await file.write('te')
      throw failure('ENOSPC')
    }
    return file
  }
  await expect(spool({ open }).add(PATH, 'text\n')).rejects.toThrow('the disk is full')
  expect(files()).toEqual([])
})

test('a file where the spool should be', async () => {
  writeFileSync(join(folder, 'poulailler'), '')
  await expect(spool().add(PATH, 'x')).rejects.toThrow('a file stands where a folder is needed')
})

test('what killed scans left is removed once it is dead for certain', async () => {
  mkdirSync(join(folder, '.rclone'))
  for (const [name, minutes] of [
    ['.20261122T0600Z-box.tsv.9.tmp', 61],
    ['.20261122T0610Z-box.tsv.9.tmp', 59],
    ['.packed-poulailler-2026-11-20-open-20261120T0800Z-3.gz.tmp', 61],
    ['.keep', 10_000],
    ['note.tmp', 10_000],
  ] as const) {
    writeFileSync(join(folder, name), 'half')
    age(name, minutes)
  }
  await spool().add(PATH, 'x')
  expect(files().sort()).toEqual([
    '.20261122T0610Z-box.tsv.9.tmp',
    '.keep',
    '20261122T0712Z-box.tsv',
    'note.tmp',
  ])
})

test('a minute is written, though what killed scans left can not be looked for', async () => {
  await spool().add(PATH, 'x')
  const readdir = async () => {
    throw failure('EIO')
  }
  const later = PATH.replace('0712Z', '0713Z')
  expect(await spool({ readdir }).add(later, 'y')).toMatchObject({ outcome: 'written' })
})

test('a minute that was claimed, but not named, is named by a later scan', async () => {
  const link: SpoolFs['link'] = async () => {
    throw failure('EIO')
  }
  const lost = 'poulailler/2026-11-21/20261121T2259Z-box.tsv'
  await expect(spool({ link }).add(lost, 'text\n')).rejects.toThrow('EIO')
  age('.20261121T2259Z-box.tsv.1-1.tmp', 61)
  await spool().add(PATH, 'x')
  expect(readFileSync(join(folder, lost), 'utf8')).toBe('text\n')
  expect(files().sort()).toEqual(['20261121T2259Z-box.tsv', '20261122T0712Z-box.tsv'])
})

test('a minute that was named, but not on the disk, is before its other name goes', async () => {
  const early = 'poulailler/2026-11-21/20261121T2259Z-box.tsv'
  const open: SpoolFs['open'] = async (path, flags, mode) => {
    if (flags === 'r' && String(path).endsWith('2026-11-21')) throw failure('EIO')
    return realFs.open(path, flags, mode)
  }
  await expect(spool({ open }).add(early, 'text\n')).rejects.toThrow('EIO')
  age('.20261121T2259Z-box.tsv.1-1.tmp', 61)
  const { fs, trail } = notingFs(folder)
  await spool(fs).add(PATH, 'x')
  expect(trail.indexOf('sync poulailler/2026-11-21')).toBe(
    trail.indexOf('unlink .20261121T2259Z-box.tsv.1-1.tmp') - 1,
  )
  expect(files().sort()).toEqual(['20261121T2259Z-box.tsv', '20261122T0712Z-box.tsv'])
})

/** Makes a file this many minutes old. */
function age(name: string, minutes: number): void {
  const then = Date.now() / 1000 - minutes * 60
  utimesSync(join(folder, name), then, then)
}

test.runIf(process.getuid?.() === 0)(
  "what root writes belongs to the spool's owner (needs root)",
  async () => {
    await realFs.chown(folder, 65_534, 65_534)
    await spool().add(PATH, 'x')
    const made = ['poulailler', 'poulailler/2026-11-22', PATH, '.recorded-poulailler-2026-11-22']
    for (const path of made) {
      expect(statSync(join(folder, path)).uid).toBe(65_534)
    }
  },
)
