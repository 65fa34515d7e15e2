/**
 * What an answer of the ticket server means: done, no for good, or try again; and in words, with what
 * to do. The rules are those observed on the real server: its errors are JSON `{status, message}`, an
 * unknown path is an HTML page with 404, and a 500 does not mean that nothing was stored.
 */
import { oneLine } from '@presences/shared'
import type { Failed } from '../../runtime/retry.ts'

/** An HTTP answer. Header values as sent, `''` when absent. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly location: string
  readonly retryAfter: string
  readonly date: string
  readonly body: string
  /** It was longer than so many bytes, and read no further: `body` is its beginning. */
  readonly cutAt?: number
}

/** Why an attempt failed. `cause` and `advice` are one line each, without token or whole MAC. */
export interface RequestFailure extends Failed {
  readonly cause: string
  readonly advice: string
  readonly status?: number
  readonly error?: unknown
}

export type Judged = { readonly ok: true; readonly answer: Answer } | RequestFailure

/** What a request expects of a 200: `undefined` when it is that, otherwise what it is not. */
export type Expectation = (answer: Answer) => string | undefined

const QUOTED_LENGTH = 200
/** The server's words for any fault of its own. */
const UNEXPECTED = 'Une erreur inattendue est survenue.'
const AGAIN_LATER = 'look at the ticket server, then run again'

/** Judges one answer. `secret` never appears in the result, not even when the server repeats it. */
export function judgeAnswer(answer: Answer, expected: Expectation, secret: string): Judged {
  const { status } = answer
  if (status === 200) {
    const { cutAt } = answer
    const wrong = cutAt === undefined ? expected(answer) : `with more than ${cutAt} bytes`
    return wrong === undefined ? { ok: true, answer } : notTheServer(answer, wrong, secret)
  }
  if (status < 300) return notTheServer(answer, 'the ticket server answers 200 only', secret)
  if (status < 400) return redirected(answer, secret)
  const said = messageOf(answer, secret)
  const cause = said === undefined ? `answered ${status}` : `answered ${status} "${said}"`
  if (status >= 500 || status === 429) {
    const retryAfterMs = retryAfterOf(answer)
    return {
      ok: false,
      again: true,
      status,
      cause,
      advice: AGAIN_LATER,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    }
  }
  return { ok: false, again: false, status, cause, advice: adviceFor(status, said !== undefined) }
}

/** True when the server itself, not something before it, says that it failed on this request. */
export function isUnexpectedFault(answer: Answer): boolean {
  return answer.status === 500 && messageOf(answer, '') === UNEXPECTED
}

/** Judges an attempt without an answer, from what `fetch` threw; `timeoutMs` is the time it had. */
export function judgeNetworkFault(
  error: unknown,
  timeoutMs: number,
  secret: string,
): RequestFailure {
  const thrown = error instanceof Error ? error : new Error(String(error))
  const timedOut = thrown.name === 'TimeoutError'
  return {
    ok: false,
    again: true,
    cause: timedOut
      ? `gave no whole answer within ${timeoutMs / 1000} s`
      : `did not answer (${quoted(networkCause(thrown), secret)})`,
    advice: 'check TICKET_BACKEND_URL and the network, then run again',
    error,
  }
}

/** A 200 that the ticket server would not give comes from something in between, and may go away. */
function notTheServer(answer: Answer, wrong: string, secret: string): RequestFailure {
  const type = answer.contentType.split(';')[0]?.trim() || 'no content type'
  return {
    ok: false,
    again: true,
    status: answer.status,
    cause: `answered ${answer.status}, but ${wrong} (${quoted(type, secret)}, ${answer.body.length} characters)`,
    advice:
      'something else answers in its place (proxy, captive portal, wrong address): check TICKET_BACKEND_URL and the network, then run again',
  }
}

/** Followed, a redirected post becomes a GET and is lost. */
function redirected({ status, location }: Answer, secret: string): RequestFailure {
  const target = addressIn(location)
  const where = target ? ` to ${quoted(target, secret)}` : ''
  return {
    ok: false,
    again: false,
    status,
    cause: `answered ${status}, a redirect${where}`,
    advice:
      "a redirected post is lost: set TICKET_BACKEND_URL to the ticket server's final address",
  }
}

/** An address without its query, and without percent signs, behind which a secret would not be known. */
function addressIn(location: string): string | undefined {
  if (!URL.canParse(location)) return undefined
  const { origin, pathname } = new URL(location)
  try {
    return origin + decodeURIComponent(pathname)
  } catch {
    return origin
  }
}

function adviceFor(status: number, saidInJson: boolean): string {
  if (status === 401)
    return 'TICKET_BACKEND_TOKEN is not accepted: set a key the ticket server knows'
  if (status === 404 && saidInJson) {
    return 'the e-mail must be that of a member, letter for letter: correct it at the ticket server'
  }
  if (status === 404) {
    return 'a page instead of JSON means a wrong address: check TICKET_BACKEND_URL'
  }
  if (status === 403 && !saidInJson) {
    return 'something before the ticket server refuses (proxy, firewall): check TICKET_BACKEND_URL'
  }
  return 'the ticket server will answer so again: report it with this message'
}

/** The `message` of a JSON error, for quoting; `undefined` for any other body. */
function messageOf(answer: Answer, secret: string): string | undefined {
  if (!answer.contentType.includes('json')) return undefined
  try {
    const { message } = JSON.parse(answer.body) as { message?: unknown }
    return typeof message === 'string' ? quoted(message, secret) : undefined
  } catch {
    return undefined
  }
}

/** `Retry-After` in seconds, or as a date: told from the answer's own date, so that no clock is asked. */
function retryAfterOf({ retryAfter, date }: Answer): number | undefined {
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000
  // Date.parse reads nearly anything, -5 too: an HTTP date ends in GMT.
  const ms = retryAfter.endsWith('GMT') ? Date.parse(retryAfter) - Date.parse(date) : Number.NaN
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** `fetch failed` says nothing: the reason is its cause, or the code of several causes at once. */
function networkCause(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : error
  const code = (cause as NodeJS.ErrnoException).code
  return cause.message || code || cause.name
}

function quoted(text: string, secret: string): string {
  const line = oneLine(secret === '' ? text : text.replaceAll(secret, '…'))
  return line.length > QUOTED_LENGTH ? `${line.slice(0, QUOTED_LENGTH)}…` : line
}
