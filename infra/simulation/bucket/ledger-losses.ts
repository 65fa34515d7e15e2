/** Tells of each write of a ledger that loses what was in it: entries, or what became of a post. */
import type { Bucket } from './bucket.ts'
import { ledgerIn, type StoredEntry } from './stored-objects.ts'

const LEDGER_KEY = /^ledger\/(\d{4}-\d{2}-\d{2})\.json\.gz$/
/** How far an entry has gone. */
const PROGRESS: readonly StoredEntry['outcome'][] = [
  undefined,
  'intended',
  'unknown',
  'refused',
  'posted',
]

/** The same bucket; `onLost` is told the day of a ledger right after it lost something. */
export function watchLedgers(bucket: Bucket, onLost: (day: string) => void): Bucket {
  return {
    ...bucket,
    put(key, bytes, ...write) {
      const [, day] = LEDGER_KEY.exec(key) ?? []
      const before = day === undefined ? undefined : ledgerIn(bucket, day)
      const etag = bucket.put(key, bytes, ...write)
      if (day === undefined || !before) return etag
      const now = new Map(ledgerIn(bucket, day)?.entries.map((entry) => [nameOf(entry), entry]))
      if (before.entries.some((entry) => isLost(entry, now.get(nameOf(entry))))) onLost(day)
      return etag
    },
  }
}

function nameOf({ run, email }: StoredEntry): string {
  return `${run.id} ${email}`
}

function isLost(before: StoredEntry, now: StoredEntry | undefined): boolean {
  return !now || PROGRESS.indexOf(now.outcome) < PROGRESS.indexOf(before.outcome)
}
