/**
 * Minutes of one day as bits: minute `n` after the day's first is bit `n`. Union is OR, so adding a
 * minute twice, or in any order, gives the same set.
 */

/** One bit a minute of a day. Sets of one day have the same length. */
export type MinuteSet = Uint8Array

/** An empty set for a day of `minutes` minutes. */
export function emptyMinutes(minutes: number): MinuteSet {
  return new Uint8Array(Math.ceil(minutes / 8))
}

export function addMinute(set: MinuteSet, minute: number): void {
  const byte = minute >> 3
  set[byte] = (set[byte] as number) | (1 << (minute & 7))
}

export function hasMinute(set: MinuteSet | undefined, minute: number): boolean {
  return set !== undefined && ((set[minute >> 3] ?? 0) & (1 << (minute & 7))) !== 0
}

/** Adds every minute of `from` to `into`. */
export function unite(into: MinuteSet, from: MinuteSet): void {
  for (let byte = 0; byte < into.length; byte += 1) {
    into[byte] = (into[byte] as number) | (from[byte] ?? 0)
  }
}

/** True when every minute of `part` is in `whole`. */
export function includesAll(whole: MinuteSet | undefined, part: MinuteSet): boolean {
  return part.every((bits, byte) => (bits & ~(whole?.[byte] ?? 0)) === 0)
}

export function countMinutes(set: MinuteSet): number {
  let count = 0
  for (const bits of set) for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1
  return count
}

/** The minutes in the set, from early to late. */
export function listMinutes(set: MinuteSet): number[] {
  const minutes: number[] = []
  set.forEach((bits, byte) => {
    for (let bit = 0; bits >> bit !== 0; bit += 1) {
      if ((bits >> bit) & 1) minutes.push(byte * 8 + bit)
    }
  })
  return minutes
}
