/** What is too large is as if it were not there; what can't be read is not. */
import { expect, test } from 'vitest'
import { getUnlessTooLarge } from './get-unless-too-large.ts'
import { type Store, StoreError, TooLargeError } from './store.ts'

const storeThat = (get: Store['get']) => ({ get }) as Store

test('an object within the limit is read, with the limit', async () => {
  const object = { bytes: new Uint8Array(3), etag: '1' }
  const asked: unknown[] = []
  const store = storeThat(async (...args) => {
    asked.push(args)
    return object
  })
  expect(await getUnlessTooLarge(store, 'key', 3)).toBe(object)
  expect(asked).toEqual([['key', 3]])
})

test('one that is too large tells nothing; any other fault is told', async () => {
  const large = storeThat(() => Promise.reject(new TooLargeError('key', 4, 3)))
  expect(await getUnlessTooLarge(large, 'key', 3)).toBeUndefined()
  const down = storeThat(() => Promise.reject(new StoreError('it is down')))
  await expect(getUnlessTooLarge(down, 'key', 3)).rejects.toThrow('it is down')
})
