/** The readers that the probe and the aggregator share: lines, minute files, keys, MACs. */
import {
  decodeMinuteFile,
  encodeMinuteFile,
  formatDayKey,
  formatMinuteKey,
  isCut,
  type LineFault,
  LOCATION_PATTERN,
  type Mac,
  macFromBits,
  macToBits,
  parseMac,
  parseRawKey,
  readSightings,
} from '@presences/shared'
import { DAYS, PLANTED_MACS } from '../engine/fragments.ts'
import { must, mustBeLoggable, READ, type Target } from '../engine/target.ts'
import { plainSightings } from './plain-sightings.ts'

const MINUTE_FILE =
  '# devices=2 version=1.0.0 scanner=arp-scan interfaces=eth0 duration_ms=812\n2026-11-22T08:12:04+01:00\tAA:BB:CC:DD:EE:01\n2026-11-22T08:12:04+01:00\tAA:BB:CC:DD:EE:02\n'
const OLD_DAY_FILE =
  '2026-11-22T08:12:04+0100 aa:bb:cc:dd:ee:01\n2026-11-22T08:13:04+01        AABBCCDDEE02\r\n2026-10-25T02:30:00+02:00\taabb.ccdd.ee03\n\n2026-11-22T07:14:00Z\tAA-BB-CC-DD-EE-04'
const LINE_WORDS = [
  '2026-11-22T08:12:04+01:00\t',
  '+01:00',
  '+0100',
  '-14:00',
  'Z',
  'devices=2',
  'devices=x',
  'partial=a%20b',
  '# ',
  ...PLANTED_MACS,
]

const sightingLines: Target = {
  name: 'sighting lines',
  reader: 'shared/src/sightings.ts',
  seeds: [MINUTE_FILE, OLD_DAY_FILE, '', `\u{FEFF}${OLD_DAY_FILE}`],
  words: LINE_WORDS,
  share: 110,
  read(input) {
    const seen: string[] = []
    const faults: LineFault[] = []
    const { sightings } = readSightings(
      input,
      (bits, minute) => {
        seen.push(`${bits} ${minute}`)
        return undefined
      },
      (fault) => faults.push(fault),
    )
    // The same lines, read the slow and plain way.
    const plain = plainSightings(input)
    must(sightings === seen.length, 'it counts each sighting once')
    must(
      plain.lines === sightings + faults.length + plain.notes,
      'each line is read, reported or a # line',
    )
    must(
      seen.join() === plain.sightings.join(),
      `it reads the same sightings as a plain reader: ${seen.length}, ${plain.sightings.length}`,
    )
    must(
      faults.map(({ line }) => line).join() === plain.faultyLines.join(),
      'it reports the same lines as a plain reader',
    )
    return faults.map(({ reason }) => reason)
  },
}

const minuteFile: Target = {
  name: 'minute file',
  reader: 'shared/src/minute-file.ts',
  seeds: [
    MINUTE_FILE,
    '# devices=0\n',
    '# devices=1 partial=eth1:%20there%20is%20no%20link\n2026-11-22T08:12:04+01:00\tAA:BB:CC:DD:EE:FF\n',
  ],
  words: LINE_WORDS,
  share: 60,
  read(input) {
    const { macs, meta, faults, cut } = decodeMinuteFile(input)
    must(cut === isCut(meta, macs.length), 'cut files are told in one way')
    const promised = meta.get('devices')
    must(
      cut || promised === undefined || Number(promised) <= macs.length,
      'a file with fewer devices than it promises, or with a promise that is no number, is cut',
    )
    for (const { reason } of faults) mustBeLoggable(reason)
    againAsWritten(macs, meta)
    return [...faults.map(({ reason }) => reason), ...(cut ? ['cut short'] : [])]
  },
}

/** What was read, written and read again. */
function againAsWritten(macs: readonly Mac[], meta: ReadonlyMap<string, string>): void {
  const named = [...meta].filter(([key]) => /^[a-z_-]+$/.test(key) && key !== 'devices')
  const text = encodeMinuteFile(
    { instant: new Date('2026-11-22T07:12:04Z'), macs, meta: Object.fromEntries(named) },
    'Europe/Paris',
  )
  const again = decodeMinuteFile(Buffer.from(text))
  must(again.faults.length === 0 && !again.cut, 'what it writes can be read')
  must(again.macs.join() === [...new Set(macs)].sort().join(), 'devices come back')
  must(
    named.every(([key, value]) => again.meta.get(key) === value),
    'notes come back',
  )
  must(!/T\d\d/.test(text.split('\n', 1)[0] ?? ''), 'no note looks like an hour')
}

const objectKey: Target = {
  name: 'object key',
  reader: 'shared/src/object-key.ts',
  seeds: [
    'presences/poulailler/2026-11-22/20261122T0712Z-box.tsv',
    'presences/pti-poulailler/2026-11-22',
    'presences/fte-rdc/2026-10-25/20261025T0030Z-Pi_4.local.tsv',
  ],
  words: ['presences/', 'rollups/', 'T0712Z-', '.tsv', '.tmp', '2026-11-22/', ...DAYS],
  share: 90,
  read(input) {
    const text = Buffer.from(input).toString('utf8')
    const key = parseRawKey(text)
    if (key === undefined) return ['no key of a raw object']
    if (key.kind === 'day') {
      must(formatDayKey(key.location, key.day) === text, 'a day key is written as it was read')
    } else if (LOCATION_PATTERN.test(key.location)) {
      must(formatMinuteKey(key) === text, 'a minute key is written as it was read')
    } else {
      must(!key.location.includes('/'), 'a location is one folder')
    }
    return READ
  },
}

const macAddress: Target = {
  name: 'MAC address',
  reader: 'shared/src/mac.ts',
  seeds: PLANTED_MACS,
  share: 90,
  read(input) {
    const text = Buffer.from(input).toString('utf8')
    const mac = parseMac(text)
    if (mac === undefined) return ['no MAC address']
    const digits = text.replaceAll(/[:.-]/g, '').toUpperCase()
    must(mac.replaceAll(':', '') === digits, 'it has the digits that were given')
    must(macFromBits(macToBits(mac)) === mac && parseMac(mac) === mac, 'it is its own spelling')
    return READ
  },
}

export const SHARED_TARGETS = [sightingLines, minuteFile, objectKey, macAddress]
