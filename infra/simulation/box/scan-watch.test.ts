import { SpoolError } from '@presences/probe/spool/spool.ts'
import { expect, test } from 'vitest'
import { instantAt } from '../civil-time.ts'
import { diskError } from './disk.ts'
import { createScanWatch } from './scan-watch.ts'

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

test.each([
  ['half of the last day', ['written', 'declined'], 0],
  ['less than half of it', ['written', 'declined', 'declined'], 1],
  ['nothing', ['declined'], 1],
] as const)('a box that recorded %s', (_, scans, count) => {
  expect(watched(...scans.map((made) => [NEXT, made] as const))).toHaveLength(count)
})

test('of the days before the last one nothing is asked', () => {
  expect(watched([DAY, 'declined'], [DAY, 'declined'], [NEXT, 'written'])).toEqual([])
})

test('of a box without its cable only errors of the program are failures', () => {
  const watch = createScanWatch()
  const at = instantAt(DAY, 600)
  watch.ended(at, declined, false)
  expect(watch.failures()).toEqual([])
  watch.ended(at, new TypeError('x is not a function'), false)
  expect(watch.failures()).toHaveLength(1)
})
