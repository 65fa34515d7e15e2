/**
 * The picture of a member's day: the slots that count in a row on top, below them for each location a bar a
 * device, and hatching where no probe was looking. It stands for itself: no script, nothing to be loaded,
 * and nothing is said by colour alone.
 */
import type { ExplainedLocation, Explanation } from '../explain/explanation.ts'
import { hasHoles } from '../explain/looking-words.ts'
import { answer, type Lang, reservations, wordsOf } from '../explain/sentences.ts'
import { CROSSED, type Frame, frameOf, HATCHED, MARGIN, type Part, round, WIDTH } from './frame.ts'
import { plot } from './plot.ts'
import { timelineStyle } from './style.ts'
import { escapeXml, shorten, wrapText } from './xml-text.ts'

const EMAIL_LENGTH = 78
/** Small letters that fit a line, in a wide typeface, too. */
const LINE_LENGTH = 82
const LINE_HEIGHT = 18

/** Hatching: grey lines, so that holes are told from bars without colours. */
const HATCH =
  '<defs><pattern id="presences-hatch" width="5" height="5" patternUnits="userSpaceOnUse"><path class="hatch" d="M-1 6L6 -1M-1 1L1 -1M4 6L6 4"/></pattern></defs>'

/** Hatching both ways: not the same as where no probe was looking. */
const CROSS =
  '<defs><pattern id="presences-cross" width="6" height="6" patternUnits="userSpaceOnUse"><path class="hatch" d="M0 0L6 6M6 0L0 6"/></pattern></defs>'

/** The picture as an SVG document: the same explanation makes the same document. */
export function timelineSvg(explanation: Explanation, { lang }: { readonly lang: Lang }): string {
  const frame = frameOf(explanation, wordsOf(lang))
  const sentences = [answer(explanation, lang), ...reservations(explanation, lang)]
  const head = heading(frame)
  const middle = plot(frame, head.bottom + 22)
  const key = legend(frame, middle.bottom + 16)
  const foot = caption(sentences, key.bottom + 12)
  const height = foot.bottom + MARGIN
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" class="presences" role="img" lang="${lang}" viewBox="0 0 ${WIDTH} ${height}" width="100%">`,
    `<title>${escapeXml(titleOf(frame))}</title>`,
    `<desc>${escapeXml(sentences.join(' '))}</desc>`,
    `<style>${timelineStyle()}</style>`,
    HATCH,
    ...(explanation.locations.some(isWithdrawn) ? [CROSS] : []),
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>`,
    ...[head, middle, key, foot].map(({ svg }) => svg),
    '</svg>',
  ].join('\n')}\n`
}

function titleOf({ explanation, words }: Frame): string {
  const { day, email, amount } = explanation
  return `${words.date(day)}, ${email}, ${words.ticket(amount)}`
}

function heading({ explanation, words, right }: Frame): Part {
  const { day, email, amount } = explanation
  const ticket = words.ticket(amount)
  const big = ticket.charAt(0).toUpperCase() + ticket.slice(1)
  return {
    svg: [
      `<text class="amount ink" x="${MARGIN}" y="38">${escapeXml(big)}</text>`,
      `<text class="text ink" x="${right}" y="38" text-anchor="end">${escapeXml(words.date(day))}</text>`,
      `<text class="text muted" x="${MARGIN}" y="60">${escapeXml(shorten(email, EMAIL_LENGTH))}</text>`,
    ].join('\n'),
    bottom: 60,
  }
}

/** What the marks mean: only those that are in the picture. */
function legend(frame: Frame, top: number): Part {
  const marks = marksOf(frame).filter(({ shown }) => shown)
  let x = MARGIN
  const items = marks.map(({ kind, text, height }) => {
    const at = x
    x = round(x + 22 + text.length * 6.4 + 16)
    const y = round(top + 6 - height / 2)
    return `<rect ${kind} x="${at}" y="${y}" width="16" height="${height}"/><text class="small muted" x="${at + 22}" y="${top + 10}">${escapeXml(text)}</text>`
  })
  return {
    svg: `<g class="legend">${items.join('\n')}</g>`,
    bottom: items.length > 0 ? top + 12 : top - 16,
  }
}

function marksOf({ explanation: { slotCount, devices, locations }, words: { picture } }: Frame) {
  const hole = locations.some(hasHoles) ? picture.hole : picture.silent
  const hatch = `class="hole" ${HATCHED}`
  return [
    { kind: 'class="slot"', height: 11, text: picture.counted, shown: slotCount > 0 },
    {
      kind: 'class="bar"',
      height: 7,
      text: picture.seen,
      shown: devices.some(({ inside }) => inside.length > 0),
    },
    {
      kind: 'class="outside"',
      height: 7,
      text: picture.outside,
      shown: devices.some(({ outside }) => outside.length > 0),
    },
    { kind: hatch, height: 11, text: hole, shown: locations.some(({ holes }) => holes?.length) },
    {
      kind: `class="hole" ${CROSSED}`,
      height: 11,
      text: picture.withdrawn,
      shown: locations.some(isWithdrawn),
    },
  ]
}

function isWithdrawn({ withdrawn }: ExplainedLocation): boolean {
  return withdrawn.length > 0
}

/** The sentences, the answer first. */
function caption(sentences: readonly string[], top: number): Part {
  let bottom = top
  const lines = sentences.flatMap((sentence, index) =>
    wrapText(sentence, LINE_LENGTH).map((line, inSentence) => {
      bottom += LINE_HEIGHT + (index === 1 && inSentence === 0 ? 4 : 0)
      const kind = index === 0 ? 'text ink' : 'text muted'
      return `<text class="${kind}" x="${MARGIN}" y="${bottom}">${escapeXml(line)}</text>`
    }),
  )
  return { svg: lines.join('\n'), bottom }
}
