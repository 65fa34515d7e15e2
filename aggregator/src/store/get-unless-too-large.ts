/** Reading what nobody charges by: one that is too large tells nothing, and the nightly run tells of it. */
import { type Store, type StoredObject, TooLargeError } from './store.ts'

/** The object, or `undefined` when there is none, or one of more than `mostBytes`. Throws StoreError. */
export async function getUnlessTooLarge(
  store: Store,
  key: string,
  mostBytes: number,
): Promise<StoredObject | undefined> {
  try {
    return await store.get(key, mostBytes)
  } catch (error) {
    if (error instanceof TooLargeError) return undefined
    throw error
  }
}
