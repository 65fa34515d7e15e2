/** Logins that were refused, in the log: who tries tokens is seen there, and can't fill it. */
import type { Log } from '../runtime/log.ts'

const MINUTE_MS = 60_000
const TOLD_A_MINUTE = 10

/** Tells of each refused login from `peer` of `what`; more than ten in a minute are counted, and told with the next one. */
export function refusedLogins(log: Pick<Log, 'warn'>, now: () => Date) {
  let since = Number.NEGATIVE_INFINITY
  let count = 0
  return (peer: string, what: string): void => {
    const at = now().getTime()
    if (at - since >= MINUTE_MS) {
      if (count > TOLD_A_MINUTE) log.warn(`${count - TOLD_A_MINUTE} more logins were refused`)
      since = at
      count = 0
    }
    count += 1
    if (count <= TOLD_A_MINUTE)
      log.warn(`Refused ${what} from ${peer}: no token, or an unknown one`)
  }
}
