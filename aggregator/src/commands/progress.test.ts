/** The bar of long work on a terminal: it is gone, and the cursor back, however the work ended. */
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSpace, type Space } from '../../testing/space.ts'
import { run } from '../cli.ts'
import { createProgress } from './progress.ts'

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const PHONE = 'AA:00:00:00:00:01'

let space: Space & { close: () => Promise<void> }
beforeEach(async () => {
  space = await createSpace({ members: [{ email: 'ana@example.org', macs: [PHONE] }] })
  await space.write('presences/a/2026-11-02', '')
  await space.write('presences/a/2026-11-12', `2026-11-12T10:00:00+01:00\t${PHONE}\n`)
})
afterEach(() => space.close())

/** A command on a terminal, that fails in a way nobody thought of when `breaks` is in a key, or in what it prints. */
async function onTerminal(args: readonly string[], breaks: string) {
  const sink = { out: [] as string[], errors: [] as string[] }
  const effects = space.effects(sink)
  const errors = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        sink.errors.push(String(chunk))
        done()
      },
    }),
    { isTTY: true },
  )
  const check = (text: string) => {
    if (text.includes(breaks)) throw new TypeError('a fault of the program')
  }
  const code = await run(args, {
    ...effects,
    errors,
    printLine: check,
    openStore: async (url, settings) => {
      const opened = await effects.openStore(url, settings)
      return {
        ...opened,
        get: async (key) => {
          check(key)
          return opened.get(key)
        },
      }
    },
  })
  return { code, screen: sink.errors.join('') }
}

describe.each([
  ['a replay', ['reupload', PHONE, '--period', '2026-11'], 'ledger/2026-11-12'],
  ['rollups', ['rollup', '--from', '2026-11-01', '--to', '2026-11-20'], '2026-11-12 a: 1 device'],
])('the bar of %s', (_, args, fault) => {
  test.each([
    ['was done', 'no such text', 0],
    ['broke off', fault, 3],
  ])('is taken away when the work %s', async (_how, breaks, code) => {
    const ran = await onTerminal(args, breaks)
    expect(ran.code).toBe(code)
    expect(ran.screen).toContain(HIDE_CURSOR)
    expect(ran.screen.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(ran.screen.lastIndexOf(HIDE_CURSOR))
  })
})

test('without a terminal, a line every ten seconds at most', () => {
  const lines: string[] = []
  const log = { debug() {}, info: (line: string) => void lines.push(line), warn() {}, error() {} }
  const effects = space.effects({ out: [], errors: [] })
  let ms = 0
  const progress = createProgress('Replaying', { ...effects, now: () => new Date(ms) }, log)
  for (const [at, done] of [
    [0, 1],
    [9_999, 2],
    [10_000, 3],
    [10_001, 4],
    [19_999, 5],
    [20_000, 6],
  ] as const) {
    ms = at
    progress.update(done, 9, 'day')
  }
  progress.stop()
  expect(lines).toEqual(['Replaying: 3 of 9, day', 'Replaying: 6 of 9, day'])
})
