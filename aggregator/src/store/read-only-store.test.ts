import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { storeContract } from '../../testing/store-contract.ts'
import { createFolderStore } from './folder/folder-store.ts'
import { readOnly } from './read-only-store.ts'
import type { Store } from './store.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

async function newStore(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'read-only-'))
  folders.push(folder)
  return createFolderStore(folder)
}

storeContract('a read-only store', async () => readOnly(await newStore()))

test('shows what is underneath and what was written, and changes nothing underneath', async () => {
  const store = await newStore()
  for (const key of ['a/1', 'a/3', 'b/1']) await store.put(key, Buffer.from('underneath'))
  const before = await stateOf(store)
  const preview = readOnly(store)
  expect(preview.url).toBe(store.url)
  const read = await preview.get('a/1')
  for (const key of ['a/0', 'a/2', 'a/4', 'c/1']) await preview.put(key, Buffer.from('written'))
  const replaced = await preview.put('a/3', Buffer.from('written'))
  const matched = await preview.put('a/1', Buffer.from('x'), { ifMatch: read?.etag ?? '' })
  expect([replaced.outcome, matched.outcome]).toEqual(['written', 'written'])
  expect(await preview.put('b/1', Buffer.from('x'), { ifAbsent: true })).toEqual({
    outcome: 'conflict',
  })
  expect(await stateOf(preview)).toEqual({
    'a/0': 'written',
    'a/1': 'x',
    'a/2': 'written',
    'a/3': 'written',
    'a/4': 'written',
    'b/1': 'underneath',
    'c/1': 'written',
  })
  expect(await preview.folders('')).toEqual(['a', 'b', 'c'])
  expect(await stateOf(store)).toEqual(before)
})

test('a write does not follow the bytes it was given when they change later', async () => {
  const preview = readOnly(await newStore())
  const bytes = Buffer.from('one')
  await preview.put('a', bytes)
  bytes.write('two')
  const read = await preview.get('a')
  read?.bytes.fill(0)
  expect(Buffer.from((await preview.get('a'))?.bytes ?? []).toString()).toBe('one')
})

async function stateOf(store: Store): Promise<Record<string, string>> {
  const state: Record<string, string> = {}
  for await (const { key } of store.list('')) {
    state[key] = Buffer.from((await store.get(key))?.bytes ?? []).toString()
  }
  return state
}
