/** What can go wrong on the way to a ticket server, and on the way back. */
import type { ServerResponse } from 'node:http'
import { setTimeout as sleepMs } from 'node:timers/promises'
import { jsonError, type StandInAnswer, UNEXPECTED } from './answer.ts'

/**
 * `drop`: the connection ends before anything is done. `store-then-500`, `store-then-drop`: the work is done,
 * the answer is an error or none. `cut`: the connection ends half-way through the body. `hang`, `hang-body`: the work
 * is done and the answer never comes, or never ends. `{status}`: that answer, nothing done; the body is the
 * server's JSON error unless given. `{delayMs}`: the right answer, late.
 */
export type Fault =
  | 'drop'
  | 'store-then-500'
  | 'store-then-drop'
  | 'cut'
  | 'hang'
  | 'hang-body'
  | { readonly delayMs: number }
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }

/** Sends `work`'s answer, or what the fault makes of it. */
export async function sendWithFault(
  response: ServerResponse,
  fault: Fault | undefined,
  work: () => StandInAnswer,
): Promise<void> {
  if (fault === undefined) return send(response, work())
  if (typeof fault === 'object') {
    if ('status' in fault) return send(response, faultyAnswer(fault))
    await sleepMs(fault.delayMs)
    return send(response, work())
  }
  if (fault === 'drop') return drop(response)
  const answer = work()
  if (fault === 'store-then-500') return send(response, jsonError(500, UNEXPECTED))
  if (fault === 'store-then-drop') return drop(response)
  if (fault === 'hang') return
  sendHalf(response, answer)
  if (fault === 'cut') response.socket?.end()
}

function send(response: ServerResponse, { status, headers, body }: StandInAnswer): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body)
}

/** Promises the whole body, sends half of it. */
function sendHalf(response: ServerResponse, { status, headers, body }: StandInAnswer): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'Content-Length': Math.max(bytes.length, 2) })
  response.write(bytes.length > 1 ? bytes.subarray(0, bytes.length >> 1) : 'x')
}

function drop(response: ServerResponse): void {
  response.socket?.destroy()
}

function faultyAnswer(fault: Extract<Fault, { status: number }>): StandInAnswer {
  const plain = jsonError(fault.status, fault.status >= 500 ? UNEXPECTED : `Error ${fault.status}`)
  const headers = fault.body === undefined ? plain.headers : { 'Content-Type': 'text/html' }
  return {
    status: fault.status,
    headers: { ...headers, ...fault.headers },
    body: fault.body ?? plain.body,
  }
}
