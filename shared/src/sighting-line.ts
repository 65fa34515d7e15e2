/**
 * The reader of one sighting line:
 *
 *     2026-11-22T08:12:04+01:00<TAB>AA:BB:CC:DD:EE:FF
 *
 * Offsets `+01:00`, `+0100`, `+01` or `Z`; tabs or spaces between; MACs in any case, with `:` `-` `.`
 * or nothing between.
 */
import { millisecondsInDay } from 'date-fns/constants'
import type { EpochMinute } from './local-day.ts'

const TAB = 9
const SPACE = 32
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

/** Reads one line at a time into `macBits` and `minute`: no object is made per line. */
export class LineReader {
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
    this.#epochDay = time / millisecondsInDay
    return true
  }

  /** NaN, which fails every comparison, when a byte is not a decimal digit. */
  #twoDigits(at: number): number {
    const tens = (this.#bytes[at] as number) - 48
    const units = (this.#bytes[at + 1] as number) - 48
    return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : Number.NaN
  }
}
