/** Packed bytes, cheaply: a fuzzer packs hundreds of thousands of texts, and nobody looks at their size. */
import { crc32, gunzipSync, gzipSync } from 'node:zlib'

const HEADER = Buffer.from('1f8b08000000000000ff', 'hex')
const LONGEST_BLOCK = 0xffff

/** A gzip file with `content` as it is, in stored blocks. */
export function gzipped(content: Uint8Array): Buffer {
  const parts: Uint8Array[] = [HEADER]
  for (let at = 0; at === 0 || at < content.length; at += LONGEST_BLOCK) {
    const block = content.subarray(at, at + LONGEST_BLOCK)
    const head = Buffer.alloc(5)
    head.writeUInt8(at + LONGEST_BLOCK >= content.length ? 1 : 0, 0)
    head.writeUInt16LE(block.length, 1)
    head.writeUInt16LE(~block.length & 0xffff, 3)
    parts.push(head, block)
  }
  const end = Buffer.alloc(8)
  end.writeUInt32LE(crc32(content), 0)
  end.writeUInt32LE(content.length, 4)
  return Buffer.concat([...parts, end])
}

export function gunzipped(bytes: Uint8Array): Buffer {
  return gunzipSync(bytes)
}

/** What zlib says of bytes that are no gzip, or not all of it. */
export const NO_GZIP =
  /\b(?:incorrect|invalid|unexpected end of file|unknown (?:compression|header)|header crc|too many length)/

/** A small file that unpacks to so many megabytes of spaces. */
export function bomb(megabytes: number): Buffer {
  return gzipSync(Buffer.alloc(megabytes * 1024 * 1024, ' '), { level: 9 })
}
