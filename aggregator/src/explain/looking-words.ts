/** When a location was not looked at, or not wholly, in sentences. */
import type { ExplainedLocation, ExplainedWithdrawal, LocalInterval } from './explanation.ts'
import type { Gaps, Span, WithdrawnFacts, Words } from './words.ts'
import { clockOf } from './words-parts.ts'

/** More spans than these are summed up, not listed. */
const SPANS_LISTED = 4

/** One line for each thing to be said about looking at one location; none when all was looked at. */
export function lookingLines(explained: ExplainedLocation, words: Words): string[] {
  const { location, lookedMinutes, openMinutes, partial, silentSince } = explained
  const withdrawn = explained.withdrawn.map((each) => words.withdrawn(withdrawnOf(each, location)))
  if (explained.holes === null) return [words.lookingUnknown(location), ...withdrawn]
  const holes = pastHoles(explained)
  const never = lookedMinutes === 0 && openMinutes > 0 && withdrawn.length === 0
  return [
    ...(never ? [words.neverLooked(location)] : []),
    ...(!never && holes.length > 0 ? [words.hole(location, gapsOf(holes))] : []),
    ...(!never && silentSince ? [words.silentSince(location, clockOf(silentSince))] : []),
    ...(partial.length > 0 ? [words.partial(location, gapsOf(partial))] : []),
    ...withdrawn,
  ]
}

/** True when a location was not looked at for a time, and not only since a while. */
export function hasHoles(explained: ExplainedLocation): boolean {
  return pastHoles(explained).length > 0
}

function pastHoles({ holes, silentSince }: ExplainedLocation): LocalInterval[] {
  return (holes ?? []).filter(({ from }) => from !== silentSince)
}

export function minutesIn(intervals: readonly LocalInterval[]): number {
  return intervals.reduce((sum, { minutes }) => sum + minutes, 0)
}

function withdrawnOf(
  { from, to, probe, by, at, because }: ExplainedWithdrawal,
  location: string,
): WithdrawnFacts {
  // The end of a day is the first minute of the next one.
  const end = to.slice(0, 10) > from.slice(0, 10) ? '24:00' : clockOf(to)
  return { location, probe, span: { from: clockOf(from), to: end }, by, at, because }
}

function gapsOf(intervals: readonly LocalInterval[]): Gaps {
  const spanOf = ({ from, to }: LocalInterval): Span => ({ from: clockOf(from), to: clockOf(to) })
  if (intervals.length <= SPANS_LISTED) return { spans: intervals.map(spanOf) }
  const longest = intervals.reduce((a, b) => (b.minutes > a.minutes ? b : a))
  return {
    minutes: minutesIn(intervals),
    pieces: intervals.length,
    longest: spanOf(longest),
  }
}
