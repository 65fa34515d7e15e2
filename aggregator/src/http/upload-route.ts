/** `POST /upload/:date`: the nightly job for one day. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { pastDay } from '../period.ts'
import { hasNoData, rawFaults, settledLine, unchargeableLines } from '../reports.ts'
import { type DaySettled, settleDay } from '../settle-day.ts'
import { answerNdjson, NDJSON, type Outcome, wantsNdjson } from './ndjson.ts'
import { DateParam, WaitQuery } from './parameters.ts'
import { ErrorBody, errorBody, errors, json, partly, SettledBody } from './responses.ts'
import type { Service } from './service.ts'

const route = createRoute({
  method: 'post',
  path: '/upload/{date}',
  summary: 'Compute one day and post its amounts',
  request: { params: z.object({ date: DateParam }), query: z.object({ wait: WaitQuery }) },
  responses: {
    200: {
      description: 'Everybody who should be charged was; as NDJSON: the last line tells',
      content: { 'application/json': { schema: SettledBody }, [NDJSON]: { schema: z.string() } },
    },
    ...errors,
    502: json(
      partly(SettledBody).or(ErrorBody),
      'Done in part, or not at all: the message says what failed',
    ),
  },
})

export function addUploadRoute(app: OpenAPIHono, service: Service): void {
  app.openapi(route, async (c) => {
    const day = pastDay(c.req.valid('param').date, service.today())
    const work = async () => {
      const { deps, owners } = await service.openCharging()
      return outcomeOf(await settleDay(day, owners, deps))
    }
    if (wantsNdjson(c)) {
      return answerNdjson(
        c,
        (emit) => {
          emit({ type: 'progress', done: 0, total: 1, day })
          return work()
        },
        (error) => service.log.error((error as Error).message),
      )
    }
    const { status, body } = await work()
    return status === 200
      ? c.json(body, 200)
      : c.json({ ...errorBody(status, body.message), ...body }, 502)
  })
}

function outcomeOf(
  settled: DaySettled,
): Outcome<z.infer<typeof SettledBody>> & { status: 200 | 502 } {
  const { posted, failed, presences, refreshed } = settled
  const uncharged = unchargeableLines(presences.unchargeable)
  const noData = hasNoData(settled)
  const body = {
    day: presences.day,
    message: noData ? `No location has any file for ${presences.day}` : settledLine(settled),
    posted: posted.map(({ email, amount }) => ({ email, amount })),
    failed: failed.map(({ presence: { email, amount }, reason }) => ({ email, amount, reason })),
    uncharged,
    warnings: rawFaults(refreshed),
  }
  const isComplete = failed.length === 0 && uncharged.length === 0 && !noData
  return { status: isComplete ? 200 : 502, body }
}
