/**
 * An HTTP answer or request as the bytes of an input: the first line, headers, an empty line, the body. What
 * no server could send, since its own HTTP library would refuse it, is made sendable.
 */

export interface Message {
  /** `502`, or `GET /path`. */
  readonly first: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

export function messageIn(input: Uint8Array): Message {
  const bytes = Buffer.from(input)
  const end = bytes.indexOf('\n\n')
  const head = (end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1')
  const [first = '', ...lines] = head.split('\n')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase()
    // A header's value holds no control characters, and no more than servers take.
    const value = line
      .slice(colon + 1)
      .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '')
      .trim()
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) headers.set(name, value.slice(0, 8_000))
  }
  return { first, headers, body: end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 2) }
}

/** A status that an answer can have; 200 where there is none. */
export function statusIn({ first }: Message): number {
  const status = Number.parseInt(first, 10)
  return status >= 200 && status <= 599 ? status : 200
}
