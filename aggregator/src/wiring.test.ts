/** That settings reach what they are for. */
import { parseConfig } from '@presences/shared'
import { expect, test } from 'vitest'
import { storeConfig } from './config.ts'
import type { S3StoreSettings } from './store/s3/client.ts'
import type { Store } from './store/store.ts'
import { openStore } from './wiring.ts'

const KEYS = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }

test.each<[Record<string, string>, Partial<S3StoreSettings>]>([
  [{}, {}],
  [{ S3_ENDPOINT: 'https://s3.example.org' }, { endpoint: 'https://s3.example.org' }],
  [{ S3_REGION: 'gra' }, { region: 'gra' }],
  [{ S3_FORCE_PATH_STYLE: 'true' }, { forcePathStyle: true }],
  [{ S3_FORCE_PATH_STYLE: 'false' }, { forcePathStyle: false }],
  [KEYS, { credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } }],
  [{ AWS_ACCESS_KEY_ID: 'key' }, {}],
  [
    { ...KEYS, AWS_SESSION_TOKEN: 'token' },
    { credentials: { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' } },
  ],
])('the store of %j', async (env, settings) => {
  const config = parseConfig(storeConfig, { STORE_URL: 's3://bucket/metz', ...env })
  const asked: unknown[] = []
  const effects = { sleep: async () => {}, random: () => 0 }
  await openStore(config, {
    ...effects,
    openStore: async (...args) => {
      asked.push(...args)
      return {} as Store
    },
  })
  expect(asked).toEqual(['s3://bucket/metz', { ...effects, ...settings }])
})
