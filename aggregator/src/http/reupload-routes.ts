/** `/reupload/:mac`: `POST` replays a device that was registered late, `GET` shows what that would do. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { type LocalDay, type Mac, shortMac } from '@presences/shared'
import type { Context } from 'hono'
import { requireMac } from '../commands/setup.ts'
import { whyUncharged } from '../members/ownership.ts'
import { parsePeriod } from '../period.ts'
import { type Replayed, type ReplayedDay, replay } from '../replay.ts'
import { answerNdjson, type Emit, NDJSON, type Outcome, wantsNdjson } from './ndjson.ts'
import { MacParam, PeriodQuery, WaitQuery } from './parameters.ts'
import {
  ErrorBody,
  errorBody,
  errors,
  json,
  partly,
  ReplayedBody,
  type ReplayedDayBody,
} from './responses.ts'
import type { Charging, Service } from './service.ts'

const request = {
  params: z.object({ mac: MacParam }),
  query: z.object({ period: PeriodQuery, wait: WaitQuery }),
}

const responses = {
  200: {
    description: 'The days the device was seen; as NDJSON: the last line tells',
    content: { 'application/json': { schema: ReplayedBody }, [NDJSON]: { schema: z.string() } },
  },
  ...errors,
  404: json(partly(ReplayedBody), 'Nobody has registered this device'),
  502: json(
    partly(ReplayedBody).or(ErrorBody),
    'Done in part, or not at all: the message says what failed',
  ),
}

const replayRoute = createRoute({
  method: 'post',
  path: '/reupload/{mac}',
  summary: 'Replay a device',
  request,
  responses,
})

const previewRoute = createRoute({
  method: 'get',
  path: '/reupload/{mac}',
  summary: 'What a replay would do; nothing is posted',
  request,
  responses,
})

interface Asked {
  readonly mac: Mac
  readonly days: readonly LocalDay[]
  readonly isPreview: boolean
}

export function addReuploadRoutes(app: OpenAPIHono, service: Service): void {
  app.openapi(replayRoute, (c) => {
    const { mac, days } = ask(c.req.valid('param').mac, c.req.valid('query').period, service)
    return answer(c, { mac, days, isPreview: false }, service)
  })
  app.openapi(previewRoute, (c) => {
    const { mac, days } = ask(c.req.valid('param').mac, c.req.valid('query').period, service)
    return answer(c, { mac, days, isPreview: true }, service)
  })
}

function ask(macText: string, period: string | undefined, service: Service) {
  const today = service.today()
  return { mac: requireMac(macText), days: parsePeriod(period ?? today.slice(0, 4), today) }
}

async function answer(c: Context, asked: Asked, service: Service) {
  const work = async (emit: Emit) => {
    const charging = await (asked.isPreview ? service.openPreview() : service.openCharging())
    return replayed(asked, charging, emit)
  }
  if (wantsNdjson(c)) {
    return answerNdjson(c, work, (error) => service.log.error((error as Error).message))
  }
  const { status, body } = await work(() => {})
  if (status === 200) return c.json(body, 200)
  const partial = { ...errorBody(status, body.message), ...body }
  return status === 404 ? c.json(partial, 404) : c.json(partial, 502)
}

async function replayed(
  asked: Asked,
  { deps, owners }: Charging,
  emit: Emit,
): Promise<Outcome<z.infer<typeof ReplayedBody>>> {
  const { mac, days, isPreview } = asked
  const result = await replay(mac, days, owners, deps, ({ replayed: seen, ...progress }) => {
    emit({ type: 'progress', ...progress, ...(seen && { seen: dayBody(seen, isPreview) }) })
  })
  const body = {
    mac: shortMac(mac),
    from: days[0] as LocalDay,
    to: days.at(-1) as LocalDay,
    owner: ownerText(result),
    message: messageOf(mac, result, isPreview),
    days: result.days.map((day) => dayBody(day, isPreview)),
    unreadable: result.unreadable.map(({ message }) => message),
  }
  return { status: statusOfReplay(result, isPreview), body }
}

/** A preview changes nothing, so that a device nobody owns is no failure there. */
function statusOfReplay(
  { owner, days, unreadable }: Replayed,
  isPreview: boolean,
): 200 | 404 | 502 {
  if (unreadable.length > 0 || days.some(({ failed }) => failed)) return 502
  if (isPreview || owner?.kind === 'member' || owner?.kind === 'excluded') return 200
  return 404
}

function ownerText({ owner }: Replayed): string | null {
  if (!owner) return null
  return owner.kind === 'member' ? owner.email : owner.name
}

function messageOf(mac: Mac, { owner, days, unreadable }: Replayed, isPreview: boolean): string {
  if (!owner)
    return `Nobody has registered ${shortMac(mac)}: add it to its member at the ticket server first`
  if (owner.kind !== 'member') return `Nothing is posted: ${whyUncharged(owner, [mac])}`
  const due = days.filter(({ posted }) => posted).length
  const failed = days.filter((day) => day.failed).length
  const parts = [
    `seen on ${days.length} days`,
    isPreview ? `${due} amounts would be posted` : `${due} amounts posted`,
    ...(failed > 0 ? [`${failed} could not be posted`] : []),
    ...(unreadable.length > 0 ? [`${unreadable.length} days could not be computed`] : []),
  ]
  return `${owner.email}: ${parts.join(', ')}`
}

function dayBody(day: ReplayedDay, isPreview: boolean): z.infer<typeof ReplayedDayBody> {
  const { posted, failed, ownerDay } = day
  const done = isPreview ? 'would be posted' : 'posted'
  return {
    day: day.day,
    minutes: day.minutes,
    slots: day.slots,
    locations: [...day.locations],
    owner: ownerDay ? { slots: ownerDay.slots.length, amount: ownerDay.amount } : null,
    outcome: failed ? 'failed' : posted ? done : 'nothing to post',
    ...(failed && { reason: failed.reason }),
  }
}
