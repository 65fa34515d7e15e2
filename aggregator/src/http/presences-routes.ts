/** `GET /presences/:date` and `/presences/:date/:email`: amounts, and one member's evidence. Nothing is changed. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { pastDay } from '../period.ts'
import { evidenceOf, rawFaults, unchargeableLines } from '../reports.ts'
import { readDay } from '../settle-day.ts'
import { DateParam } from './parameters.ts'
import { DayPresencesBody, ErrorBody, EvidenceBody, errorBody, errors, json } from './responses.ts'
import type { Service } from './service.ts'

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
  summary: "The evidence of one member's day",
  request: {
    params: z.object({ date: DateParam, email: z.string().min(1) }),
    query: z.object({ macs: z.enum(['short', 'whole']).default('short') }),
  },
  responses: {
    200: json(EvidenceBody, 'The evidence'),
    404: json(ErrorBody, 'No member of this e-mail has a device'),
    ...errors,
  },
})

export function addPresencesRoutes(app: OpenAPIHono, service: Service): void {
  app.openapi(dayRoute, async (c) => {
    const day = pastDay(c.req.valid('param').date, service.today())
    const { deps, owners } = await service.openReading()
    const { presences, refreshed } = await readDay(day, owners, deps)
    const members = presences.members
      .filter(({ amount }) => amount > 0)
      .map(({ email, amount, slots }) => ({ email, amount, slotCount: slots.length }))
    const uncharged = unchargeableLines(presences.unchargeable)
    return c.json({ day, members, uncharged, warnings: rawFaults(refreshed) }, 200)
  })

  app.openapi(memberRoute, async (c) => {
    const { date, email } = c.req.valid('param')
    const day = pastDay(date, service.today())
    const { deps, owners } = await service.openReading()
    const isMember = [...owners.values()].some(
      (owner) => owner.kind === 'member' && owner.email === email,
    )
    if (!isMember) {
      const message = `No member with a registered device has the e-mail ${email}: it must be written exactly as at the ticket server`
      return c.json(errorBody(404, message), 404)
    }
    const { presences } = await readDay(day, owners, deps)
    const member = presences.members.find((each) => each.email === email)
    const evidence = member
      ? evidenceOf(member, c.req.valid('query').macs)
      : { email, amount: 0 as const, slotCount: 0, slots: [], locations: [], devices: [] }
    return c.json({ day, ...evidence }, 200)
  })
}
