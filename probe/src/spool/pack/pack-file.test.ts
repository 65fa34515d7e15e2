import { gzipSync } from 'node:zlib'
import { encodeMinuteFile, type Mac, macFromBits } from '@presences/shared'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePack, encodePack, type PackedFile } from './pack-file.ts'

async function* each(files: readonly PackedFile[]) {
  yield* files
}

const packed = (files: readonly PackedFile[]) => encodePack(each(files), files.length)

const minuteFile = fc
  .record({
    second: fc.integer({ min: 0, max: 40_000_000 }),
    macs: fc.uniqueArray(fc.integer({ min: 0, max: 40 }).map(macFromBits)),
    partial: fc.string(),
  })
  .map(({ second, macs, partial }) =>
    Buffer.from(
      encodeMinuteFile(
        { instant: new Date(1.75e12 + second * 1000), macs, meta: { version: '1.2.3', partial } },
        'Europe/Paris',
      ),
    ),
  )
/** What a card at its end, a person or another program may leave under such a name. */
const anyBytes = fc.oneof(
  minuteFile,
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc
    .array(fc.constantFrom('#', 'a=b', '\n', '\t', '\r', '2026', 'é', '', 'AA:BB', '\ufeff'))
    .map((parts) => Buffer.from(parts.join(''))),
  fc.tuple(minuteFile, fc.nat()).map(([bytes, cut]) => bytes.subarray(0, cut % (bytes.length + 1))),
)

test('whatever is packed comes out byte for byte, in its order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyBytes), async (contents) => {
      const files = contents.map((bytes, index) => ({ name: `${index}.tsv`, bytes }))
      expect([...decodePack(await packed(files))]).toEqual(files)
    }),
  )
})

test('a quiet minute, and files without their last line feed or with a MAC twice', async () => {
  const texts = ['', '# devices=0\n', 'T\tAA\nT\tAA\n', 'T\tBB\nT\tAA\n', 'T\tAA\nU\tBB\n', 'T\tAA']
  const files = texts.map((text, index) => ({ name: `${index}`, bytes: Buffer.from(text) }))
  expect([...decodePack(await packed(files))]).toEqual(files)
})

test('the opening hours of a day of 300 devices take less than 40 kB', async () => {
  const pool = Array.from({ length: 420 }, (_, index) =>
    macFromBits((index * 0x9e3779b97f4a) % 2 ** 48),
  )
  const files = Array.from({ length: 840 }, (_, minute) => {
    const instant = new Date(Date.UTC(2026, 10, 23, 7, minute, 4))
    // Devices that answer 5 of 7 times, each at times of its own.
    const macs = pool.filter((_, index) => (minute * minute * 31 + index * 17) % 7 < 5) as Mac[]
    const meta = { version: '1.0.0', duration_ms: String(790 + ((minute * 37) % 60)) }
    const text = encodeMinuteFile({ instant, macs, meta }, 'Europe/Paris')
    return { name: `${minute}.tsv`, bytes: Buffer.from(text) }
  })
  expect(files.reduce((bytes, file) => bytes + file.bytes.length, 0)).toBeGreaterThan(11e6)
  expect((await packed(files)).length).toBeLessThan(40_000)
})

test('a damaged pack, or one of another version, is refused', async () => {
  const pack = await packed([{ name: 'a', bytes: Buffer.from('# devices=0\n') }])
  const damaged = Buffer.from(pack)
  damaged[20] = (damaged[20] as number) ^ 1
  expect(() => [...decodePack(damaged)]).toThrow()
  expect(() => [...decodePack(pack.subarray(0, -1))]).toThrow()
  expect(() => [...decodePack(gzipSync('{"pack":2}\n'))]).toThrow('version 2')
})

test.each(['null', '[]', '7', '{}', '{"pack":{"toString":1}}'])(
  'a first line %s is refused',
  (head) => {
    expect(() => [...decodePack(gzipSync(`${head}\n`))]).toThrow(/^it is of version .*, not 1$/)
  },
)

const FILE = '{"name":"a.tsv","head":"","time":"T"}'

test.each([
  ...['null', '7', '"text"', '[]', '{}', '{"name":"a.tsv"}', '{"name":"a.tsv","head":""}'],
  ...['{"head":"","time":"T"}', '{"name":"a.tsv","time":"T"}'],
  ...[
    '{"name":7,"bytes":""}',
    '{"name":"a.tsv","bytes":null}',
    '{"mac":"AA"}',
    '{"mac":{},"seen":"01"}',
  ],
  // Of 9 files, two bytes of bits.
  ...['', '0', '01', '010', '010203', '01020', '0g01'].map(
    (seen) => `{"mac":"AA","seen":"${seen}"}`,
  ),
])('the line %s is refused, with its number', (line) => {
  const pack = gzipSync(`{"pack":1}\n${`${FILE}\n`.repeat(9)}${line}\n`)
  expect(() => [...decodePack(pack)]).toThrow('its line 11 is not one of a pack')
})

test('a pack that would fill the memory of a small box is refused', () => {
  const much = Buffer.concat([Buffer.from('{"pack":1}\n'), Buffer.alloc(64 * 1024 * 1024, '\n')])
  expect(() => [...decodePack(gzipSync(much, { level: 1 }))]).toThrow()
})
