/** Tells of each run that writes its name over the lease of another one, while that lease still lasts. */
import type { Bucket } from './bucket.ts'
import { LEASE_KEY, leaseIn } from './stored-objects.ts'

/** The same bucket; `onTaken` is told the names of the two runs, right after the second one's write. */
export function watchLease(
  bucket: Bucket,
  now: () => number,
  onTaken: (from: string, by: string) => void,
): Bucket {
  return {
    ...bucket,
    put(key, bytes, ...write) {
      const before = key === LEASE_KEY ? leaseIn(bucket) : undefined
      const etag = bucket.put(key, bytes, ...write)
      if (!before || before.until <= now()) return etag
      const by = leaseIn(bucket)?.holder
      if (by !== undefined && by !== before.holder) onTaken(before.holder, by)
      return etag
    },
  }
}
