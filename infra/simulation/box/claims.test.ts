import { expect, test } from 'vitest'
import { isClaimed } from './claims.ts'
import { createDisk, newFile, newFolder } from './disk.ts'

const SPOOL = '/spool'
const PATH = 'poulailler/2030-11-20/20301120T0900Z-box.tsv'
const NAME = '20301120T0900Z-box.tsv'
const RECORDS = '.recorded-poulailler-2030-11-20'
const TEMPORARY = `.${NAME}.scan7-1.tmp`

/** A spool with two files, what is left of each after the last sync of `synced`. */
function claimed(records: string, synced: readonly ('records' | 'temporary' | 'spool')[]) {
  const disk = createDisk(() => 0)
  disk.name(SPOOL, newFolder(0))
  const files = { records: newFile(0), temporary: newFile(0) }
  disk.append(files.records, Buffer.from(records))
  disk.append(files.temporary, Buffer.from('# devices=0\n'))
  disk.name(`${SPOOL}/${RECORDS}`, files.records)
  disk.name(`${SPOOL}/${TEMPORARY}`, files.temporary)
  for (const each of synced) disk.sync(each === 'spool' ? disk.at(SPOOL) : files[each])
  return isClaimed(disk, SPOOL, PATH, 'scan7-1')
}

const ALL = ['records', 'temporary', 'spool'] as const

test.each([
  ['by nobody', '', ALL, false],
  ['by this scan', `${NAME} scan7-1\n`, ALL, true],
  ['by another one first', `${NAME} scan6-1\n${NAME} scan7-1\n`, ALL, false],
  ['by this one first', `${NAME} scan7-1\n${NAME} scan8-1\n`, ALL, true],
  ['and not on the disk', `${NAME} scan7-1\n`, ['temporary', 'spool'], false],
  ['with a file that is not', `${NAME} scan7-1\n`, ['records', 'spool'], false],
  ['with names that are not', `${NAME} scan7-1\n`, ['records', 'temporary'], false],
] as const)('a minute that is claimed %s', (_, records, synced, isSafe) => {
  expect(claimed(records, synced)).toBe(isSafe)
})
