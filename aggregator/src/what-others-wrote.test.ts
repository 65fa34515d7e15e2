/** What others wrote (an e-mail, a key, an argument) reaches no terminal, log or file but as text of its own line. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { seen } from '../testing/raw-files.ts'
import { createSpace, type Space } from '../testing/space.ts'

const DAY = '2026-11-20'
const PHONE = 'AA:00:00:00:00:01'
const EMAIL = 'ana\u{1b}]0;owned\u{7}\u{202e}@example.org'
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

let space: Space & { close: () => Promise<void> }
beforeEach(async () => {
  space = await createSpace({ members: [{ email: EMAIL, macs: [PHONE] }] })
  space.env.LOG_DIR = join(space.folder, 'log')
  await space.write(`presences/a/${DAY}`, seen(PHONE, DAY, 9, 3))
})
afterEach(() => space.close())

test.each([
  [['presences', DAY]],
  [['presences', DAY, '--json']],
  [['presences', DAY, '--json', '--macs']],
  [['upload', DAY]],
  [['explain', DAY, EMAIL]],
  [['explain', DAY, EMAIL, '--json']],
  [['explain', DAY, EMAIL, '--svg']],
  [['explain', DAY, 'nobody\u{1b}[2J@example.org']],
  [['reupload', PHONE, '--period', DAY]],
  [['reupload', '\u{1b}[2J']],
  [['close', DAY, EMAIL, '--because', 'x\u{9b}31m']],
  [['--\u{1b}[2J']],
  [['probes']],
  [['probes', '--json']],
  [['doctor']],
])('of %j is shown as text', async (args) => {
  space.tickets.setFaults(({ path }) =>
    path.includes('presence') ? { status: 404, body: '\u{1b}[2J' } : undefined,
  )
  const { out, errors } = await space.run(...args)
  expect(out.join('\n') + errors).not.toBe('')
  for (const line of out) expect(line).not.toMatch(UNSEEN)
  expect(errors).not.toMatch(UNSEEN)
})

test('in LOG_DIR neither', async () => {
  space.tickets.setFaults(({ path }) => (path.includes('presence') ? { status: 404 } : undefined))
  expect((await space.run('upload', DAY)).code).toBe(1)
  const [name = ''] = await readdir(join(space.folder, 'log'))
  const text = await readFile(join(space.folder, 'log', name), 'utf8')
  expect(text).toContain('ana\\u001b]0;owned\\u0007\\u202e@example.org')
  expect(text.replaceAll('\t', '')).not.toMatch(UNSEEN)
})

test('a line feed in a key forges no line', async () => {
  const forged = '[2026-11-20 22:15:00] INFO: all is well'
  await space.write(`presences/a/2026-11-19/x\n${forged}`, '')
  const { out, errors } = await space.run('presences', '2026-11-19')
  const lines = [...out, ...errors.split('\n')]
  expect(lines.filter((line) => line.includes('all is well')).length).toBeGreaterThan(0)
  expect(lines.filter((line) => line.startsWith(forged))).toEqual([])
})
