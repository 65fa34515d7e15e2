/** Sighting lines read the slow and plain way, a line and a pattern at a time: the reader must agree with it. */

interface PlainRead {
  readonly lines: number
  /** `#` lines. */
  readonly notes: number
  /** `MAC bits, space, epoch minute` of each. */
  readonly sightings: readonly string[]
  readonly faultyLines: readonly number[]
}

const LINE =
  /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:Z|([+-])(\d\d)(?::?(\d\d))?)[\t ]+([0-9A-Fa-f:.-]+)[\t ]*$/
const SPELLINGS = [
  /^..:..:..:..:..:..$/,
  /^..-..-..-..-..-..$/,
  /^..\...\...\...\...\...$/,
  /^....\.....\.....$/,
  /^[^:.-]{12}$/,
]

export function plainSightings(input: Uint8Array): PlainRead {
  // Each byte is one letter: what is not ASCII is wrong wherever it stands.
  const text = Buffer.from(input)
    .toString('latin1')
    .replace(/^\u{ef}\u{bb}\u{bf}/u, '')
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const sightings: string[] = []
  const faultyLines: number[] = []
  let notes = 0
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('#')) {
      notes += 1
      continue
    }
    const sighting = readLine(line.replace(/\r$/, ''))
    if (sighting === undefined) faultyLines.push(index + 1)
    else sightings.push(sighting)
  }
  return { lines: lines.length, notes, sightings, faultyLines }
}

function readLine(line: string): string | undefined {
  const [
    ,
    date = '',
    hour,
    minute,
    second,
    sign,
    offsetHours = '0',
    offsetMinutes = '0',
    mac = '',
  ] = LINE.exec(line) ?? []
  const offset = Number(offsetHours) * 60 + Number(offsetMinutes)
  const time = Date.parse(`${date}T00:00:00Z`)
  const exists = !Number.isNaN(time) && new Date(time).toISOString().startsWith(date)
  if (!exists || date < '1970' || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return undefined
  if (offset > 14 * 60 || Number(offsetMinutes) > 59) return undefined
  const hex = mac.replaceAll(/[:.-]/g, '')
  if (!SPELLINGS.some((spelling) => spelling.test(mac)) || hex.length !== 12) return undefined
  const local = time / 60_000 + Number(hour) * 60 + Number(minute)
  return `${Number.parseInt(hex, 16)} ${sign === '-' ? local + offset : local - offset}`
}
