import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalDay } from '@presences/shared'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { failedPostsIn } from './failed-posts.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-failed-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('one line a failure, by day, after what is there, in a folder that is made', async () => {
  const logs = join(folder, 'new/logs')
  let now = new Date('2026-11-20T21:15:04Z')
  const record = failedPostsIn(logs, 'Europe/Paris', () => now)
  const [friday, saturday] = ['2026-11-20', '2026-11-21'] as LocalDay[] as [LocalDay, LocalDay]
  await record({ email: 'ana@example.org', day: friday, amount: 0.5 }, 'answered 404\nnot found')
  now = new Date('2026-11-20T23:00:00Z')
  await record({ email: 'bob@example.org', day: friday, amount: 1 }, 'answered 503')
  await record({ email: 'bob@example.org', day: saturday, amount: 0 }, 'answered 503')
  expect(await readFile(join(logs, friday), 'utf8')).toBe(
    '2026-11-20T22:15:04+01:00\tana@example.org\t0.5\tanswered 404 not found\n' +
      '2026-11-21T00:00:00+01:00\tbob@example.org\t1.0\tanswered 503\n',
  )
  expect(await readFile(join(logs, saturday), 'utf8')).toBe(
    '2026-11-21T00:00:00+01:00\tbob@example.org\t0\tanswered 503\n',
  )
})

test('nothing in an e-mail or an answer reaches a terminal by it, or forges a cell or a line', async () => {
  const record = failedPostsIn(folder, 'Europe/Paris', () => new Date('2026-11-20T21:15:04Z'))
  const day = '2026-11-20' as LocalDay
  const email = 'ana\u{1b}]0;x\u{7}\t1.0\n2026@example.org'
  await record({ email, day, amount: 0.5 }, 'no AA:BB:CC:DD:EE:FF\u{9b}31m')
  expect(await readFile(join(folder, day), 'utf8')).toBe(
    '2026-11-20T22:15:04+01:00\tana\\u001b]0;x\\u0007\\u00091.0\\u000a2026@example.org\t0.5\tno AA:BB:…:FF\\u009b31m\n',
  )
})
