import { SpoolError } from '@presences/probe/spool/spool.ts'
import { expect, test } from 'vitest'
import { instantAt } from '../runtime/civil-time.ts'
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

test.each([
  ['three quarters of the last day', ['written', 'written', 'declined', 'written'], 0],
  ['less than that', ['written', 'declined', 'written'], 1],
  ['nothing', ['declined'], 1],
] as const)('a box that recorded %s', (_, scans, count) => {
  expect(watched(...scans.map((made) => [NEXT, made] as const))).toHaveLength(count)
})

test('of the days before the last one such a share is not asked', () => {
  expect(watched([DAY, 'declined'], [DAY, 'declined'], [NEXT, 'written'])).toEqual([])
})

test('a box that records nothing for many scans on end is blind: told once', () => {
  expect(watched(...declinedFor(BLIND_SCANS - 1), [NEXT, 'written'])).toEqual([])
  expect(watched(...declinedFor(3 * BLIND_SCANS), [NEXT, 'written'])).toEqual([
    { day: DAY, what: `${BLIND_SCANS} scans on end were not recorded` },
  ])
})

test('one scan that is recorded shows that it sees', () => {
  const half = declinedFor(BLIND_SCANS - 1)
  expect(watched(...half, [DAY, 'written'], ...half, [NEXT, 'written'])).toEqual([])
})

test('of a box without its cable only errors of the program are failures', () => {
  const watch = createScanWatch()
  const at = instantAt(DAY, 600)
  watch.ended(at, declined, false)
  expect(watch.failures()).toEqual([])
  watch.ended(at, new TypeError('x is not a function'), false)
  expect(watch.failures()).toHaveLength(1)
})

const ran = (problems: string[], strangers: string[] = []) =>
  ({ shipped: 0, reasons: [], problems, waiting: 0, packed: 0, strangers }) as const

test.each([
  ['that went well', ran([]), 0],
  ['that the disk stopped', ran(["Can't pack old minutes: ENOSPC: a file. To do: free space"]), 0],
  ['that threw for the disk', diskError('EROFS', 'a file'), 0],
  ['with a pack that is none', ran(["Can't read /var/spool/.packed-a: incorrect header check"]), 1],
  ['that threw of itself', new TypeError('x is not a function'), 1],
  ['that met what nobody put there', ran([], ['poulailler/notes.txt']), 1],
])('a run of shipping %s', (_, run, count) => {
  const watch = createScanWatch()
  watch.shipped(instantAt(DAY, 600), run)
  expect(watch.failures()).toHaveLength(count)
})
