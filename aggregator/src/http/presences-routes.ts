/**
 * `GET /presences/:date` and `/presences/:date/:email`: amounts, and why one member's is what it is: as JSON, in
 * words or as a picture, by `Accept`. Nothing is changed.
 */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { visibleLine } from '@presences/shared'
import { accepts } from 'hono/accepts'
import { pastDay } from '../arguments/period.ts'
import { rawFaults } from '../charging/raw-faults.ts'
import { readDay } from '../charging/read-day.ts'
import { explainMemberDay } from '../explain/explain-day.ts'
import { explanationSchema } from '../explain/explanation.ts'
import { explanationLines } from '../explain/sentences.ts'
import { unchargeableLines } from '../reports/day-lines.ts'
import { timelineSvg } from '../timeline/svg.ts'
import type { Visitor } from './auth.ts'
import { DateParam } from './parameters.ts'
import { DayPresencesBody, ErrorBody, errorBody, errors, json } from './responses.ts'
import type { Service } from './service.ts'

const JSON_TYPE = 'application/json'
const SVG_TYPE = 'image/svg+xml'
const TEXT_TYPE = 'text/plain'

const dayRoute = createRoute({
  method: 'get',
  path: '/presences/{date}',
  summary: 'The amounts of a day',
  request: { params: z.object({ date: DateParam }) },
  responses: { 200: json(DayPresencesBody, 'The amounts'), ...errors },
})

const memberRoute = createRoute({
  method: 'get',
  path: '/presences/{date}/{email}',
  summary: "Why one member's day costs what it does",
  request: {
    params: z.object({ date: DateParam, email: z.string().min(1) }),
    query: z.strictObject({
      macs: z.enum(['short', 'whole'], 'macs must be short or whole').default('short'),
      lang: z.enum(['en', 'fr'], 'lang must be en or fr').default('en'),
    }),
  },
  responses: {
    200: {
      description: 'The evidence: JSON, words, or a picture, by Accept',
      content: {
        [JSON_TYPE]: { schema: explanationSchema },
        [SVG_TYPE]: { schema: z.string() },
        [TEXT_TYPE]: { schema: z.string() },
      },
    },
    404: json(ErrorBody, 'No member of this e-mail has a device'),
    ...errors,
  },
})

export function addPresencesRoutes(
  app: OpenAPIHono<{ Variables: Visitor }>,
  service: Service,
): void {
  app.openapi(dayRoute, async (c) => {
    const day = pastDay(c.req.valid('param').date, service.today())
    const { deps, ownersOn } = await service.openReading()
    const { presences, refreshed } = await readDay(day, ownersOn(day), deps)
    const members = presences.members
      .filter(({ amount }) => amount > 0)
      .map(({ email, amount, slots }) => ({ email, amount, slotCount: slots.length }))
    const uncharged = unchargeableLines(presences.unchargeable)
    return c.json({ day, members, uncharged, warnings: rawFaults(refreshed) }, 200)
  })

  app.openapi(memberRoute, async (c) => {
    const { date, email } = c.req.valid('param')
    const { macs, lang } = c.req.valid('query')
    const day = pastDay(date, service.today())
    const { deps, ownersOn } = await service.openReading()
    const explanation = await explainMemberDay(day, email, ownersOn(day), deps, macs)
    if (!explanation) {
      const message = `No member with a registered device has the e-mail ${email}: it must be written exactly as at the ticket server`
      return c.json(errorBody(404, message), 404)
    }
    const type = accepts(c, {
      header: 'Accept',
      supports: [JSON_TYPE, SVG_TYPE, TEXT_TYPE],
      default: JSON_TYPE,
    })
    if (type === SVG_TYPE) {
      return c.body(timelineSvg(explanation, { lang }), 200, { 'Content-Type': SVG_TYPE })
    }
    if (type === TEXT_TYPE)
      return c.text(`${explanationLines(explanation, lang).map(visibleLine).join('\n')}\n`, 200)
    return c.json(explanation, 200)
  })
}
