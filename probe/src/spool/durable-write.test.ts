import { expect, test } from 'vitest'
import { isForeign } from './durable-write.ts'

test.each([
  ['root', 'the probe', 0, 1000, true],
  ['root', 'root', 0, 0, false],
  ['the probe', 'the probe', 1000, 1000, false],
  ['the probe', 'root', 1000, 0, false],
  // Only root could change that.
  ['the probe', 'another', 1000, 1001, false],
])(
  "what %s made in %s's spool is to be given away: %i in that of %i: %s",
  (_, __, maker, uid, isTo) => {
    expect(isForeign(maker, { uid, gid: uid })).toBe(isTo)
  },
)
