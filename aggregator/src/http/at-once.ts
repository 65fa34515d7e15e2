/** Who asks much, waits: of heavy work a few pieces are done at once, the rest is told to ask again. */
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Visitor } from './auth.ts'
import { errorBody } from './responses.ts'

const RETRY_AFTER_SECONDS = 10

/** Answers 503 while `limit` requests are under way; one that streams is until its work has ended, whoever reads it. */
export function atOnce(limit: number) {
  let underWay = 0
  return createMiddleware<{ Variables: Visitor }>(async (c, next) => {
    if (underWay >= limit) {
      c.header('Retry-After', String(RETRY_AFTER_SECONDS))
      return c.json(errorBody(503, `${limit} such requests are under way: ask again later`), 503)
    }
    underWay += 1
    try {
      await next()
    } finally {
      void lastingOf(c).finally(() => {
        underWay -= 1
      })
    }
  })
}

/** Says that what `c` asked for goes on after it was answered, until `work` settles. */
export function lasts(c: Context, work: Promise<unknown>): void {
  c.set('lasting', work)
}

function lastingOf(c: Context<{ Variables: Visitor }>): Promise<unknown> {
  return c.get('lasting') ?? Promise.resolve()
}
