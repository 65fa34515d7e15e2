/**
 * Each program has one way out, which shows what others wrote as text and no more (`shared/src/visible-text.ts`). So
 * nothing else may write to a terminal, a log or a file of lines: here stand those that do, and why they may.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** By what is written with: who does. A line feed, and comments, end a word. */
const WRITERS: Readonly<Record<string, readonly string[]>> = {
  // Given to the one way out; main.ts only listens to what goes wrong with them.
  'process\\s*\\.\\s*(stdout|stderr)': [
    'aggregator/src/effects.ts',
    'aggregator/src/main.ts',
    'probe/src/cli.ts',
    'probe/src/main.ts',
  ],
  'process\\s*\\[': [],
  'import\\s*\\{[^}]*\\b(stdout|stderr)\\b[^}]*\\}\\s*from': [],
  'console\\s*[.[]': [],
  // The log, and a progress bar of nothing but days.
  '\\berrors\\s*(\\.write|,|\\})(?=[^\\n]*\\b(effects|Effects|LogOutput|text)\\b)': [
    'aggregator/src/commands/progress.ts',
    'aggregator/src/effects.ts',
    'aggregator/src/runtime/log.ts',
  ],
  "from '(pino|pino-pretty)'": ['aggregator/src/runtime/log.ts'],
  // Failed posts, each cell visible; the names of minute files, which the probe itself made.
  'appendFile\\b': [
    'aggregator/src/charging/failed-posts.ts',
    'probe/src/spool/recorded-minutes.ts',
  ],
  'createWriteStream\\b': [],
  '\\b(writeSync|emitWarning)\\b': [],
}

const SOURCES = new Map(
  ['aggregator/src', 'probe/src', 'shared/src'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => {
        const text = readFileSync(join(ROOT, folder, name), 'utf8')
        return [`${folder}/${name}`, withoutComments(text)] as const
      }),
  ),
)

test.each(Object.entries(WRITERS))('%s stands only where it may', (pattern, allowed) => {
  const users = [...SOURCES].filter(([, text]) => new RegExp(pattern).test(text))
  expect(users.map(([path]) => path).sort()).toEqual(allowed)
})

test.each([
  'process.stdout.write(x)',
  'process\n  .stderr.write(x)',
  "process['stdout'].write(x)",
  "import { stdout } from 'node:process'",
  'console.log(x)',
  'effects.errors.write(text)',
  "import { pino } from 'pino'",
  'await appendFile(path, x)',
  'createWriteStream(path)',
  'writeSync(1, x)',
])('%s would be found', (text) => {
  expect(Object.keys(WRITERS).filter((pattern) => new RegExp(pattern).test(text))).not.toEqual([])
})

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/(?<=^|\s)\/\/.*$/gm, '')
}
