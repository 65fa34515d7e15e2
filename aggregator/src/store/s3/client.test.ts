import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClient } from './client.ts'
import { createReader } from './read.ts'
import { createS3Store } from './s3-store.ts'

const NAME = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'
const settings = { bucket: 'presences', endpoint: 'http://127.0.0.1:9', forcePathStyle: true }

let before: string | undefined
beforeEach(() => {
  before = process.env[NAME]
})
afterEach(() => {
  if (before === undefined) delete process.env[NAME]
  else process.env[NAME] = before
})

test.each([undefined, 'false'])(
  'the environment is as it was, %j, once a client is made',
  (value) => {
    if (value === undefined) delete process.env[NAME]
    else process.env[NAME] = value
    createClient(settings).destroy()
    expect(process.env[NAME]).toBe(value)
  },
)

test('a way that could not be found is looked for again', async () => {
  const client = createClient({
    ...settings,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async () => ({
        response: {
          statusCode: 200,
          headers: { etag: '"e"', 'content-length': '1' },
          body: [Buffer.from('x')],
        },
      }),
    } as never,
  })
  let asked = 0
  const { region } = client.config
  client.config.region = async () => {
    asked += 1
    if (asked === 1) throw new Error('no region yet')
    return region()
  }
  const read = createReader(client, settings)
  await expect(read('a', 9)).rejects.toThrow('no region yet')
  expect(await read('a', 9)).toEqual({ bytes: Buffer.from('x'), etag: 'e' })
  const askedInAll = asked
  await read('a', 9)
  expect(asked).toBe(askedInAll)
  client.destroy()
})

test('a page of a listing without end is given up, and its connection ended', async () => {
  let ended = 0
  const store = createS3Store({
    ...settings,
    attempts: 2,
    sleep: async () => {},
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async () => ({
        response: { statusCode: 200, headers: {}, body: Readable.from(endless()) },
      }),
    } as never,
  })
  async function* endless() {
    try {
      yield '<ListBucketResult>'
      for (;;) yield Buffer.alloc(1024 * 1024, ' ')
    } finally {
      ended += 1
    }
  }
  await expect(store.folders('presences/')).rejects.toThrow(/more than 8388608 bytes/)
  expect(ended).toBe(2)
})
