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
import * as realFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folderSpool, type SpoolFs } from './spool.ts'

const PATH = 'poulailler/2026-11-22/20261122T0712Z-box.tsv'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const spool = (fs?: Partial<SpoolFs>) =>
  folderSpool({ folder, writer: '1', fs: { ...realFs, ...fs } })

/** Every file in the spool, dot names included. */
function files(): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
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

test('what is on the disk when: the file before its name, its name before the answer', async () => {
  const trail: string[] = []
  const fs: Partial<SpoolFs> = {
    open: async (path, flags, mode) => {
      const file = await realFs.open(path, flags, mode)
      const sync = file.sync.bind(file)
      file.sync = async () => {
        trail.push(`sync ${String(path).slice(folder.length)}`)
        await sync()
      }
      return file
    },
    link: async (from, to) => {
      trail.push('link')
      await realFs.link(from, to)
    },
  }
  await spool(fs).add(PATH, 'text\n')
  expect(trail).toEqual([
    'sync /.20261122T0712Z-box.tsv.1.tmp',
    'link',
    'sync /poulailler/2026-11-22',
    'sync ',
    'sync /poulailler',
  ])
})

test.each([
  ['ENOSPC', 'the disk is full. To do: free space'],
  ['EROFS', 'the disk is read-only. To do: look for disk errors'],
  ['EACCES', 'the user of the probe may not. To do: give it'],
  ['EIO', 'EIO: no luck. To do: check the disk of'],
])('%s is told with what to do, and leaves nothing behind', async (code, message) => {
  writeFileSync(join(folder, 'waiting.tsv'), 'an old minute')
  const link: SpoolFs['link'] = async () => {
    throw failure(code)
  }
  await expect(spool({ link }).add(PATH, 'text\n')).rejects.toThrow(message)
  expect(files()).toEqual(['waiting.tsv'])
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
    const then = Date.now() / 1000 - minutes * 60
    utimesSync(join(folder, name), then, then)
  }
  await spool().add(PATH, 'x')
  expect(files().sort()).toEqual([
    '.20261122T0610Z-box.tsv.9.tmp',
    '.keep',
    '20261122T0712Z-box.tsv',
  ])
})

test.runIf(process.getuid?.() === 0)(
  "what root writes belongs to the spool's owner (needs root)",
  async () => {
    await realFs.chown(folder, 65_534, 65_534)
    await spool().add(PATH, 'x')
    for (const path of ['poulailler', 'poulailler/2026-11-22', PATH]) {
      expect(statSync(join(folder, path)).uid).toBe(65_534)
    }
  },
)
