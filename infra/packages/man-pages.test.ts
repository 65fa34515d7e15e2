/** A man page names what its program's `--help` does: each command, option and variable, and no other. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { run as runAggregator } from '@presences/aggregator/cli.ts'
import { systemEffects as aggregatorEffects } from '@presences/aggregator/effects.ts'
import { systemEffects as probeEffects, run as runProbe } from '@presences/probe/cli.ts'
import { describe, expect, test } from 'vitest'
import { missingOf, titleOf } from '../lan/requirements.ts'

const ROOT = fileURLToPath(new URL('.', import.meta.url))

describe.each([
  ['presences-probe', probeHelp],
  ['presences-aggregator', aggregatorHelp],
] as const)('%s(1)', (program, help) => {
  test('has the commands of --help, each with its options', async () => {
    const page = await commandsOf(program)
    const fromHelp = await commandsFrom(help, [])
    expect(page).toEqual(fromHelp)
  })

  test('has the variables of --help', async () => {
    const page = new Set(plain(await source(program)).match(/^[A-Z]+(_[A-Z]+)*$/gm))
    const listed = new Set((await help([])).match(/(?<=^ {2})[A-Z]+(_[A-Z]+)*(?= )/gm) ?? [])
    const sections = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'COMMANDS', 'ENVIRONMENT', 'FILES']
    for (const section of sections) page.delete(section)
    expect(page).toEqual(listed)
  })
})

const missing = missingOf({ programs: ['man'] })
test.skipIf(missing).each(['presences-probe', 'presences-aggregator'])(
  titleOf('%s(1) is set without a warning', missing),
  async (program) => {
    const words = ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', `${ROOT}${program}.1`]
    const { stderr } = await promisify(execFile)('man', words, {
      env: { ...process.env, MANROFFSEQ: '' },
    })
    expect(stderr).toBe('')
  },
)

/** What each command of the page is followed by: its options, sorted. */
async function commandsOf(program: string): Promise<Record<string, string[]>> {
  const text = plain(await source(program))
  const section = text.slice(
    text.indexOf('.SH COMMANDS'),
    text.indexOf('.SH', text.indexOf('.SH COMMANDS') + 1),
  )
  const commands = section
    .split('.TP\n')
    .slice(1)
    .map((item) => item.split('\n')[0] ?? '')
  return Object.fromEntries(
    commands.map((line) => [
      /^(?:members |ledger |locations )?[a-z-]+/.exec(line)?.[0] ?? line,
      optionsIn(line),
    ]),
  )
}

/** The same from `--help`, with the commands of a command: `members import-audit`. */
async function commandsFrom(
  help: (words: readonly string[]) => Promise<string>,
  above: readonly string[],
): Promise<Record<string, string[]>> {
  const text = await help(above)
  const list = text.split('\nCommands:\n')[1]?.split('\n\n')[0]
  if (list === undefined) {
    return { [above.join(' ')]: optionsIn(text).filter((option) => option !== '--help') }
  }
  const names = [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name)
  const found = await Promise.all(
    names.map((name) => {
      if (name !== 'help') return commandsFrom(help, [...above, name])
      return Promise.resolve(above.length > 0 ? {} : { help: [] })
    }),
  )
  return Object.assign({}, ...found) as Record<string, string[]>
}

function optionsIn(text: string): string[] {
  return [...new Set(text.match(/--[a-z][a-z-]*/g))].sort()
}

/** The page's source as words: without fonts, quotes and escaped hyphens. */
function plain(text: string): string {
  return text
    .replaceAll(/\\f[A-Z]/g, '')
    .replaceAll('\\-', '-')
    .replaceAll(/^\.(B|I|BR|RB|IR) /gm, '')
    .replaceAll('"', '')
}

function source(program: string): Promise<string> {
  return readFile(`${ROOT}${program}.1`, 'utf8')
}

async function probeHelp(words: readonly string[]): Promise<string> {
  let text = ''
  const out = (more: string) => {
    text += more
  }
  await runProbe([...words, '--help'], { ...probeEffects(), out })
  return text
}

async function aggregatorHelp(words: readonly string[]): Promise<string> {
  const lines: string[] = []
  const printLine = (line: string) => void lines.push(line)
  await runAggregator([...words, '--help'], { ...aggregatorEffects(), printLine })
  return lines.join('\n')
}
