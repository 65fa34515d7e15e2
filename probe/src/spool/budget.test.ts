import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { budgetedSpool, spoolBytes } from './budget.ts'
import { folderSpool } from './folder-spool.ts'
import { SpoolError } from './spool.ts'

const DAY = 'poulailler/2026-11-23'
const OPEN = `${DAY}/20261123T1200Z-box.tsv`
const CLOSED = `${DAY}/20261123T0200Z-box.tsv`
const BLOCK = 4096

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'budget-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function spool(maxBytes: number) {
  const inner = folderSpool({ folder, writer: '1' })
  return budgetedSpool(inner, { folder, maxBytes, timeZone: 'Europe/Paris' }, nodeFs)
}

/** So many files of a block each. */
function fill(files: number): void {
  const day = join(folder, 'poulailler/2026-11-01')
  mkdirSync(day, { recursive: true })
  for (let file = 0; file < files; file += 1) writeFileSync(join(day, `${file}.tsv`), 'x')
}

test.each([
  ['the last block, in opening hours', OPEN, 9, 10, true],
  ['one block too many', OPEN, 10, 10, false],
  ['the last block before the tenth kept for opening hours', CLOSED, 8, 10, true],
  ['closed hours, with a tenth left', CLOSED, 9, 10, false],
  ['an empty spool, too small for one file', OPEN, 0, 0.9, false],
])('%s', async (_, path, waiting, maxBlocks, isTaken) => {
  fill(waiting)
  const added = spool(maxBlocks * BLOCK).add(path, 'text\n')
  if (isTaken) expect(await added).toMatchObject({ outcome: 'written' })
  else await expect(added).rejects.toBeInstanceOf(SpoolError)
  expect(await spoolBytes(nodeFs, folder, 1)).toBe((waiting + (isTaken ? 1 : 0)) * BLOCK)
})

test('it says what is kept, what is lost, and what to do', async () => {
  fill(300)
  await expect(spool(1e6).add(OPEN, 'x')).rejects.toThrow(
    /^Can't record .*1200Z-box\.tsv: 1 MB wait .*of the 1 MB that PROBE_SPOOL_MAX_MB allows .*they are kept, this minute is lost\. To do: .*or raise PROBE_SPOOL_MAX_MB$/,
  )
})

test('a refused minute leaves nothing, and may be recorded once there is room', async () => {
  fill(10)
  await expect(spool(10 * BLOCK).add(OPEN, 'x')).rejects.toThrow()
  rmSync(join(folder, 'poulailler/2026-11-01/0.tsv'))
  expect(await spool(10 * BLOCK).add(OPEN, 'x')).toMatchObject({ outcome: 'written' })
})

test('packs count with their size, other dot names do not', async () => {
  writeFileSync(
    join(folder, '.packed-poulailler-2026-11-20-open-20261120T0800Z-3.gz'),
    'x'.repeat(4097),
  )
  writeFileSync(join(folder, '.recorded-poulailler-2026-11-20'), 'x'.repeat(9000))
  mkdirSync(join(folder, '.trash'))
  writeFileSync(join(folder, '.trash/file'), 'x')
  expect(await spoolBytes(nodeFs, folder, 1)).toBe(2 * BLOCK)
})

test('a spool that is not there yet is made', async () => {
  const missing = join(folder, 'missing')
  const inner = folderSpool({ folder: missing, writer: '1' })
  const added = budgetedSpool(
    inner,
    { folder: missing, maxBytes: 1e6, timeZone: 'Europe/Paris' },
    nodeFs,
  ).add(OPEN, 'x')
  expect(await added).toMatchObject({ outcome: 'written' })
})
