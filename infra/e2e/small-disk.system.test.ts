/**
 * The spool on a real file system that fills up, or becomes read-only: loud, nothing old is lost, nothing is torn, and it
 * goes on by itself.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, utimesSync } from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSpoolContents } from '@presences/probe/spool/contents.ts'
import { folderSpool } from '@presences/probe/spool/folder-spool.ts'
import { packOldDays } from '@presences/probe/spool/pack/pack-old-days.ts'
import { unpack } from '@presences/probe/spool/pack/unpack.ts'
import { encodeMinuteFile, instantOf, macFromBits } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { missingOf, titleOf } from '../lan/requirements.ts'

const KILOBYTES = 400
const FIRST = Date.UTC(2025, 10, 18, 8) / 60_000
const macs = Array.from({ length: 100 }, (_, index) => macFromBits(index * 7_919_000_003))

const missing = missingOf({ programs: ['mount', 'umount'], root: true }) ?? whyNoMount()

describe.skipIf(missing)(titleOf(`a disk of ${KILOBYTES} kB`, missing), () => {
  let folder: string
  let written: number
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'presences-disk-'))
    mountSmall(folder)
    written = 0
  })
  afterEach(() => {
    execFileSync('umount', [folder])
    rmdirSync(folder)
  })

  test('full: the minute is refused, old ones are kept whole, and it goes on once there is room', async () => {
    await fill()
    await expect(record()).rejects.toThrow(/: the disk is full\. To do: free space/)
    await expectWhole(written)

    await nodeFs.unlink(join(folder, pathOf(FIRST)))
    await record()
    await expectWhole(written, FIRST + 1)
  })

  test('full: nothing is packed, or it is packed whole; either way no minute is lost', async () => {
    await fill()
    const { minutes } = await readSpoolContents(nodeFs, folder)
    utimesSync(join(folder, 'poulailler/2025-11-18'), 0, 0)
    const options = { folder, timeZone: 'Europe/Paris', isTimeOver: () => false }
    const packed = await packOldDays(nodeFs, minutes, { ...options, now: new Date() }).catch(
      (cause: NodeJS.ErrnoException) => cause.code,
    )
    expect([written, 'ENOSPC']).toContain(packed)
    const { packs } = await readSpoolContents(nodeFs, folder)
    expect(packs).toHaveLength(packed === written ? 1 : 0)
    for (const pack of packs) await unpack(nodeFs, folder, pack)
    await expectWhole(written)
  })

  test('no room to unpack: what was unpacked is taken back, the pack stays', async () => {
    for (let minute = 0; minute < 20; minute += 1) await record()
    utimesSync(join(folder, 'poulailler/2025-11-18'), 0, 0)
    const { minutes } = await readSpoolContents(nodeFs, folder)
    const options = { folder, timeZone: 'Europe/Paris', isTimeOver: () => false }
    expect(await packOldDays(nodeFs, minutes, { ...options, now: new Date() })).toBe(20)
    await nodeFs.writeFile(join(folder, '.ballast'), Buffer.alloc(KILOBYTES * 1000 - 60_000))

    const [pack] = (await readSpoolContents(nodeFs, folder)).packs
    if (!pack) throw new Error('no pack')
    await expect(unpack(nodeFs, folder, pack)).rejects.toThrow('ENOSPC')
    expect(await readSpoolContents(nodeFs, folder)).toMatchObject({ minutes: [], packs: [pack] })

    await nodeFs.unlink(join(folder, '.ballast'))
    await unpack(nodeFs, folder, pack)
    await expectWhole(20)
  })

  test('read-only: the minute is refused, old ones are kept, and it goes on once it is not', async () => {
    await record()
    execFileSync('mount', ['-o', 'remount,ro', folder])
    await expect(record()).rejects.toThrow(/: the disk is read-only\. To do: look for disk errors/)
    await expectWhole(1)
    execFileSync('mount', ['-o', 'remount,rw', folder])
    await record()
    await expectWhole(2)
  })

  async function record(): Promise<void> {
    const minute = FIRST + written
    const spool = folderSpool({ folder, writer: `w${minute}` })
    await spool.add(pathOf(minute), textOf(minute))
    written += 1
  }

  /** Until the disk takes no more. */
  async function fill(): Promise<void> {
    for (;;) {
      try {
        await record()
      } catch {
        expect(written).toBeGreaterThan(20)
        return
      }
    }
  }

  /** All minutes from `first` on, byte for byte, and nothing half written. */
  async function expectWhole(count: number, first = FIRST): Promise<void> {
    const { minutes, strangers } = await readSpoolContents(nodeFs, folder)
    const expected = Array.from({ length: FIRST + count - first }, (_, at) => pathOf(first + at))
    expect(minutes.map(({ path }) => path).sort()).toEqual(expected)
    expect(strangers).toEqual([])
    for (const { path, minute } of minutes) {
      expect(readFileSync(join(folder, path), 'utf8')).toBe(textOf(minute))
    }
  }
})

function pathOf(minute: number): string {
  const stamp = instantOf(minute).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')
  return `poulailler/2025-11-18/${stamp}Z-box.tsv`
}

function textOf(minute: number): string {
  return encodeMinuteFile({ instant: instantOf(minute), macs, meta: {} }, 'Europe/Paris')
}

function mountSmall(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${KILOBYTES}k`, 'presences', folder], {
    stdio: 'pipe',
  })
}

/** Root of a container may not mount. */
function whyNoMount(): string | undefined {
  const folder = join(tmpdir(), `presences-mount-${process.pid}`)
  mkdirSync(folder)
  try {
    mountSmall(folder)
    execFileSync('umount', [folder])
    return undefined
  } catch {
    return 'needs the right to mount'
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
