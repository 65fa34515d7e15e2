/** What people withdrew, in the store. */
import type { Store } from '../store/store.ts'
import { type Versioned, writeMerged } from '../store/write-merged.ts'
import { mergeWithdrawals, NOTHING_WITHDRAWN, type Withdrawals } from './withdrawals.ts'
import { decodeWithdrawals, mergeableWithdrawals, WITHDRAWN_KEY } from './withdrawn-codec.ts'

/** What is stored; nothing where there is no such object. Throws StoreError or WithdrawnError. */
export async function readWithdrawals(store: Store): Promise<Versioned<Withdrawals>> {
  const there = await store.get(WITHDRAWN_KEY)
  if (!there) return { value: NOTHING_WITHDRAWN, etag: undefined }
  return { value: decodeWithdrawals(there.bytes), etag: there.etag }
}

/** Adds facts to what is stored. Throws StoreError or WithdrawnError. */
export async function addWithdrawals(
  store: Store,
  { value, etag }: Versioned<Withdrawals>,
  facts: Partial<Withdrawals>,
): Promise<void> {
  const more = mergeWithdrawals(value, { ...NOTHING_WITHDRAWN, ...facts })
  await writeMerged(store, WITHDRAWN_KEY, { value: more, etag }, mergeableWithdrawals)
}
