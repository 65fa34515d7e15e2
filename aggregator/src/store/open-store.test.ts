import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { startS3Server } from '../../testing/stand-ins/s3/s3-server.ts'
import { openStore } from './open-store.ts'
import { StoreError } from './store.ts'

test('a bucket, with its prefix', async () => {
  const key = { accessKeyId: 'key', secretAccessKey: 'secret', allow: 'all' } as const
  const server = await startS3Server({ buckets: ['presences'], keys: [key] })
  const settings = { endpoint: server.endpoint, credentials: key, forcePathStyle: true }
  const store = await openStore('s3://presences/metz/', settings)
  expect(store.url).toBe('s3://presences/metz')
  await store.put('a', Buffer.from('x'))
  expect(server.keysOf('presences')).toEqual(['metz/a'])
  const whole = await openStore('s3://presences', settings)
  expect(whole.url).toBe('s3://presences')
  expect(await whole.folders('')).toEqual(['metz'])
  await server.close()
})

test('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'open store é '))
  const url = pathToFileURL(folder).href
  const store = await openStore(`${url}/`)
  expect(store.url).toBe(url)
  await store.put('a', Buffer.from('x'))
  expect(String((await store.get('a'))?.bytes)).toBe('x')
  await rm(folder, { recursive: true })
})

test('what names neither is a StoreError', async () => {
  await expect(openStore('/srv/presences')).rejects.toThrow(StoreError)
  await expect(openStore('/srv/presences')).rejects.toThrow(
    'Open STORE_URL: a folder is written with file:// before it: file:///folder',
  )
})
