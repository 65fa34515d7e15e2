import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFolderStore } from './folder/folder-store.ts'
import { type Store, StoreError } from './store.ts'
import { type Mergeable, writeMerged } from './write-merged.ts'

const KEY = 'ledger/day'

/** A set of words, in a comma list. */
const words: Mergeable<readonly string[]> = {
  encode: (value) => Buffer.from(value.join(',')),
  decode: (bytes) => Buffer.from(bytes).toString().split(','),
  merge: (a, b) => [...new Set([...a, ...b])].sort(),
  includes: (whole, part) => part.every((word) => whole.includes(word)),
}

let folder: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-merged-'))
  store = createFolderStore(folder)
})
afterEach(() => rm(folder, { recursive: true }))

describe.each(['honours', 'refuses'] as const)('on a server that %s conditions', (what) => {
  const server = (): Store => ({
    ...store,
    put: async (key, bytes, condition) =>
      condition && what === 'refuses'
        ? { outcome: 'unsupported' }
        : store.put(key, bytes, condition),
  })

  test('what others wrote since it was read, and then ended, is not lost', async () => {
    await store.put(KEY, words.encode(['theirs']))
    const mine = { value: ['mine'], etag: undefined }
    const written = await writeMerged(server(), KEY, mine, words)
    expect(written.value).toEqual(['mine', 'theirs'])
    expect(await stored()).toEqual(['mine', 'theirs'])
  })

  test('what others write over it at the same time is merged, and written again', async () => {
    const rude = server()
    let isFirst = true
    const put: Store['put'] = async (key, bytes, condition) => {
      const outcome = await rude.put(key, bytes, condition)
      if (outcome.outcome !== 'written' || !isFirst) return outcome
      isFirst = false
      // Honest servers refuse the other one, who then merges; elsewhere it is written over ours.
      if (what === 'refuses') await store.put(KEY, words.encode(['theirs']))
      return outcome
    }
    await writeMerged({ ...rude, put }, KEY, { value: ['mine'], etag: undefined }, words)
    expect(await stored()).toEqual(what === 'refuses' ? ['mine', 'theirs'] : ['mine'])
  })

  test('one who always comes second gives up, and says so', async () => {
    let others = 0
    const get: Store['get'] = async (key) => {
      others += 1
      await store.put(KEY, words.encode([`other ${others}`]))
      return store.get(key)
    }
    const put: Store['put'] = async (...asked) => {
      if (what === 'honours') await store.put(KEY, words.encode([`new ${others}`]))
      return server().put(...asked)
    }
    const busy = { ...store, get, put }
    await expect(
      writeMerged(busy, KEY, { value: ['mine'], etag: undefined }, words),
    ).rejects.toThrow(StoreError)
  })
})

async function stored(): Promise<readonly string[]> {
  const object = await store.get(KEY)
  return object ? words.decode(object.bytes) : []
}
