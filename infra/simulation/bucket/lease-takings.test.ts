import { expect, test } from 'vitest'
import { createBucket } from './bucket.ts'
import { watchLease } from './lease-takings.ts'

const NOW = Date.parse('2030-11-20T21:15:00Z')
const lease = (holder: string | null, lastsMs: number) =>
  Buffer.from(JSON.stringify({ holder, lastsMs, until: 'as its own clock says' }))

test.each([
  ['of another run that lasts', lease('at-run1', 1), lease('at-run2', 50_000), true],
  ['of another run that is over', lease('at-run1', 0), lease('at-run2', 50_000), false],
  ['of the same run', lease('at-run1', 60_000), lease('at-run1', 50_000), false],
  ['of nobody', lease(null, 60_000), lease('at-run2', 50_000), false],
  ['that is given back', lease('at-run1', 60_000), lease(null, 50_000), false],
])('the lease %s', (_, before, after, isTaken) => {
  const taken: string[] = []
  const bucket = watchLease(
    createBucket(() => NOW),
    () => NOW,
    (from, by) => taken.push(`${by} from ${from}`),
  )
  bucket.put('jobs/charging.json', before)
  bucket.put('jobs/charging.json', after)
  bucket.put('jobs/nightly.json', lease('at-run3', 50_000))
  expect(taken).toEqual(isTaken ? ['run2 from run1'] : [])
})
