/**
 * What one probe saw in one minute, as the text of a file (design, section 4). Written once, never
 * changed. Its first line tells how the scan went, and how many devices follow: so a copy that was
 * cut short can be told from a quiet minute.
 */
import { formatLocalTime } from './local-day.ts'
import { type Mac, macFromBits } from './mac.ts'
import { type FileMeta, type LineFault, readSightings } from './sightings.ts'

/** One scan: the instant it began, the devices seen, and how it went (see `MinuteMeta`). */
export interface MinuteScan {
  readonly instant: Date
  readonly macs: Iterable<Mac>
  /** `key → value` for the `#` line, keys of `[a-z_-]+`. `devices` is added by `encodeMinuteFile`. */
  readonly meta: Readonly<Record<string, string>>
}

/** A minute file as read. `cut` tells that lines its `#` line promises are missing. */
export interface MinuteFileRead {
  readonly macs: readonly Mac[]
  readonly meta: FileMeta
  readonly faults: readonly LineFault[]
  readonly cut: boolean
}

/** The `#` key that counts the lines to follow. */
export const DEVICES_KEY = 'devices'
/** The `#` key of a scan in which a scanner or an interface failed; its value says what did. */
export const PARTIAL_KEY = 'partial'

/** The text of a minute file: a `#` line, then one line a device, sorted by MAC, each MAC once. */
export function encodeMinuteFile(scan: MinuteScan, timeZone: string): string {
  const macs = [...new Set(scan.macs)].sort()
  // First, so that the rest of the line can be cut off without the count being lost.
  const pairs = [[DEVICES_KEY, String(macs.length)] as const, ...Object.entries(scan.meta)]
  const header = `# ${pairs.map(([key, value]) => `${key}=${encodeValue(value)}`).join(' ')}\n`
  const time = formatLocalTime(scan.instant, timeZone)
  return header + macs.map((mac) => `${time}\t${mac}\n`).join('')
}

/** Reads the text of a minute file. Never throws on content: what can't be read is in `faults`. */
export function decodeMinuteFile(bytes: Uint8Array): MinuteFileRead {
  const macs: Mac[] = []
  const faults: LineFault[] = []
  const { meta } = readSightings(
    bytes,
    (bits) => {
      macs.push(macFromBits(bits))
      return undefined
    },
    (fault) => faults.push(fault),
  )
  return { macs, meta, faults, cut: isCut(meta, macs.length) }
}

/**
 * True when a file's `#` line promises more devices than were read, or its promise is no number: then it
 * was damaged, and nobody can tell what is missing. Files without one can't tell.
 */
export function isCut(meta: FileMeta, devicesRead: number): boolean {
  const promised = meta.get(DEVICES_KEY)
  if (promised === undefined) return false
  return !/^\d+$/.test(promised) || Number(promised) > devicesRead
}

/**
 * Percent-encodes what would break a `#` line: spaces, `%`, control characters, and a `T` before two
 * digits, which the old scripts' `grep T08` would take for an hour.
 */
function encodeValue(value: string): string {
  return encodeURI(value)
    .replaceAll('#', '%23')
    .replaceAll(/T(?=\d\d)/g, '%54')
}
