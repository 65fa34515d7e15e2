import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { decodeVersioned, encodeVersioned } from './versioned-object.ts'

const MAC = 'AA:BB:CC:DD:EE:FF'

class Damaged extends Error {}
class OtherVersion extends Error {}

const kind = {
  version: 1,
  schema: z.object({ version: z.literal(1), devices: z.record(z.string(), z.base64()) }),
  damaged: (cause: string) => new Damaged(cause),
  otherVersion: (message: string) => new OtherVersion(message),
}
const decode = (bytes: Uint8Array) => decodeVersioned(bytes, 'rollups/x', kind)
const packed = (text: string | Uint8Array) => new Uint8Array(gzipSync(text))

function causeOf(bytes: Uint8Array): string {
  try {
    decode(bytes)
  } catch (error) {
    if (error instanceof Damaged) return error.message
    throw error
  }
  throw new Error('it was accepted')
}

test.each([
  ['under a device', JSON.stringify({ version: 1, devices: { [MAC]: '?' } })],
  ['in another spelling', JSON.stringify({ version: 1, devices: { 'aabb.ccdd.eeff': '?' } })],
  ['where the JSON ends', `"${MAC}`],
  ['alone', MAC],
])('a cause never quotes a whole MAC address: %s', (_, text) => {
  const cause = causeOf(packed(text))
  expect(cause).not.toMatch(/bb[:.]?cc/i)
  expect(cause).toMatch(/AA:BB:…:FF|JSON/)
})

test('a cause is one short line', () => {
  const key = 'x\n'.repeat(1000)
  const cause = causeOf(packed(JSON.stringify({ version: 1, devices: { [key]: 1 } })))
  expect(cause).not.toContain('\n')
  expect(cause.length).toBeLessThanOrEqual(200)
})

test('a small object that would fill the memory is refused before it does', () => {
  const bomb = packed(Buffer.alloc(65 * 1024 * 1024, ' '))
  expect(bomb.length).toBeLessThan(100_000)
  expect(causeOf(bomb)).toMatch(/larger than/)
})

test('what is not of this kind is refused, whatever it is', () => {
  const bytes = fc.oneof(fc.uint8Array(), fc.json().map(packed), fc.uint8Array().map(packed))
  fc.assert(
    fc.property(bytes, (each) => {
      expect(() => decode(each)).toThrow(Damaged)
    }),
  )
})

test('what was written can be read: the same limit on both ways', () => {
  const ofLength = (length: number) => {
    const empty = JSON.stringify({ version: 1, devices: { a: '' } }).length
    return { version: 1, devices: { a: 'A'.repeat(length - empty) } }
  }
  const refuse = (reason: string) => new Damaged(reason)
  const read = (bytes: Uint8Array) => decodeVersioned(bytes, 'rollups/x', kind, 1000)
  expect(read(encodeVersioned(ofLength(1000), refuse, 1000)).version).toBe(1)
  expect(() => encodeVersioned(ofLength(1001), refuse, 1000)).toThrow(/^it would have 1001 bytes/)
  expect(() => read(encodeVersioned(ofLength(1001), refuse))).toThrow(Damaged)
})
