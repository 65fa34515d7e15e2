/** Failed posts of a day, appended to `<LOG_DIR>/<YYYY-MM-DD>`, where the old scripts' users look for them. */
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatLocalTime, shortMacsIn, visibleLine } from '@presences/shared'
import { formatAmount } from '../domain/amount.ts'
import type { Presence } from '../tickets/tickets.ts'

/** Writes one line, whatever is in its cells: when, who, how much, why not. Throws when the file can't be written. */
export type RecordFailedPost = (presence: Presence, reason: string) => Promise<void>

/** A recorder into `folder`, which is made when it is missing. `now` gives the time of each line. */
export function failedPostsIn(folder: string, timeZone: string, now: () => Date): RecordFailedPost {
  return async ({ email, day, amount }, reason) => {
    await mkdir(folder, { recursive: true })
    const why = shortMacsIn(reason.replaceAll('\n', ' '))
    const cells = [formatLocalTime(now(), timeZone), email, formatAmount(amount), why]
    await appendFile(join(folder, day), `${cells.map(visibleLine).join('\t')}\n`)
  }
}
