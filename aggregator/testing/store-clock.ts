/** A store whose own clock is the test's: what lies in a folder has the times of the machine the test runs on. */
import type { Store } from '../src/store/store.ts'

/** `store`, seen by that clock; `written` keeps the times of its objects from one opening to the next. */
export function withStoreClock(
  store: Store,
  now: () => Date,
  written: Map<string, Date> = new Map(),
): Store {
  return {
    ...store,
    get: async (key) => {
      const object = await store.get(key)
      if (!object) return undefined
      const modified = written.get(`${key} ${object.etag}`) ?? now()
      return { ...object, times: { modified, answered: now() } }
    },
    put: async (key, bytes, condition) => {
      const put = await store.put(key, bytes, condition)
      if (put.outcome === 'written') written.set(`${key} ${put.etag}`, now())
      return put
    },
  }
}
