/** Failed posts of a day, appended to `<LOG_DIR>/<YYYY-MM-DD>`, where the old scripts' users look for them. */
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatLocalTime } from '@presences/shared'
import { formatAmount } from '../domain/amount.ts'
import type { Presence } from '../tickets/tickets.ts'

/** Writes one line: when, who, how much, why not. Throws when the file can't be written. */
export type RecordFailedPost = (presence: Presence, reason: string) => Promise<void>

/** A recorder into `folder`, which is made when it is missing. `now` gives the time of each line. */
export function failedPostsIn(folder: string, timeZone: string, now: () => Date): RecordFailedPost {
  return async ({ email, day, amount }, reason) => {
    await mkdir(folder, { recursive: true })
    const line = [formatLocalTime(now(), timeZone), email, formatAmount(amount), reason].join('\t')
    await appendFile(join(folder, day), `${line.replaceAll('\n', ' ')}\n`)
  }
}
