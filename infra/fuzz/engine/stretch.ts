/**
 * Does a reader's work grow faster than its input? Each valid text is stretched, in a few places, by a piece
 * said thousands of times over: twice as many must not take four times as long. Times are compared with each
 * other only, the shortest of several, and only once they are long enough to be told from chance.
 */
import { NUMBERS, PUMPS } from './fragments.ts'
import { type Found, type Judged, judge, type Target } from './target.ts'
import { threadMs } from './thread-time.ts'

const SHORT = 8 * 1024
const TIMES_LONGER = 8
/** Linear work takes 8 times as long, n log n hardly more, quadratic work 64 times. */
const MOST_TIMES_SLOWER = 36
/** Below this the clock, the compiler and the garbage collector are what is measured. */
const WORTH_COMPARING_MS = 150
/** Compilers and collectors of garbage work in between: the more measurements, the nearer to the truth. */
const MEASUREMENTS = 12
/** What takes so long again and again is no accident. */
const LONG_MS = 300
const LONG_MEASUREMENTS = 3
const SEEDS = 3

/** Stretches the target's seeds; the first that explodes, or is a fault otherwise. */
export async function stretch(
  target: Target,
  onJudged: (judged: Judged) => void,
): Promise<Found | undefined> {
  for (const make of stretchesOf(target)) {
    const long = make(SHORT * TIMES_LONGER)
    const begun = threadMs()
    const judged = await judge(target, long)
    const ms = threadMs() - begun
    onJudged(judged)
    if ('fault' in judged) return { fault: judged.fault, input: long }
    if (ms < WORTH_COMPARING_MS) continue
    const slow = await shortest(target, long)
    const fast = await shortest(target, make(SHORT))
    if (slow < WORTH_COMPARING_MS || slow < MOST_TIMES_SLOWER * fast) continue
    const times = Math.round(slow / fast)
    return {
      fault: `it takes ${times} times as long (${Math.round(slow)} ms) for ${TIMES_LONGER} times the input`,
      input: long,
    }
  }
  return undefined
}

/** Each makes an input of about so many bytes. */
function* stretchesOf(target: Target): Generator<(bytes: number) => Uint8Array> {
  const pumps = [...PUMPS, ...(target.words ?? []), NUMBERS[3] ?? '1'].map((pump) =>
    Buffer.from(pump),
  )
  const seeds = target.seeds
    .slice(0, target.isSlow ? 1 : SEEDS)
    .map((seed) => Buffer.from(seed as string))
  for (const seed of seeds) {
    const places = [0, Math.floor(seed.length / 3), Math.floor((2 * seed.length) / 3), seed.length]
    for (const at of new Set(places)) {
      for (const pump of pumps) {
        yield (bytes) => {
          const wall = Buffer.alloc(Math.max(bytes - seed.length, pump.length), pump)
          return Buffer.concat([seed.subarray(0, at), wall, seed.subarray(at)])
        }
      }
    }
  }
}

/** The least work that reading `input` took, in milliseconds. */
export async function shortest(target: Target, input: Uint8Array): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let measured = 0; measured < MEASUREMENTS; measured += 1) {
    const begun = threadMs()
    await judge(target, input)
    best = Math.min(best, threadMs() - begun)
    if (best < WORTH_COMPARING_MS / 10) break
    if (best > LONG_MS && measured + 1 >= LONG_MEASUREMENTS) break
  }
  return best
}
