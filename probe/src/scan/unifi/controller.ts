/** Asks the controller over HTTPS: one request, one connection, whose certificate was checked before. */
import { type IncomingMessage, request } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { LookFailure } from '../scanner.ts'
import { connectTrusted, explainNetwork } from './trusted-socket.ts'
import type { Answer } from './unifi-answers.ts'
import type { Trust } from './unifi-config.ts'

export interface Question {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** `name=value; …`, as a browser sends it back. */
  readonly cookie?: string
  /** Sent as JSON. */
  readonly content?: unknown
}

export interface ControllerAnswer extends Answer {
  readonly setCookie: readonly string[]
  /** Of the `Retry-After` header, in seconds. */
  readonly retryAfterS: number | undefined
}

/** Asks; a status other than 200 is an answer too. */
export type Ask = (
  question: Question,
  signal: AbortSignal,
) => Promise<ControllerAnswer | { failure: LookFailure }>

/** A list of a thousand clients is two megabytes. */
const MAX_BODY_BYTES = 32 * 1024 * 1024

/** How to ask the controller at `origin`. */
export function controllerAt(origin: string, trust: Trust): Ask {
  return async (question, signal) => {
    const url = new URL(question.path, origin)
    const socket = await connectTrusted(url, trust, signal)
    if ('reason' in socket) return { failure: socket }
    try {
      return await exchange(url, question, socket, signal)
    } catch (cause) {
      return { failure: explainNetwork(cause as NodeJS.ErrnoException) }
    } finally {
      socket.destroy()
    }
  }
}

async function exchange(
  url: URL,
  { method, cookie, content }: Question,
  socket: TLSSocket,
  signal: AbortSignal,
): Promise<ControllerAnswer> {
  const body = content === undefined ? undefined : JSON.stringify(content)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({
      // The socket speaks TLS by itself.
      createConnection: () => socket,
      method,
      path: url.pathname,
      signal,
      headers: {
        host: url.host,
        accept: 'application/json',
        connection: 'close',
        ...(cookie !== undefined && { cookie }),
        ...(body !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
      },
    })
    sent.once('response', resolve).once('error', reject)
    // Also without either: of what speaks another protocol (101) there is neither answer nor error.
    sent.once('close', () => reject(new Error('it gave no answer'))).end(body)
  })
  return {
    status: response.statusCode ?? 0,
    body: await textOf(response),
    date: response.headers.date,
    setCookie: response.headers['set-cookie'] ?? [],
    retryAfterS: secondsOf(response.headers['retry-after']),
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) throw new Error('its answer has no end')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined
}
