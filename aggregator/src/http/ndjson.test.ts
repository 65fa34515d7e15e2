import { OpenAPIHono } from '@hono/zod-openapi'
import { expect, test } from 'vitest'
import { answerNdjson } from './ndjson.ts'

test.each([200, 404, 502] as const)(
  'the last line tells the status %i of the work',
  async (status) => {
    const app = new OpenAPIHono()
    const work = async () => ({ status, body: { message: 'so it went' } })
    app.get('/', (c) => answerNdjson(c, work, () => {}))
    const answer = await app.request('/')
    expect(JSON.parse(await answer.text())).toEqual({
      type: 'result',
      status,
      message: 'so it went',
    })
  },
)
