import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { S3Object } from '../../../node_modules/fauxqs/dist/s3/s3Types.d.ts'
import { answerListing, isListing, pageOf } from './listing.ts'
import type { OrderedObject } from './objects.ts'

test('pages of any size hold every key and common prefix once, in order', () => {
  const part = fc.constantFrom('a', 'A', 'b', 'é', ':', '-', '0', '/', '//')
  const key = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
  const prefix = fc.constantFrom('', 'a', 'a/', 'A', 'é/')
  const delimiter = fc.constantFrom('', '/')
  const asked = [fc.uniqueArray(key, { maxLength: 40 }), prefix, delimiter] as const
  fc.assert(
    fc.property(...asked, fc.integer({ min: 1, max: 7 }), (keys, prefix, delimiter, maxKeys) => {
      const objects = objectsOf(keys)
      const found: string[] = []
      let after = ''
      for (;;) {
        const page = pageOf(objects, { prefix, delimiter, after, maxKeys })
        const names = [...page.contents.map(({ object }) => object.key), ...page.commonPrefixes]
        expect(names.length).toBeLessThanOrEqual(maxKeys)
        found.push(...names.sort(byBytes))
        if (page.next === undefined) break
        after = page.next
      }
      expect(found).toEqual(expectedNames(keys, prefix, delimiter))
    }),
  )
})

test('a page that ends exactly with the last key says that it is the last', () => {
  const objects = objectsOf(['a', 'b', 'c/1', 'c/2'])
  const asked = { prefix: '', delimiter: '/', after: '' }
  expect(pageOf(objects, { ...asked, maxKeys: 3 }).next).toBeUndefined()
  expect(pageOf(objects, { ...asked, maxKeys: 2 }).next).toBe('b')
})

test.each([
  ['', true],
  ['list-type=2&prefix=a&delimiter=/&max-keys=1&encoding-type=url&start-after=b', true],
  ['policy', false],
  ['versions&prefix=a', false],
  ['uploads', false],
])('?%s asks for a listing: %s', (query, listing) => {
  expect(isListing(new URLSearchParams(query))).toBe(listing)
})

test.each(['max-keys=-1', 'max-keys=x', 'continuation-token=x&list-type=2'])(
  '?%s is no listing that can be given',
  (query) => {
    expect(answerListing('b', new URLSearchParams(query), [])).toBeUndefined()
  },
)

test('names go into the XML whole, as text or url-encoded', () => {
  const objects = objectsOf(['a&<b>"\r +é'])
  const listed = (query: string) => answerListing('b', new URLSearchParams(query), objects)
  expect(listed('list-type=2')).toContain('<Key>a&#x26;&#x3c;b&#x3e;&#x22;&#xd; +é</Key>')
  expect(listed('encoding-type=url')).toContain('<Key>a%26%3Cb%3E%22%0D+%2B%C3%A9</Key>')
})

function objectsOf(keys: readonly string[]): OrderedObject[] {
  const some = { etag: '"e"', contentLength: 1, lastModified: new Date(0) }
  return keys
    .map((key) => ({ keyBytes: Buffer.from(key), object: { ...some, key } as S3Object }))
    .sort((a, b) => Buffer.compare(a.keyBytes, b.keyBytes))
}

/** What S3 lists, said another way. */
function expectedNames(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const names = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const end = delimiter === '' ? -1 : key.slice(prefix.length).indexOf(delimiter)
      return end < 0 ? key : key.slice(0, prefix.length + end + 1)
    })
  return [...new Set(names)].sort(byBytes)
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
