/** Who may ask: whoever shows one of `ADMIN_TOKENS`, as `Authorization: Bearer T` or `Token T`. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import { errorBody } from './responses.ts'

const OPEN_PATHS = new Set(['/healthz'])

/** Refuses with 401 all but the open paths when no token, or an unknown one, is shown. */
export function requireToken(tokens: readonly string[]) {
  const known = tokens.map(digest)
  return createMiddleware(async (c, next) => {
    if (OPEN_PATHS.has(c.req.path) || isKnown(c.req.header('Authorization') ?? '', known)) {
      return next()
    }
    c.header('WWW-Authenticate', 'Bearer realm="presences"')
    return c.json(errorBody(401, 'Show one of ADMIN_TOKENS: Authorization: Bearer <token>'), 401)
  })
}

/** Compares digests, which have one length, and looks at every token: the time taken tells nothing. */
function isKnown(header: string, known: readonly Buffer[]): boolean {
  const [, token] = /^(?:Bearer|Token) +(\S+)$/i.exec(header) ?? []
  const shown = digest(token ?? '')
  const matches = known.filter((each) => timingSafeEqual(each, shown)).length
  return token !== undefined && matches > 0
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
