import { startS3Server } from '@presences/infra/stand-ins/s3-server.ts'
import { afterAll, beforeAll } from 'vitest'
import { storeContract } from './contract.ts'
import { createS3Store } from './s3-store.ts'

const KEY = { accessKeyId: 'test', secretAccessKey: 'test-secret', allow: 'all' } as const
let server: Awaited<ReturnType<typeof startS3Server>>
let stores = 0

beforeAll(async () => {
  server = await startS3Server({ buckets: ['presences'], keys: [KEY] })
})
afterAll(() => server.close())

storeContract('a bucket', async () => {
  stores += 1
  return createS3Store({
    bucket: 'presences',
    prefix: `store ${stores}/é`,
    endpoint: server.endpoint,
    credentials: KEY,
  })
})
