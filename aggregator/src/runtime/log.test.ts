import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createLog, type LOG_LEVELS } from './log.ts'

/** What a log of `level` writes of a line of each level. */
function written(level: (typeof LOG_LEVELS)[number], env: Record<string, string>, isTTY = false) {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  const log = createLog(level, { env, errors: Object.assign(stream, { isTTY }) })
  for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each](`of ${each}`)
  return chunks.join('')
}

test.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
  ['silent', []],
] as const)('at %s', (level, levels) => {
  const lines = written(level, { JOURNAL_STREAM: '8:1' }).split('\n').filter(Boolean)
  expect(lines).toEqual(levels.map((each) => `${each.toUpperCase()}: of ${each}`))
})

describe('a line', () => {
  test('has its time, but in the journal, which knows it', () => {
    expect(written('error', {})).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] ERROR: of error\n$/)
    expect(written('error', { JOURNAL_STREAM: '8:1' })).toBe('ERROR: of error\n')
  })

  test('has colours on a terminal alone', () => {
    expect(written('error', {})).not.toContain('\u001b')
    expect(written('error', {}, true)).toContain('\u001b[')
  })
})
