/** No route takes a large body: one is refused before a byte of it is read. */
import { createMiddleware } from 'hono/factory'
import { errorBody } from './responses.ts'

const MAX_BODY_BYTES = 65_536

/** Answers 413 to a body of more than 64 KB, and to one of a length that is not said. */
export const smallBodies = createMiddleware(async (c, next) => {
  const isUnknown = c.req.header('Transfer-Encoding') !== undefined
  if (!isUnknown && Number(c.req.header('Content-Length') ?? 0) <= MAX_BODY_BYTES) return next()
  c.header('Connection', 'close')
  return c.json(errorBody(413, `A body has ${MAX_BODY_BYTES} bytes at most, and says so`), 413)
})
