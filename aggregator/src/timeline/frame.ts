/** The measures all parts of the picture share, in units of the view box. */
import type { Explanation } from '../explain/explanation.ts'
import type { Words } from '../explain/words.ts'
import { type Scale, scaleOf } from './scale.ts'

export const WIDTH = 640
export const MARGIN = 16
/** Half of the last hour's label stands out of the plot. */
const RIGHT = WIDTH - MARGIN - 8
/** Room for `AA:BB:…:FF`, and for a MAC that is not shortened. */
const LABEL_WIDTH = 88
const WHOLE_MAC_WIDTH = 136
const SHORT_MAC_LENGTH = 12
/** A single minute is narrower than this: it must be seen all the same. */
const MIN_WIDTH = 1.5

/** Fills with the hatching that `svg.ts` defines. */
export const HATCHED = 'fill="url(#presences-hatch)"'
/** The same with hatching both ways: what people took out of account. */
export const CROSSED = 'fill="url(#presences-cross)"'

/** One part of the picture, and where the next one may begin. */
export interface Part {
  readonly svg: string
  readonly bottom: number
}

export interface Frame {
  readonly explanation: Explanation
  readonly words: Words
  readonly scale: Scale
  /** Where the plot begins and ends. */
  readonly left: number
  readonly right: number
  /** The place of a minute. */
  x(minute: number): number
  /** The place and the width of some minutes. */
  stretch(from: number, to: number): { readonly x: number; readonly width: number }
}

/** The frame of one explanation's picture. */
export function frameOf(explanation: Explanation, words: Words): Frame {
  const scale = scaleOf(explanation)
  const isWhole = explanation.devices.some(({ mac }) => mac.length > SHORT_MAC_LENGTH)
  const left = MARGIN + (isWhole ? WHOLE_MAC_WIDTH : LABEL_WIDTH)
  const { from, to } = scale.shown
  const x = (minute: number) => round(left + ((minute - from) * (RIGHT - left)) / (to - from))
  return {
    explanation,
    words,
    scale,
    left,
    right: RIGHT,
    x,
    stretch(start, end) {
      const width = Math.max(MIN_WIDTH, round(x(end) - x(start)))
      return { x: Math.min(x(start), round(RIGHT - width)), width }
    },
  }
}

/** Two decimals are finer than any screen. */
export function round(value: number): number {
  return Math.round(value * 100) / 100
}
