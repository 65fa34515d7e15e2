/** The body of an answer, no more of it than is wanted: what is longer than it may be is cut off, and never in memory. */
import { LIMITS } from '@presences/shared'
import { TooLargeError } from '../store.ts'
import { BrokenAnswer } from './fault.ts'

export interface Wanted {
  /** What it is, for messages. */
  readonly where: string
  readonly mostBytes: number
  /** The length that was announced: one that is too large needs no waiting. */
  readonly saidBytes: number | undefined
}

/** An object's bytes. Throws TooLargeError, and ends the connection. */
export async function collect(
  body: AsyncIterable<Uint8Array>,
  { where, mostBytes, saidBytes = 0 }: Wanted,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (Math.max(length, saidBytes) > mostBytes) {
      throw new TooLargeError(where, Math.max(length, saidBytes), mostBytes)
    }
    chunks.push(chunk)
  }
  const [only] = chunks
  return chunks.length === 1 && only instanceof Buffer ? only : Buffer.concat(chunks)
}

/** The chunks of an answer that must not have more bytes. Throws BrokenAnswer where it does, and ends the connection. */
export async function* limited(
  body: AsyncIterable<Uint8Array>,
  mostBytes: number,
): AsyncGenerator<Uint8Array> {
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > mostBytes) {
      throw new BrokenAnswer(`the answer has more than ${mostBytes} bytes, as no S3 server's has`)
    }
    yield chunk
  }
}

/** The beginning of a refusal, which says why: as much of it as a sentence or two could take. */
export async function collectRefusal(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > LIMITS.answerBytes) break
  }
  return Buffer.concat(chunks)
}
