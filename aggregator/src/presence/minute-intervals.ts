/** Runs of minutes of one day: what bars, holes and sentences are made of. */

/** Minutes after the day's first, from `from` on, up to and without `to`. */
export interface MinuteInterval {
  readonly from: number
  readonly to: number
}

/** The longest runs of the minutes 0 … `count` - 1 that `belongs` is true for, from early to late. */
export function intervalsWhere(
  count: number,
  belongs: (minute: number) => boolean,
): MinuteInterval[] {
  const intervals: MinuteInterval[] = []
  let from: number | undefined
  for (let minute = 0; minute <= count; minute += 1) {
    const inside = minute < count && belongs(minute)
    if (inside) from ??= minute
    else if (from !== undefined) {
      intervals.push({ from, to: minute })
      from = undefined
    }
  }
  return intervals
}
