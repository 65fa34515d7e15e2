/** Who may ask: whoever shows one of `ADMIN_TOKENS`, as `Authorization: Bearer T` or `Token T`. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import { errorBody } from './responses.ts'

/** Who asks, for the ledger: the number of their token. */
export interface Visitor {
  readonly who: string
}

const OPEN_PATHS = new Set(['/healthz'])

/** Refuses with 401 all but the open paths when no token, or an unknown one, is shown. */
export function requireToken(tokens: readonly string[]) {
  const known = tokens.map(digest)
  return createMiddleware<{ Variables: Visitor }>(async (c, next) => {
    const number = indexOf(c.req.header('Authorization') ?? '', known) + 1
    if (OPEN_PATHS.has(c.req.path) || number > 0) {
      c.set('who', `http, token ${number}`)
      return next()
    }
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
