/**
 * Whether this machine's clock can be believed, by the store's. What is written with a wrong day stays: a member map of
 * a day to come would be refused no more, and every later run would be.
 */

/** The two clocks are too far apart. The message says what each shows, and what to do. */
export class ClockError extends Error {
  override readonly name = 'ClockError'
}

/** S3 servers refuse requests of a clock that is further off, and the SDK then corrects itself in silence. */
const MOST_APART_MS = 15 * 60_000

/**
 * Compares `now` with `storeTime`, an instant of the store's clock from right before; `undefined`: it tells none. Throws
 * ClockError.
 */
export function checkClock(storeTime: Date | undefined, now: Date): void {
  if (!storeTime || Math.abs(now.getTime() - storeTime.getTime()) <= MOST_APART_MS) return
  throw new ClockError(
    `Nothing was done: this machine's clock says ${said(now)}, the store's ${said(storeTime)}. Turn on time synchronisation (timedatectl), then run this again; if the store's is the wrong one, tell who runs it.`,
  )
}

function said(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
