/** Which version of a file was read: told apart, merged in any order. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  emptyVersions,
  type FileVersions,
  isChanged,
  mergeVersions,
  noteVersion,
} from './file-versions.ts'

const MINUTES = 1500
const minute = fc.integer({ min: 0, max: MINUTES - 1 })

test('another version of a noted file is a change; of any other file, nothing is known', () => {
  const versions = emptyVersions(MINUTES)
  noteVersion(versions, 1499, '9b2cf535f27731c974343645a3985328')
  expect(isChanged(versions, 1499, '9b2cf535f27731c974343645a3985328')).toBe(false)
  expect(isChanged(versions, 1499, '9b2cf535f27731c974343645a3985329')).toBe(true)
  expect(isChanged(versions, 1498, 'any')).toBe(false)
  expect(isChanged(undefined, 0, 'any')).toBe(false)
})

test('of etags that are drawn at random, one in thousands is taken for another', () => {
  const versions = emptyVersions(1)
  noteVersion(versions, 0, 'etag 0')
  const missed = Array.from({ length: 65_535 }, (_, number) => `etag ${number + 1}`).filter(
    (etag) => !isChanged(versions, 0, etag),
  )
  expect(missed.length).toBeLessThan(10)
})

test('versions merged in any order, or twice, are the same, and one of those that were noted', () => {
  const noted = fc.array(fc.tuple(minute, fc.string()), { maxLength: 20 })
  const versionsOf = (files: readonly (readonly [number, string])[]) => {
    const versions = emptyVersions(MINUTES)
    for (const [at, etag] of files) noteVersion(versions, at, etag)
    return versions
  }
  const merged = (...all: FileVersions[]) => {
    const into = emptyVersions(MINUTES)
    for (const each of all) mergeVersions(into, each)
    return into
  }
  fc.assert(
    fc.property(noted, noted, (some, others) => {
      const [a, b] = [versionsOf(some), versionsOf(others)]
      expect(merged(a, b)).toEqual(merged(b, a, b))
      for (const [at] of some) {
        const etags = [...some, ...others].flatMap(([each, etag]) => (each === at ? [etag] : []))
        expect(etags.some((etag) => !isChanged(merged(a, b), at, etag))).toBe(true)
      }
    }),
  )
})
