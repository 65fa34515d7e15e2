/**
 * The reader of sighting lines: tolerant, and exact. One for minute files and old day files, since a
 * day's minute files one after another are a day file (design, section 4):
 *
 *     2026-11-22T08:12:04+01:00<TAB>AA:BB:CC:DD:EE:FF
 *
 * Offsets `+01:00`, `+0100`, `+01` or `Z`; tabs or spaces between; MACs in any case, with `:` `-` `.`
 * or nothing between. It works on bytes: a year of old files is gigabytes of lines.
 */
import type { EpochMinute } from './local-day.ts'

/** A line that can't be read, or that does not belong where it stands. `line` counts from 1. */
export interface LineFault {
  readonly line: number
  readonly reason: string
}

/** What a reader does with each sighting: the MAC as 48 bits. A returned text is the line's fault. */
export type OnSighting = (macBits: number, minute: EpochMinute) => string | undefined

/** The `# key=value` lines of a file. Values are percent-decoded. */
export type FileMeta = ReadonlyMap<string, string>

/** `sightings` counts the lines accepted; every other line but `#` lines is a fault. */
export interface SightingsRead {
  readonly sightings: number
  readonly meta: FileMeta
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const TAB = 9
const SPACE = 32
const HASH = 35
const PLUS = 43
const MINUS = 45
const DOT = 46
const COLON = 58
const LETTER_T = 84
const LETTER_Z = 90
const MINUTES_PER_DAY = 1440

/** The value of each hexadecimal digit's byte; 16 for any other byte. */
const HEX = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase())
  return digit < 0 ? 16 : digit
})

/**
 * Reads every line of `bytes`, in order. Never throws on content: what can't be read goes to `onFault`
 * with its line number and a reason that does not quote the line (it may hold a whole MAC).
 */
export function readSightings(
  bytes: Uint8Array,
  onSighting: OnSighting,
  onFault: (fault: LineFault) => void,
): SightingsRead {
  const meta = new Map<string, string>()
  const line = new LineReader(bytes)
  let sightings = 0
  let number = 0
  let length = 0
  for (let start = hasByteOrderMark(bytes) ? 3 : 0; start < bytes.length; ) {
    // Most lines are as long as the one before, so its length tells where to look for the line feed: a
    // search in each line costs a tenth of the time. What reads as a sighting has no line feed within.
    let end = start + length
    const guessed = bytes[end] === LINE_FEED && line.read(start, end) === undefined
    if (!guessed) end = lineEnd(bytes, start)
    number += 1
    const textEnd = bytes[end - 1] === CARRIAGE_RETURN && end > start ? end - 1 : end
    if (bytes[start] === HASH) {
      readMeta(bytes.subarray(start + 1, textEnd), meta)
    } else {
      const unread = guessed ? undefined : line.read(start, textEnd)
      const reason = unread ?? onSighting(line.macBits, line.minute)
      if (reason === undefined) sightings += 1
      else onFault({ line: number, reason })
    }
    length = end - start
    start = end + 1
  }
  return { sightings, meta }
}

/** Where the line that begins at `start` ends: its line feed, or the end of the file. */
function lineEnd(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(LINE_FEED, start)
  return end < 0 ? bytes.length : end
}

/** Reads one line at a time into `macBits` and `minute`: no object is made per line. */
class LineReader {
  macBits = 0
  minute: EpochMinute = 0
  readonly #bytes: Uint8Array
  /** Lines of one file share a date or two: the last one read is kept. */
  #dateAt = -1
  #epochDay = Number.NaN

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Reads the line in [start, end); returns the reason when it can't. */
  read(start: number, end: number): string | undefined {
    if (start === end) return 'the line is empty'
    if (end - start < 16 || !this.#readDate(start)) return 'no date YYYY-MM-DD at the start'
    const at = start + 11
    const hour = this.#twoDigits(at)
    const minute = this.#twoDigits(at + 3)
    const bytes = this.#bytes
    // Positive comparisons only: a part that is no number is NaN, and fails them.
    if (bytes[at - 1] !== LETTER_T || !(hour <= 23) || bytes[at + 2] !== COLON || !(minute <= 59)) {
      return 'no time THH:MM:SS after the date'
    }
    if (bytes[at + 5] !== COLON || !(this.#twoDigits(at + 6) <= 59)) {
      return 'no time THH:MM:SS after the date'
    }
    return this.#readOffsetAndMac(
      at + 8,
      end,
      this.#epochDay * MINUTES_PER_DAY + hour * 60 + minute,
    )
  }

  #readOffsetAndMac(start: number, end: number, localMinute: number): string | undefined {
    const bytes = this.#bytes
    let at = start
    let offset = 0
    const sign = bytes[at]
    if (sign === LETTER_Z) {
      at += 1
    } else if (sign === PLUS || sign === MINUS) {
      const hours = this.#twoDigits(at + 1)
      at += 3
      let minutes = 0
      const colon = bytes[at] === COLON ? 1 : 0
      if (colon === 1 || (HEX[bytes[at] as number] as number) < 10) {
        minutes = this.#twoDigits(at + colon)
        at += colon + 2
      }
      // The widest offsets in use are -12:00 and +14:00.
      if (!(hours * 60 + minutes <= 14 * 60 && minutes < 60))
        return 'no valid offset after the time'
      offset = sign === PLUS ? hours * 60 + minutes : -(hours * 60 + minutes)
    } else {
      return 'no offset after the time'
    }
    const gap = at
    while (at < end && (bytes[at] === TAB || bytes[at] === SPACE)) at += 1
    if (at === gap) return 'no tab or space between time and MAC address'
    let macEnd = end
    while (bytes[macEnd - 1] === TAB || bytes[macEnd - 1] === SPACE) macEnd -= 1
    this.minute = localMinute - offset
    return this.#readMac(at, macEnd) ? undefined : 'no valid MAC address after the time'
  }

  #readMac(start: number, end: number): boolean {
    const bytes = this.#bytes
    const length = end - start
    let group = 12 // digits between separators
    let separator = -1
    if (length === 17) {
      group = 2
      separator = bytes[start + 2] as number
      if (separator !== COLON && separator !== MINUS && separator !== DOT) return false
    } else if (length === 14) {
      group = 4
      separator = DOT
    } else if (length !== 12) {
      return false
    }
    let bits = 0
    let at = start
    for (let digit = 0; digit < 12; digit += 1) {
      if (digit > 0 && digit % group === 0) {
        if (bytes[at] !== separator) return false
        at += 1
      }
      const value = HEX[bytes[at] as number] as number
      if (value === 16) return false
      bits = bits * 16 + value
      at += 1
    }
    this.macBits = bits
    return true
  }

  #readDate(start: number): boolean {
    const bytes = this.#bytes
    if (this.#dateAt >= 0) {
      let same = 0
      while (same < 10 && bytes[start + same] === bytes[this.#dateAt + same]) same += 1
      if (same === 10) return !Number.isNaN(this.#epochDay)
    }
    this.#dateAt = start
    this.#epochDay = Number.NaN
    if (bytes[start + 4] !== MINUS || bytes[start + 7] !== MINUS) return false
    const year = this.#twoDigits(start) * 100 + this.#twoDigits(start + 2)
    const month = this.#twoDigits(start + 5)
    const day = this.#twoDigits(start + 8)
    const time = Date.UTC(year, month - 1, day)
    // Date.UTC rolls over what does not exist (2026-02-30), and reads year 26 as 1926.
    const date = new Date(time)
    if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || year < 1970) return false
    this.#epochDay = time / 86_400_000
    return true
  }

  /** NaN, which fails every comparison, when a byte is not a decimal digit. */
  #twoDigits(at: number): number {
    const tens = (this.#bytes[at] as number) - 48
    const units = (this.#bytes[at + 1] as number) - 48
    return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : Number.NaN
  }
}

/** What some editors put before a text. */
function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

function readMeta(bytes: Uint8Array, meta: Map<string, string>): void {
  for (const pair of Buffer.from(bytes).toString('utf8').split(/\s+/)) {
    const equals = pair.indexOf('=')
    if (equals > 0) meta.set(pair.slice(0, equals), decodeValue(pair.slice(equals + 1)))
  }
}

function decodeValue(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
