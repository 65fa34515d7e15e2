import { LIMITS } from '@presences/shared'
import { expect, test } from 'vitest'
import { TooLargeError } from '../store.ts'
import { collect, collectRefusal } from './body.ts'

const where = 's3://bucket/key'
const CHUNK = Buffer.alloc(10)

test('a body longer than it was said to be is cut off, and its connection ended', async () => {
  const { body, sent } = endless()
  const collected = collect(body, { where, mostBytes: 35, saidBytes: 20 })
  await expect(collected).rejects.toThrow(TooLargeError)
  expect(sent()).toEqual({ chunks: 4, isEnded: true })
})

test('a body that is said to be too long is not waited for', async () => {
  const { body, sent } = endless()
  const collected = collect(body, { where, mostBytes: 35, saidBytes: 36 })
  await expect(collected).rejects.toThrow('s3://bucket/key: it has 36 bytes')
  expect(sent()).toEqual({ chunks: 1, isEnded: true })
})

test('a body of as many bytes as may be is given whole, however it came', async () => {
  const wanted = { where, mostBytes: 20, saidBytes: undefined }
  expect(await collect(of(CHUNK, CHUNK), wanted)).toEqual(Buffer.alloc(20))
  expect(await collect(of(CHUNK), wanted)).toBe(CHUNK)
  expect(await collect(of(), wanted)).toEqual(Buffer.alloc(0))
})

test('a refusal without end is read as far as it may say why', async () => {
  const { body, sent } = endless()
  const bytes = await collectRefusal(body)
  expect(bytes.length).toBeLessThanOrEqual(LIMITS.answerBytes + CHUNK.length)
  expect(sent().isEnded).toBe(true)
})

/** A body that goes on as long as it is read. */
function endless() {
  let chunks = 0
  let isEnded = false
  async function* send() {
    try {
      for (;;) {
        chunks += 1
        yield CHUNK
      }
    } finally {
      isEnded = true
    }
  }
  return { body: send(), sent: () => ({ chunks, isEnded }) }
}

async function* of(...chunks: Buffer[]) {
  yield* chunks
}
