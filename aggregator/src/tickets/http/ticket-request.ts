/**
 * One request to the ticket server, sent until it is answered or given up. What a request asks and
 * what answer it expects is the caller's; this is the only file that talks HTTP to the server.
 */
import { setTimeout as sleepMs } from 'node:timers/promises'
import { LIMITS } from '@presences/shared'
import { type Backoff, retrying } from '../../runtime/retry.ts'
import { AFTER_LIMIT_MS, stayAwake } from '../../runtime/stay-awake.ts'
import { type BeforeAttempt, TicketsError } from '../tickets.ts'
import { tokenFault, urlFault } from './ticket-address.ts'
import {
  type Answer,
  type Expectation,
  type Judged,
  judgeAnswer,
  judgeNetworkFault,
} from './ticket-answer.ts'

/** How to reach the ticket server. All but the first two have defaults for production. */
export interface TicketServerOptions {
  /** `TICKET_BACKEND_URL`: http or https, with or without a path or a slash at its end. */
  readonly url: string
  /** `TICKET_BACKEND_TOKEN`: sent in a header, never in an address or a body. */
  readonly token: string
  readonly fetch?: typeof fetch
  /** Attempts after the first. Default 5: about 15 seconds of patience, a restart of the server. */
  readonly retries?: number
  /** For one attempt, from connecting to the last byte of the body. Default 30 s. */
  readonly timeoutMs?: number
  /** In [0, 1), for jitter. */
  readonly random?: () => number
  readonly sleep?: Backoff['sleep']
  /** A signal that aborts after `ms` with a TimeoutError. Default `AbortSignal.timeout`. */
  readonly timeoutSignal?: (ms: number) => AbortSignal
}

/** A request: `doing` completes "Can't …" in messages; `expects` judges an answer of 200. */
interface TicketRequest {
  readonly doing: string
  readonly method: 'GET' | 'POST' | 'PUT'
  /** From `/api`, with its query. */
  readonly path: string
  readonly form?: Readonly<Record<string, string>>
  /** Instead of a form: an object. */
  readonly json?: object
  readonly expects: Expectation
  /** A longer answer is not read on, and not believed. Default: a word or a sentence. */
  readonly mostBytes?: number
  /** True for a bad answer that would come again: it is not waited out. Default: what `judgeAnswer` says. */
  readonly final?: (answer: Answer) => boolean
  readonly beforeAttempt?: BeforeAttempt | undefined
}

/** Sends a request and returns the answer it expects. Throws TicketsError when it failed for good. */
export type SendTicketRequest = (request: TicketRequest) => Promise<Answer>

const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 30_000

/** Prepares sending; asks nothing of the network. Throws TicketsError for an unusable URL or token. */
export function createTicketRequests(options: TicketServerOptions): SendTicketRequest {
  const { token, timeoutMs = 30_000 } = options
  const timeoutSignal = options.timeoutSignal ?? ((ms) => AbortSignal.timeout(ms))
  const send = options.fetch ?? fetch
  const base = checkedBase(options.url)
  checkToken(token)
  const backoff: Backoff = {
    retries: options.retries ?? 5,
    firstDelayMs: FIRST_DELAY_MS,
    maxDelayMs: MAX_DELAY_MS,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? ((ms) => sleepMs(ms)),
  }

  return async (request) => {
    const { outcome, attempts } = await retrying(async () => {
      await request.beforeAttempt?.()
      return stayAwake(timeoutMs + AFTER_LIMIT_MS, () => attempt(request))
    }, backoff)
    if (outcome.ok) return outcome.answer
    const tries = attempts > 1 ? ` (tried ${attempts} times)` : ''
    throw new TicketsError(
      // An attempt before this one may have been carried out: its answer was lost, or a 5xx.
      outcome.again || attempts > 1 ? 'unreachable' : 'refused',
      `Can't ${request.doing}: ${base} ${outcome.cause}${tries}; ${outcome.advice}`,
      outcome.status,
      outcome.error === undefined ? undefined : { cause: outcome.error },
    )
  }

  async function attempt(request: TicketRequest): Promise<Judged> {
    let answer: Answer
    try {
      const response = await send(base + request.path, {
        method: request.method,
        headers: {
          Authorization: `Token ${token}`,
          ...(request.json && { 'Content-Type': 'application/json' }),
        },
        redirect: 'manual',
        // The signal stays armed while the body is read: a server that stops half-way is given up too.
        signal: timeoutSignal(timeoutMs),
        ...(request.form && { body: new URLSearchParams(request.form) }),
        ...(request.json && { body: JSON.stringify(request.json) }),
      })
      answer = await readAnswer(response, request.mostBytes ?? LIMITS.answerBytes)
    } catch (error) {
      return judgeNetworkFault(error, timeoutMs, token)
    }
    const judged = judgeAnswer(answer, request.expects, token)
    return !judged.ok && request.final?.(answer) ? { ...judged, again: false } : judged
  }
}

async function readAnswer(response: Response, mostBytes: number): Promise<Answer> {
  const header = (name: string) => response.headers.get(name) ?? ''
  return {
    status: response.status,
    contentType: header('content-type'),
    location: header('location'),
    retryAfter: header('retry-after'),
    date: header('date'),
    ...(await readText(response.body, mostBytes)),
  }
}

/** What is sent without end is given up where it is too much: it must not fill the memory. */
async function readText(
  body: AsyncIterable<Uint8Array> | null,
  mostBytes: number,
): Promise<Pick<Answer, 'body' | 'cutAt'>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    // Leaving the loop cancels the body, and so ends the connection.
    if (length > mostBytes) return { body: textOf(chunks), cutAt: mostBytes }
    chunks.push(chunk)
  }
  return { body: textOf(chunks) }
}

function textOf(chunks: readonly Uint8Array[]): string {
  return new TextDecoder().decode(Buffer.concat(chunks))
}

/** The base without slash at its end. */
function checkedBase(url: string): string {
  const fault = urlFault(url)
  if (fault) throw new TicketsError('refused', `TICKET_BACKEND_URL ${fault}: correct it`)
  const { origin, pathname } = new URL(url)
  return origin + pathname.replace(/(?<!\/)\/+$/, '')
}

function checkToken(token: string): void {
  const fault = tokenFault(token)
  if (fault) throw new TicketsError('refused', `TICKET_BACKEND_TOKEN ${fault}: correct it`)
}
