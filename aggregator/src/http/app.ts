/** The HTTP service (design, section 7): routes, who may ask, how errors are answered, one log line a request. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import { failureOf } from '../errors.ts'
import { AlreadyCharging } from '../ledger/lease.ts'
import { atOnce } from './at-once.ts'
import { requireToken, type Visitor } from './auth.ts'
import { addOperationsRoutes } from './operations-routes.ts'
import { peerOf } from './peer.ts'
import { addPresencesRoutes } from './presences-routes.ts'
import { refusedLogins } from './refused-logins.ts'
import { errorBody } from './responses.ts'
import { addReuploadRoutes } from './reupload-routes.ts'
import type { Service } from './service.ts'
import { smallBodies } from './small-bodies.ts'
import { addUploadRoute } from './upload-route.ts'

/** A preview of a year takes seconds, and memory. */
const HEAVY_AT_ONCE = 4

/** No answer is more than what its type says; a picture opened by itself runs nothing, and asks for nothing. */
const HEADERS = {
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'unsafe-inline'"],
    frameAncestors: ["'none'"],
    sandbox: [],
  },
  // A page may set its own.
  overwrite: false,
  // This is for the proxy that speaks https to say, who knows all that is under its name.
  strictTransportSecurity: false,
}

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
    // Told below, no more often than is good.
    if (c.res.status === 401) return
    // The route's pattern, not the path: a path may hold a whole MAC address or an e-mail.
    log.info(`${c.req.method} ${c.req.routePath} ${c.res.status} ${now().getTime() - begun} ms`)
  })
  app.use(secureHeaders(HEADERS))
  app.use(smallBodies)
  if (service.corsOrigins.length > 0) {
    app.use(
      cors({
        origin: [...service.corsOrigins],
        allowHeaders: ['Authorization', 'Content-Type'],
        allowMethods: ['GET', 'POST'],
      }),
    )
  }
  const refused = refusedLogins(log, now)
  app.use(
    requireToken(service.adminTokens, (c) =>
      refused(peerOf(c, service.trustedProxies), `a ${c.req.method}`),
    ),
  )
  // Those who look do not keep out those who charge; what is scraped is asked for by machines.
  for (const paths of [['/presences/*'], ['/upload/*'], ['/reupload/*'], ['/metrics', '/readyz']]) {
    for (const path of paths) app.use(path, atOnce(HEAVY_AT_ONCE))
  }

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
