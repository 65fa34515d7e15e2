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
import { folderSpool, type SpoolFs } from './folder-spool.ts'

const PATH = 'poulailler/2026-11-22/20261122T0712Z-box.tsv'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

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
  expect(statSync(join(folder, PATH)).mode & 0o007).toBe(0)
  expect(statSync(join(folder, 'poulailler/2026-11-22')).mode & 0o007).toBe(0)
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
  let removals = 0
  const link: SpoolFs['link'] = async (from, to) => {
    if (removals < 3) rmSync(join(folder, 'poulailler'), { recursive: true })
    removals += 1
    await realFs.link(from, to)
  }
  expect(await spool({ link }).add(PATH, 'text\n')).toMatchObject({ outcome: 'written' })
  expect(readFileSync(join(folder, PATH), 'utf8')).toBe('text\n')
})

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

/** The steps of a file's way to the disk, and what stops each: a kill, after which nothing happens. */
function killedAt(step: number) {
  let steps = 0
  const opened: realFs.FileHandle[] = []
  const alive = <Call extends (...args: never[]) => Promise<unknown>>(call: Call) =>
    (async (...args: never[]) => {
      steps += 1
      if (steps > step) return new Promise(() => undefined)
      const result = await call(...args)
      if (steps === step) killed()
      return result
    }) as unknown as Call
  let killed: () => void
  const death = new Promise<void>((resolve) => {
    killed = resolve
  })
  const open: SpoolFs['open'] = async (path, flags, mode) => {
    const file = await alive(realFs.open)(path, flags, mode)
    opened.push(file)
    for (const method of ['writeFile', 'appendFile', 'sync', 'datasync'] as const) {
      file[method] = alive(file[method].bind(file) as () => Promise<void>) as never
    }
    return file
  }
  const fs: SpoolFs = {
    ...realFs,
    open,
    mkdir: alive(realFs.mkdir as never) as never,
    link: alive(realFs.link),
    unlink: alive(realFs.unlink),
  }
  const bury = () => Promise.all(opened.map((file) => file.close()))
  return { fs, death, bury }
}

test('a scan killed at any step: its minute, or that of the scan after it, is shipped; never both', async () => {
  const fates: string[] = []
  for (let step = 1; ; step += 1) {
    const { fs, death, bury } = killedAt(step)
    const killed = folderSpool({ folder, writer: 'killed', fs }).add(PATH, 'killed\n')
    const end = await Promise.race([killed.then(() => 'ended' as const), death])
    await bury()
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
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    if (end === 'ended') break
  }
  // From one step on it is the killed scan's.
  expect(fates).toEqual([...fates].sort().reverse())
  expect(new Set(fates)).toEqual(new Set(['next\n', 'killed\n']))
})

/** Writes down what waits for the disk, and what gets its name. */
function noting(trail: string[]): Partial<SpoolFs> {
  return {
    open: async (path, flags, mode) => {
      const file = await realFs.open(path, flags, mode)
      for (const kind of ['sync', 'datasync'] as const) {
        const sync = file[kind].bind(file)
        file[kind] = async () => {
          trail.push(`${kind} ${String(path).slice(folder.length)}`)
          await sync()
        }
      }
      return file
    },
    link: async (from, to) => {
      trail.push('link')
      await realFs.link(from, to)
    },
  }
}

test('what is on the disk when: the file, its claim, its name, the answer', async () => {
  const trail: string[] = []
  const fs = noting(trail)
  await spool(fs).add(PATH, 'text\n')
  expect(trail).toEqual([
    'sync ',
    'sync /poulailler',
    'sync /.20261122T0712Z-box.tsv.1-1.tmp',
    'datasync /.recorded-poulailler-2026-11-22',
    'sync ',
    'link',
    'sync /poulailler/2026-11-22',
  ])
  trail.length = 0
  await spool(fs).add(PATH.replace('0712Z', '0713Z'), 'text\n')
  // The folders again: who made them may have been ended before they were on the disk.
  expect(trail).toEqual([
    'sync /poulailler',
    'sync /.20261122T0713Z-box.tsv.1-1.tmp',
    'datasync /.recorded-poulailler-2026-11-22',
    'sync ',
    'link',
    'sync /poulailler/2026-11-22',
  ])
})

test.each([
  ['ENOSPC', 'the disk is full. To do: free space'],
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
    ['.keep', 10_000],
  ] as const) {
    writeFileSync(join(folder, name), 'half')
    age(name, minutes)
  }
  await spool().add(PATH, 'x')
  expect(files().sort()).toEqual([
    '.20261122T0610Z-box.tsv.9.tmp',
    '.keep',
    '20261122T0712Z-box.tsv',
  ])
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
  const trail: string[] = []
  await spool(noting(trail)).add(PATH, 'x')
  expect(trail).toContain('sync /poulailler/2026-11-21')
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
