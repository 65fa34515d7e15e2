/** `POST /upload/:date`: one day computed and posted, as `upload DATE` does. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { LocalDay } from '@presences/shared'
import { pastDay } from '../arguments/period.ts'
import type { Asked } from '../charging/charging.ts'
import { rawFaults } from '../charging/raw-faults.ts'
import { hasNoData } from '../charging/read-day.ts'
import { uploadAsked } from '../charging/upload.ts'
import type { OnWait } from '../ledger/lease.ts'
import { englishLine } from '../nightly/nightly-line.ts'
import { countsOf, isComplete } from '../nightly/summary.ts'
import {
  goneLines,
  incompleteLines,
  recheckedLines,
  unchargeableLines,
  unreadLines,
} from '../reports/day-lines.ts'
import type { Visitor } from './auth.ts'
import {
  answerNdjson,
  NDJSON,
  type Outcome,
  refuseWaiting,
  tellWaiting,
  wantsNdjson,
} from './ndjson.ts'
import { chargeQuery, DateParam } from './parameters.ts'
import {
  alreadyCharging,
  ErrorBody,
  errorBody,
  errors,
  json,
  memberBody,
  partly,
  SettledBody,
} from './responses.ts'
import type { Service } from './service.ts'

const route = createRoute({
  method: 'post',
  path: '/upload/{date}',
  summary: 'Compute one day and post its amounts',
  request: { params: z.object({ date: DateParam }), query: z.strictObject(chargeQuery) },
  responses: {
    200: {
      description: 'Everybody who should be charged was; as NDJSON: the last line tells',
      content: { 'application/json': { schema: SettledBody }, [NDJSON]: { schema: z.string() } },
    },
    ...errors,
    409: alreadyCharging,
    502: json(
      partly(SettledBody).or(ErrorBody),
      'Done in part, or not at all: the message says what failed',
    ),
  },
})

export function addUploadRoute(app: OpenAPIHono<{ Variables: Visitor }>, service: Service): void {
  app.openapi(route, async (c) => {
    const day = pastDay(c.req.valid('param').date, service.today())
    const query = c.req.valid('query')
    const asked: Asked = {
      kind: 'upload',
      by: c.get('who'),
      firstDay: day,
      dryRun: false,
      allowLower: query['allow-lower'] === '1',
      acceptMap: query['accept-map'] === '1',
    }
    if (wantsNdjson(c)) {
      return answerNdjson(
        c,
        (emit) => {
          emit({ type: 'progress', done: 0, total: 1, day })
          return settle(day, asked, service, tellWaiting(emit))
        },
        (detail) => service.log.error(detail),
      )
    }
    const { status, body } = await settle(day, asked, service, refuseWaiting)
    return status === 200
      ? c.json(body, 200)
      : c.json({ ...errorBody(status, body.message), ...body }, 502)
  })
}

async function settle(
  day: LocalDay,
  asked: Asked,
  service: Service,
  onWait: OnWait,
): Promise<Outcome<z.infer<typeof SettledBody>> & { status: 200 | 502 }> {
  const run = await service.whileCharging(
    asked,
    (charging) => uploadAsked([day], { ...charging, onSettled: () => {}, onUnreadable: () => {} }),
    onWait,
  )
  const [settled] = run.days
  const [unreadable] = run.unreadable
  if (!settled) {
    if (run.unremembered) service.log.error(run.unremembered)
    throw unreadable
  }
  const body = {
    day,
    message: hasNoData(settled)
      ? `No location has any file for ${day}`
      : englishLine(countsOf(run)),
    members: settled.members.map(memberBody),
    uncharged: [...goneLines(settled), ...unchargeableLines(settled.presences.unchargeable)],
    warnings: [
      ...rawFaults(settled.refreshed),
      ...incompleteLines(settled),
      ...unreadLines(settled),
      ...recheckedLines(run.rechecked),
      ...(run.unremembered ? [run.unremembered] : []),
    ],
  }
  return { status: isComplete(run) ? 200 : 502, body }
}
