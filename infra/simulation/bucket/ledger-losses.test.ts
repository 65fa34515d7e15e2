import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { createBucket } from './bucket.ts'
import { watchLedgers } from './ledger-losses.ts'

const KEY = 'ledger/2026-11-20.json.gz'
const entry = (id: string, outcome?: string) => ({ run: { id }, email: 'ana@example.org', outcome })

test.each([
  ['one more', [entry('1')], [entry('1'), entry('2')], false],
  ['gone further', [entry('1', 'intended')], [entry('1', 'posted')], false],
  ['gone', [entry('1'), entry('2')], [entry('2')], true],
  ['gone back', [entry('1', 'posted')], [entry('1', 'intended')], true],
])('an entry that is %s', (_, before, now, isLost) => {
  const lost: string[] = []
  const bucket = watchLedgers(
    createBucket(() => 0),
    (day) => lost.push(day),
  )
  bucket.put(KEY, gzipSync(JSON.stringify({ entries: before })))
  bucket.put(KEY, gzipSync(JSON.stringify({ entries: now })))
  expect(lost).toEqual(isLost ? ['2026-11-20'] : [])
})
