/** The HTTP service (design, section 7): routes, who may ask, how errors are answered, one log line a request. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { cors } from 'hono/cors'
import { failureOf } from '../errors.ts'
import { AlreadyCharging } from '../ledger/lease.ts'
import { requireToken, type Visitor } from './auth.ts'
import { addOperationsRoutes } from './operations-routes.ts'
import { addPresencesRoutes } from './presences-routes.ts'
import { errorBody } from './responses.ts'
import { addReuploadRoutes } from './reupload-routes.ts'
import type { Service } from './service.ts'
import { addUploadRoute } from './upload-route.ts'

/** The service as a Hono app; building it does nothing else. */
export function createApp(service: Service): OpenAPIHono<{ Variables: Visitor }> {
  const { log, now } = service
  const app = new OpenAPIHono<{ Variables: Visitor }>({
    defaultHook: (result, c) => {
      if (result.success) return undefined
      const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
      return c.json(errorBody(400, faults.join('; ')), 400)
    },
  })

  app.use(async (c, next) => {
    const begun = now().getTime()
    await next()
    // The route's pattern, not the path: a path may hold a whole MAC address or an e-mail.
    log.info(`${c.req.method} ${c.req.routePath} ${c.res.status} ${now().getTime() - begun} ms`)
  })
  if (service.corsOrigins.length > 0) {
    app.use(
      cors({
        origin: [...service.corsOrigins],
        allowHeaders: ['Authorization', 'Content-Type'],
        allowMethods: ['GET', 'POST'],
      }),
    )
  }
  app.use(requireToken(service.adminTokens))

  addOperationsRoutes(app, service)
  addPresencesRoutes(app, service)
  addUploadRoute(app, service)
  addReuploadRoutes(app, service)

  app.notFound((c) =>
    c.json(errorBody(404, `There is no ${c.req.method} here: see /openapi.json`), 404),
  )
  app.onError((error, c) => {
    const { status, message, detail } = failureOf(error)
    if (status !== 400 && status !== 409) log.error(detail)
    if (error instanceof AlreadyCharging) {
      c.header('Retry-After', String(error.retryAfterSeconds))
    }
    return c.json(errorBody(status, message), status)
  })
  return app
}
