/** `/reupload/:mac`: `POST` replays a device that was registered late, `GET` shows what that would do. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { type LocalDay, type Mac, shortMac } from '@presences/shared'
import type { Context } from 'hono'
import { requireMac } from '../arguments/mac.ts'
import { parsePeriod } from '../arguments/period.ts'
import type { Asked } from '../charging/charging.ts'
import { isReplayComplete, type Replayed, type ReplayedDay, replay } from '../charging/replay.ts'
import type { Owners } from '../domain/ownership.ts'
import type { OnWait } from '../ledger/lease.ts'
import { recheckedLines } from '../reports/day-lines.ts'
import { nobodyRegistered, nothingPosted } from '../reports/device-lines.ts'
import type { Visitor } from './auth.ts'
import {
  answerNdjson,
  type Emit,
  NDJSON,
  type Outcome,
  refuseWaiting,
  tellWaiting,
  wantsNdjson,
} from './ndjson.ts'
import { chargeQuery, MacParam, PeriodQuery } from './parameters.ts'
import {
  alreadyCharging,
  ErrorBody,
  errorBody,
  errors,
  json,
  memberBody,
  partly,
  ReplayedBody,
  type ReplayedDayBody,
} from './responses.ts'
import type { Service } from './service.ts'

const request = {
  params: z.object({ mac: MacParam }),
  query: z.strictObject({ period: PeriodQuery, ...chargeQuery }),
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
  responses: { ...responses, 409: alreadyCharging },
})

const previewRoute = createRoute({
  method: 'get',
  path: '/reupload/{mac}',
  summary: 'What a replay would do; nothing is posted',
  request,
  responses,
})

interface Replay extends Asked {
  readonly mac: Mac
  readonly days: readonly LocalDay[]
}

type Query = z.output<typeof request.query>

export function addReuploadRoutes(
  app: OpenAPIHono<{ Variables: Visitor }>,
  service: Service,
): void {
  app.openapi(replayRoute, (c) => {
    const asked = ask(c.req.valid('param').mac, c.req.valid('query'), service)
    return answer(c, { ...asked, by: c.get('who'), dryRun: false }, service)
  })
  app.openapi(previewRoute, (c) => {
    const asked = ask(c.req.valid('param').mac, c.req.valid('query'), service)
    return answer(c, { ...asked, by: c.get('who'), dryRun: true }, service)
  })
}

function ask(macText: string, query: Query, service: Service) {
  const today = service.today()
  const days = parsePeriod(query.period ?? today.slice(0, 4), today)
  return {
    kind: 'replay' as const,
    mac: requireMac(macText),
    days,
    firstDay: days[0] ?? today,
    allowLower: query['allow-lower'] === '1',
    acceptMap: query['accept-map'] === '1',
  }
}

async function answer(c: Context, asked: Replay, service: Service) {
  if (wantsNdjson(c)) {
    return answerNdjson(
      c,
      (emit) => run(asked, service, emit, tellWaiting(emit)),
      (detail) => service.log.error(detail),
    )
  }
  const { status, body } = await run(asked, service, () => {}, refuseWaiting)
  if (status === 200) return c.json(body, 200)
  const partial = { ...errorBody(status, body.message), ...body }
  return status === 404 ? c.json(partial, 404) : c.json(partial, 502)
}

async function run(
  asked: Replay,
  service: Service,
  emit: Emit,
  onWait: OnWait,
): Promise<Outcome<z.infer<typeof ReplayedBody>>> {
  const { mac, days, firstDay } = asked
  const { replayed, owners } = await service.whileCharging(
    asked,
    async ({ deps, ownersOn }) => ({
      replayed: await replay(mac, days, ownersOn, deps, ({ replayed: seen, ...progress }) => {
        emit({ type: 'progress', ...progress, ...(seen && { seen: dayBody(seen) }) })
      }),
      owners: ownersOn(service.today()),
    }),
    onWait,
  )
  const body = {
    mac: shortMac(mac),
    from: firstDay,
    to: days.at(-1) ?? firstDay,
    message: messageOf(asked, replayed, owners),
    days: replayed.days.map(dayBody),
    unreadable: replayed.unreadable.map(({ message }) => message),
    warnings: [
      ...replayed.faults,
      ...recheckedLines(replayed.rechecked),
      ...(replayed.unremembered ? [replayed.unremembered] : []),
    ],
  }
  return { status: statusOfReplay(asked, replayed, owners), body }
}

/** A preview changes nothing, so that a device nobody owns is no failure there. */
function statusOfReplay(
  { mac, dryRun }: Replay,
  replayed: Replayed,
  owners: Owners,
): 200 | 404 | 502 {
  const isOwned = owners.has(mac) || replayed.days.some(({ owned }) => owned)
  if (!isOwned) return dryRun ? 200 : 404
  return dryRun || isReplayComplete(replayed) ? 200 : 502
}

function messageOf(
  { mac, dryRun }: Replay,
  { days, unreadable }: Replayed,
  owners: Owners,
): string {
  const owned = owners.get(mac) ?? days.find((day) => day.owned)?.owned
  if (!owned) return nobodyRegistered(mac)
  const isAnyCharged = days.some(({ member }) => member)
  if (owned.owner.kind !== 'member' && !isAnyCharged) return nothingPosted(mac, owned.owner)
  const decided = days.flatMap(({ member }) => (member ? [member] : []))
  const due = decided.filter((member) => member.decided.decision === 'post')
  const failed = due.filter(({ outcome }) => outcome !== 'posted')
  const held = decided.filter((member) => member.decided.decision === 'hold')
  const parts = [
    `seen on ${count(days.length, 'day')}`,
    `${count(due.length - failed.length, 'amount')} ${dryRun ? 'would be posted' : 'posted'}`,
    ...(held.length > 0 ? [`${held.length} held`] : []),
    ...(failed.length > 0 ? [`${failed.length} could not be posted`] : []),
    ...(unreadable.length > 0 ? [`${count(unreadable.length, 'day')} could not be computed`] : []),
  ]
  const emails = [...new Set(decided.map(({ email }) => email))]
  return `${emails.join(', ') || owned.owner.name}: ${parts.join(', ')}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function dayBody({
  day,
  minutes,
  slots,
  locations,
  owned,
  member,
}: ReplayedDay): z.infer<typeof ReplayedDayBody> {
  const owner = owned?.owner
  return {
    day,
    minutes,
    slots,
    locations: [...locations],
    owner: owner ? (owner.kind === 'member' ? owner.email : owner.name) : null,
    source: owned?.source ?? null,
    member: member ? { ...memberBody(member), slotCount: member.evidence.slots.length } : null,
  }
}
