/**
 * Compares two programs on a machine that has other work: they run in turn, so that whatever slows one
 * slows the other, and each pair gives a ratio of its own.
 */

/** Runs once and returns its milliseconds. Runs are numbered from 0, warm-up included. */
export type TimedRun = (run: number) => Promise<number>

export interface Contest {
  readonly baseline: TimedRun
  readonly ours: TimedRun
  /** Pairs that count, after `warmUps` that do not. */
  readonly pairs: number
  readonly warmUps: number
}

/** Medians; the ratio is ours to the baseline's, of each pair. */
export interface Comparison {
  readonly baselineMs: number
  readonly oursMs: number
  readonly ratio: number
  readonly lowestRatio: number
  readonly highestRatio: number
}

/** Runs baseline and ours in turn. */
export async function compare({ baseline, ours, pairs, warmUps }: Contest): Promise<Comparison> {
  const measured: { baselineMs: number; oursMs: number }[] = []
  for (let run = 0; run < warmUps + pairs; run += 1) {
    const pair = { baselineMs: await baseline(run), oursMs: await ours(run) }
    if (run >= warmUps) measured.push(pair)
  }
  const ratios = measured.map(({ baselineMs, oursMs }) => oursMs / baselineMs)
  return {
    baselineMs: median(measured.map(({ baselineMs }) => baselineMs)),
    oursMs: median(measured.map(({ oursMs }) => oursMs)),
    ratio: median(ratios),
    lowestRatio: Math.min(...ratios),
    highestRatio: Math.max(...ratios),
  }
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const high = sorted[Math.floor(middle)] ?? Number.NaN
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN
  return (low + high) / 2
}
