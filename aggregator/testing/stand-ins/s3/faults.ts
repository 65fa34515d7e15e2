/**
 * What a stand-in S3 server can be told to do wrong, one request at a time, as real ones do: throttle,
 * refuse, hang, or break a connection before, during and after the work.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers this instead, and does nothing. `body` replaces the XML (a proxy's page, say). */
export interface FalseAnswer {
  readonly status: number
  readonly code: string
  readonly body?: string
}

export type S3Fault =
  | FalseAnswer
  /** Breaks the connection, and does nothing. */
  | 'drop'
  /** Does what was asked, then breaks the connection without a word. */
  | 'drop-after'
  /** Never answers. */
  | 'hang'
  /** Sends this many bytes of the body, then breaks the connection. */
  | { readonly cutBodyAt: number }
  /** Sends this many bytes of the body, then nothing more. */
  | { readonly stallBodyAt: number }

export function isAnswer(fault: S3Fault | undefined): fault is FalseAnswer {
  return typeof fault === 'object' && 'status' in fault
}

/** Applies a fault that lets the server work first, by changing what leaves it. */
export function spoilAnswer(
  fault: 'drop-after' | { cutBodyAt: number } | { stallBodyAt: number },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const end = response.end.bind(response)
  if (fault === 'drop-after') {
    response.writeHead = () => response
    response.end = () => {
      request.socket.destroy()
      return response
    }
    return
  }
  const bytes = 'cutBodyAt' in fault ? fault.cutBodyAt : fault.stallBodyAt
  response.end = ((body?: unknown) => {
    if (!Buffer.isBuffer(body) && typeof body !== 'string') return end()
    response.flushHeaders()
    response.write(Buffer.from(body as string).subarray(0, bytes), () => {
      if ('cutBodyAt' in fault) request.socket.destroy()
    })
    return response
  }) as typeof response.end
}
