/**
 * The reader of sightings: tolerant, and exact. One for minute files and old day files, since a day's minute
 * files one after another are a day file (design, section 4). It works on bytes: a year of old files is
 * gigabytes of lines.
 */
import type { EpochMinute } from './local-day.ts'
import { LineReader } from './sighting-line.ts'

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
const HASH = 35

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
