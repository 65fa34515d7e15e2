/**
 * Long work, answered whole or as it goes: a client that sends `Accept: application/x-ndjson` gets one
 * JSON object a line, `waiting` when another run charges, `progress` lines, then one `result` or `error`. A client that goes away does not
 * stop the work: half a charge would be worse than one nobody watched.
 */
import { visibleLine } from '@presences/shared'
import type { Context, TypedResponse } from 'hono'
import { stream } from 'hono/streaming'
import { failureOf } from '../errors.ts'
import { AlreadyCharging, type OnWait } from '../ledger/lease.ts'
import { lasts } from './at-once.ts'
import { errorBody } from './responses.ts'

export const NDJSON = 'application/x-ndjson'

export type Emit = (line: { readonly type: string } & Record<string, unknown>) => void

/** What a piece of long work ends with: a body, and the status it has when it is answered whole. */
export interface Outcome<Body> {
  readonly status: 200 | 404 | 502
  readonly body: Body
}

/** A client that hears of the progress hears of the waiting, too. */
export function tellWaiting(emit: Emit): OnWait {
  return (waiting) => emit({ type: 'waiting', ...waiting })
}

/** Others would not know why nothing comes: they are answered at once. Throws AlreadyCharging. */
export const refuseWaiting: OnWait = (waiting) => {
  throw new AlreadyCharging(waiting)
}

export function wantsNdjson(c: Context): boolean {
  return (c.req.header('Accept') ?? '').toLowerCase().includes(NDJSON)
}

/** Streams `work`; its failure becomes the last line, since the status has been sent by then. */
export function answerNdjson<Body extends object>(
  c: Context,
  work: (emit: Emit) => Promise<Outcome<Body>>,
  onFailure: (detail: string) => void,
): Response & TypedResponse<never, 200, 'json'> {
  c.header('Content-Type', NDJSON)
  let end = () => {}
  lasts(
    c,
    new Promise<void>((resolve) => {
      end = resolve
    }),
  )
  const response = stream(c, async (body) => {
    let written: Promise<unknown> = Promise.resolve()
    const emit: Emit = (line) => {
      written = written
        .then(() => body.write(`${visibleLine(JSON.stringify(line))}\n`))
        .catch(() => undefined)
    }
    try {
      const { status, body: result } = await work(emit)
      emit({ ...result, type: 'result', status })
    } catch (error) {
      const { status, message, detail } = failureOf(error)
      onFailure(detail)
      emit({ type: 'error', ...errorBody(status, message) })
    } finally {
      end()
    }
    await written
  })
  // Routes are typed by what they answer; hono's stream helper leaves its type open.
  return response as Response & TypedResponse<never, 200, 'json'>
}
