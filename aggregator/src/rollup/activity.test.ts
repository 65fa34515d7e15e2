import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalDay } from '@presences/shared'
import { expect, onTestFinished, test } from 'vitest'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Activity, isExpected, readActivity } from './activity.ts'

const activity: Activity = new Map([['a', new Set(['2026-11-06' as LocalDay])]])

test.each([
  ['a', '2026-11-05', false],
  ['a', '2026-11-06', true],
  ['a', '2026-11-20', true],
  ['a', '2026-11-21', false],
  ['b', '2026-11-06', false],
])('%s on %s: %s', (location, day, expected) => {
  expect(isExpected(activity, location, day as LocalDay)).toBe(expected)
})

test('the days of minute files are read of each location; other names and old day files are none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'presences-activity-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const store = createFolderStore(folder)
  for (const key of [
    'presences/a/2026-11-06/x.tsv',
    'presences/a/2026-11-08/x.tsv',
    'presences/a/2026-11-07',
    'presences/a/2026-02-30/x.tsv',
    'presences/b/2026-11-09/x.tsv',
    'presences/not-asked/2026-11-06/x.tsv',
  ]) {
    await store.put(key, Buffer.from(''))
  }
  expect(await readActivity(store, ['b', 'a', 'none'])).toEqual(
    new Map([
      ['b', new Set(['2026-11-09'])],
      ['a', new Set(['2026-11-06', '2026-11-08'])],
      ['none', new Set()],
    ]),
  )
})
