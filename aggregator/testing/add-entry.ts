/** For the tests of conditional writes: the loop by which several writers share an object. */
import type { Store } from '../src/store/store.ts'

/** Adds an entry to a comma list as to a ledger: read, add, write if nobody else did, else again. */
export async function addEntry(store: Store, key: string, entry: string): Promise<void> {
  for (;;) {
    const now = await store.get(key)
    const bytes = Buffer.from(now ? `${Buffer.from(now.bytes)},${entry}` : entry)
    const condition = now ? { ifMatch: now.etag } : { ifAbsent: true as const }
    const { outcome } = await store.put(key, bytes, condition)
    if (outcome === 'written') return
    if (outcome === 'unsupported') throw new Error('This store refuses conditional writes')
  }
}
