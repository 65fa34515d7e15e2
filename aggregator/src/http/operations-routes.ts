/** `/healthz`, `/readyz`, `/metrics` and `/openapi.json`: what whoever runs the service looks at. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { buildVersion } from '@presences/shared'
import packageJson from '../../package.json' with { type: 'json' }
import type { Visitor } from './auth.ts'
import { METRICS_TYPE, metricsText } from './metrics.ts'
import { errors, json, ReadinessBody } from './responses.ts'
import type { Service } from './service.ts'

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'The process runs; needs no token',
  security: [],
  responses: { 200: json(z.object({ status: z.literal('ok') }), 'It runs') },
})

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'The store and the ticket server can be used',
  responses: {
    200: json(ReadinessBody, 'Both can be used'),
    401: errors[401],
    503: json(ReadinessBody, 'At least one can not: its check says why'),
  },
})

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  summary: "Each location's probe and the nightly run, for Prometheus",
  responses: {
    200: {
      content: { 'text/plain': { schema: z.string() } },
      description: 'In the text format of Prometheus',
    },
    401: errors[401],
    502: errors[502],
  },
})

export function addOperationsRoutes(
  app: OpenAPIHono<{ Variables: Visitor }>,
  service: Service,
): void {
  app.openapi(healthRoute, (c) => c.json({ status: 'ok' as const }, 200))

  app.openapi(readyRoute, async (c) => {
    const checks = await service.readiness()
    const ready = checks.every(({ fault }) => fault === undefined)
    const body = {
      ready,
      checks: Object.fromEntries(checks.map(({ name, fault }) => [name, fault ?? 'ok'])),
    }
    return ready ? c.json(body, 200) : c.json(body, 503)
  })

  app.openapi(metricsRoute, async (c) => {
    const version = buildVersion(packageJson.version)
    const measured = { ...(await service.measure()), version }
    return c.text(await metricsText(measured), 200, { 'Content-Type': METRICS_TYPE })
  })

  app.get('/openapi.json', (c) =>
    c.json(
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'Presences',
          version: packageJson.version,
          description: 'What the aggregator does, over HTTP. Errors are JSON {status, message}.',
        },
        security: [{ token: [] }],
      }),
    ),
  )
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'One of ADMIN_TOKENS; `Authorization: Token T` is taken too',
  })
}
