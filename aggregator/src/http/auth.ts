/** Who may ask: whoever shows one of `ADMIN_TOKENS`, as `Authorization: Bearer T` or `Token T`. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { errorBody } from './responses.ts'

/** What is known of a request. */
export interface Visitor {
  /** Who asks, for the ledger: the number of their token. */
  readonly who: string
  /** Settles when what was asked for has ended, where it goes on after the answer began. */
  readonly lasting?: Promise<unknown>
}

const OPEN_PATHS = new Set(['/healthz'])

/** Refuses with 401 all but the open paths when no token, or an unknown one, is shown, and tells `onRefused`. */
export function requireToken(tokens: readonly string[], onRefused: (c: Context) => void) {
  const known = tokens.map(digest)
  return createMiddleware<{ Variables: Visitor }>(async (c, next) => {
    const number = indexOf(c.req.header('Authorization') ?? '', known) + 1
    if (OPEN_PATHS.has(c.req.path) || number > 0) {
      c.set('who', `http, token ${number}`)
      return next()
    }
    onRefused(c)
    c.header('WWW-Authenticate', 'Bearer realm="presences"')
    return c.json(errorBody(401, 'Show one of ADMIN_TOKENS: Authorization: Bearer <token>'), 401)
  })
}

/** Compares digests, which have one length, and looks at every token: the time taken tells nothing. */
function indexOf(header: string, known: readonly Buffer[]): number {
  const [, token] = /^(?:Bearer|Token) +(\S+)$/i.exec(header) ?? []
  const shown = digest(token ?? '')
  let found = -1
  known.forEach((each, index) => {
    if (timingSafeEqual(each, shown)) found = index
  })
  return token === undefined ? -1 : found
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
