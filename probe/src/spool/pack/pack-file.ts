/**
 * Minute files as one small file. 840 minutes of 300 devices are 11 MB of text, in which the same time
 * stands 300 times and the same MAC 840 times. Here a time stands once a file and a MAC once a pack, with a
 * bit for each file that has it: 45 kB. Gzip over lines of JSON, so that `zcat` shows it to a person.
 *
 *     {"pack":1}
 *     {"name":"20261122T0712Z-box.tsv","head":"# devices=1 …","time":"2026-11-22T08:12:04+01:00"}
 *     {"name":"20261122T0713Z-box.tsv","bytes":"<base64>"}     a file that is not in the form we write
 *     {"mac":"AA:BB:CC:DD:EE:FF","seen":"01"}                  hexadecimal; bit 0 of byte 0 is the first file
 */
import { gunzipSync, gzipSync } from 'node:zlib'

/** A minute file: its name without folders, and its content. */
export interface PackedFile {
  readonly name: string
  readonly bytes: Buffer
}

/** The bytes of a pack. Files may be read one by one: none is kept. */
export async function encodePack(files: AsyncIterable<PackedFile>, count: number): Promise<Buffer> {
  const lines: string[] = [JSON.stringify({ pack: VERSION })]
  const seen = new Map<string, Buffer>()
  let index = 0
  for await (const { name, bytes } of files) {
    const columns = columnsOf(bytes)
    if (columns) {
      for (const mac of columns.macs) {
        const bits = seen.get(mac) ?? Buffer.alloc(Math.ceil(count / 8))
        bits[index >> 3] = (bits[index >> 3] as number) | (1 << (index & 7))
        seen.set(mac, bits)
      }
      lines.push(JSON.stringify({ name, head: columns.head, time: columns.time }))
    } else {
      lines.push(JSON.stringify({ name, bytes: bytes.toString('base64') }))
    }
    index += 1
  }
  for (const [mac, bits] of [...seen].sort()) {
    lines.push(JSON.stringify({ mac, seen: bits.toString('hex') }))
  }
  return gzipSync(`${lines.join('\n')}\n`)
}

/** The files of a pack, byte for byte, in their order. Throws when it is damaged, or of another version. */
export function* decodePack(pack: Uint8Array): Generator<PackedFile> {
  const [head, ...rest] = gunzipSync(pack, { maxOutputLength: MOST_BYTES })
    .toString('utf8')
    .trimEnd()
    .split('\n')
  const { pack: version } = objectIn(head)
  if (version !== VERSION)
    throw new Error(`it is of version ${JSON.stringify(version)}, not ${VERSION}`)
  const lines = rest.map(readLine)
  const filesCount = lines.filter((line) => !('mac' in line)).length
  const devices = lines.flatMap((line, at) =>
    'mac' in line ? [{ mac: line.mac, bits: bitsOf(line.seen, filesCount, at) }] : [],
  )
  let index = 0
  for (const line of lines) {
    if ('mac' in line) return
    const at = index
    const here = ({ bits }: { bits: Buffer }) => ((bits[at >> 3] as number) >> (at & 7)) & 1
    if ('bytes' in line) yield { name: line.name, bytes: Buffer.from(line.bytes, 'base64') }
    else yield { name: line.name, bytes: textOf(line, devices.filter(here)) }
    index += 1
  }
}

const VERSION = 1
/** Some hundred times a day of 300 devices: a damaged pack must not fill the memory of a small box. */
const MOST_BYTES = 64 * 1024 * 1024

/** Throws for what is no JSON, or is none of the forms above. `index` is that of the line after the first. */
function readLine(text: string, index: number): PackLine {
  const { name, head, time, bytes, mac, seen } = objectIn(text)
  if (isText(mac) && isText(seen)) return { mac, seen }
  if (isText(name) && isText(bytes)) return { name, bytes }
  if (isText(name) && isText(head) && isText(time)) return { name, head, time }
  throw notALine(index)
}

/** A bit for each file: with fewer, a device would be lost in silence. */
function bitsOf(seen: string, files: number, index: number): Buffer {
  const bits = Buffer.from(seen, 'hex')
  if (bits.length !== Math.ceil(files / 8) || seen.length !== 2 * bits.length) throw notALine(index)
  return bits
}

function notALine(index: number): Error {
  return new Error(`its line ${index + 2} is not one of a pack`)
}

/** The fields of a line; of one that is no object, none. */
function objectIn(line: string | undefined): Readonly<Record<string, unknown>> {
  return Object(JSON.parse(line ?? ''))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

interface Columns {
  /** The `#` lines, each with its line feed. */
  readonly head: string
  readonly time: string
  readonly macs: readonly string[]
}

type PackLine =
  | { readonly name: string; readonly head: string; readonly time: string }
  | { readonly name: string; readonly bytes: string }
  | { readonly mac: string; readonly seen: string }

/** A file taken apart; `undefined` for one that would not come out the same. */
function columnsOf(bytes: Buffer): Columns | undefined {
  const text = bytes.toString(EVERY_BYTE)
  const head = /^(?:#.*\n)*/.exec(text)?.[0] ?? ''
  const time = text.slice(head.length, Math.max(head.length, text.indexOf('\t', head.length)))
  const macs: string[] = []
  for (let start = head.length; start < text.length; ) {
    const end = text.indexOf('\n', start)
    if (end < 0 || !text.startsWith(`${time}\t`, start)) return undefined
    const mac = text.slice(start + time.length + 1, end)
    // Sorted, each once: as they will come out.
    if (macs.length > 0 && mac <= (macs.at(-1) as string)) return undefined
    macs.push(mac)
    start = end + 1
  }
  return { head, time, macs }
}

function textOf(
  { head, time }: Pick<Columns, 'head' | 'time'>,
  devices: readonly { readonly mac: string }[],
): Buffer {
  return Buffer.from(head + devices.map(({ mac }) => `${time}\t${mac}\n`).join(''), EVERY_BYTE)
}

/** A character for each byte, and back: also of what is no UTF-8. */
const EVERY_BYTE = 'latin1'
