import { expect, test } from 'vitest'
import { createBucket } from './bucket.ts'
import { watchLease } from './lease-takings.ts'

const NOW = Date.parse('2030-11-20T21:15:00Z')
const lease = (holder: string | null, until: string) =>
  Buffer.from(JSON.stringify({ holder, until: `2030-11-20T${until}Z` }))

test.each([
  ['of another run that lasts', lease('at-run1', '21:15:01'), lease('at-run2', '21:21:00'), true],
  [
    'of another run that is over',
    lease('at-run1', '21:15:00'),
    lease('at-run2', '21:21:00'),
    false,
  ],
  ['of the same run', lease('at-run1', '21:16:00'), lease('at-run1', '21:21:00'), false],
  ['of nobody', lease(null, '21:16:00'), lease('at-run2', '21:21:00'), false],
  ['that is given back', lease('at-run1', '21:16:00'), lease(null, '21:21:00'), false],
])('the lease %s', (_, before, after, isTaken) => {
  const taken: string[] = []
  const bucket = watchLease(
    createBucket(() => NOW),
    () => NOW,
    (from, by) => taken.push(`${by} from ${from}`),
  )
  bucket.put('jobs/charging.json', before)
  bucket.put('jobs/charging.json', after)
  bucket.put('jobs/nightly.json', lease('at-run3', '21:21:00'))
  expect(taken).toEqual(isTaken ? ['run2 from run1'] : [])
})
