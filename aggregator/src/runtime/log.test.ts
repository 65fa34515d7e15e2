import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createLog, type LOG_LEVELS } from './log.ts'

/** What a log of `level` writes of a line of each level. */
function written(
  level: (typeof LOG_LEVELS)[number],
  env: Record<string, string>,
  isTTY = false,
  text = 'of',
) {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  const log = createLog(level, { env, errors: Object.assign(stream, { isTTY }) })
  for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each](`${text} ${each}`)
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

  test('is one line of what can be seen, whatever is in it, but for a stack of ours', () => {
    const key = 'presences/a\nERROR: forged\u{1b}[2J\u{202e}/x of AA:BB:CC:DD:EE:FF'
    const stack = `Error: http://u:PASS@host\n    at somewhere (file.ts:1)\n`
    expect(written('error', { JOURNAL_STREAM: '8:1' }, false, key)).toBe(
      'ERROR: presences/a\\u000aERROR: forged\\u001b[2J\\u202e/x of AA:BB:…:FF error\n',
    )
    expect(written('error', { JOURNAL_STREAM: '8:1' }, false, stack)).toBe(
      'ERROR: Error: http://host\n    at somewhere (file.ts:1)\\u000a error\n',
    )
  })

  test('has colours on a terminal alone', () => {
    expect(written('error', {})).not.toContain('\u001b')
    expect(written('error', {}, true)).toContain('\u001b[')
  })
})
