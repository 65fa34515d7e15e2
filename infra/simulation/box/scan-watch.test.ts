import { SpoolError } from '@presences/probe/spool/spool.ts'
import { expect, test } from 'vitest'
import { instantAt } from '../civil-time.ts'
import { diskError } from './disk.ts'
import { BLIND_SCANS, createScanWatch } from './scan-watch.ts'

const DAY = '2030-10-22'
const NEXT = '2030-10-23'
const written = { outcome: 'written', path: '', devices: 0, problems: [] } as const
const declined = { outcome: 'not-looking', problems: [] } as const

function watched(...scans: readonly (readonly [string, 'written' | 'declined' | Error])[]) {
  const watch = createScanWatch()
  for (const [day, made] of scans) {
    const record = made === 'written' ? written : declined
    watch.ended(instantAt(day, 600), made instanceof Error ? made : record, true)
  }
  return watch.failures()
}

test.each([
  ['ENOSPC', 0],
  ['EIO', 0],
  ['EROFS', 0],
  ['EACCES', 1],
  ['ENOENT', 1],
])('a scan whose spool failed with %s is %i failures', (code, count) => {
  const failed = new SpoolError("Can't write", { cause: diskError(code, 'a file') })
  expect(watched([DAY, failed])).toHaveLength(count)
})

test.each([
  ['of the program', new TypeError('x is not a function')],
  ['of the spool without a cause', new SpoolError("Can't write")],
  ['of the disk that nobody put into words', diskError('ENOSPC', 'a file')],
])('an error %s is a failure, of any day', (_, error) => {
  expect(watched([DAY, error], [NEXT, 'written'])).toEqual([
    { day: DAY, what: expect.stringContaining('a scan failed: ') },
  ])
})

const declinedFor = (scans: number) =>
  Array.from({ length: scans }, () => [DAY, 'declined'] as const)

test('a box that records nothing for many scans on end is blind: told once', () => {
  expect(watched(...declinedFor(BLIND_SCANS - 1))).toEqual([])
  expect(watched(...declinedFor(3 * BLIND_SCANS))).toEqual([
    { day: DAY, what: `${BLIND_SCANS} scans on end were not recorded` },
  ])
})

test('one scan that is recorded shows that it sees', () => {
  const half = declinedFor(BLIND_SCANS - 1)
  expect(watched(...half, [DAY, 'written'], ...half)).toEqual([])
})

test('of a box without its cable only errors of the program are failures', () => {
  const watch = createScanWatch()
  const at = instantAt(DAY, 600)
  watch.ended(at, declined, false)
  expect(watch.failures()).toEqual([])
  watch.ended(at, new TypeError('x is not a function'), false)
  expect(watch.failures()).toHaveLength(1)
})
