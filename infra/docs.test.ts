/** What the pages for people say is so: commands and options, and the versions of Node that are tested. */
import { access, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { run } from '@presences/aggregator/cli.ts'
import { systemEffects } from '@presences/aggregator/effects.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import workspace from '../package.json' with { type: 'json' }
import infra from './package.json' with { type: 'json' }

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PAGES = [
  'LISEZMOI.md',
  'infra/cloud/README.md',
  'infra/box/DEPANNAGE.md',
  'infra/box/TROUBLES.md',
]
const COMMANDS = [
  'presences',
  'upload',
  'reupload',
  'explain',
  'close',
  'members import-audit',
  'members rewind',
  'rollup',
  'probes',
  'heartbeat',
  'serve',
  'doctor',
]

describe('the commands the pages name', () => {
  const help = new Map<string, string>()

  beforeAll(async () => {
    for (const command of ['', ...COMMANDS]) help.set(command, await helpOf(command))
  })

  test.each(PAGES)('of %s exist, with their options', async (path) => {
    const named = commandLinesIn(await readFile(`${ROOT}${path}`, 'utf8'))
    expect(named.length).toBeGreaterThan(0)
    for (const { command, options } of named) {
      expect(COMMANDS, `${path}: ${command}`).toContain(command)
      for (const option of options)
        expect(help.get(command), `${path}: ${command}`).toContain(option)
    }
  })

  test("README's table has each command", async () => {
    const rows = tableCommandsIn(await readFile(`${ROOT}README.md`, 'utf8'))
    expect(rows.map(({ command }) => command).sort()).toEqual([...COMMANDS].sort())
    for (const { command, options } of rows) {
      for (const option of options) expect(help.get(command), command).toContain(option)
    }
  })
})

describe('the versions of Node', () => {
  const versions = Object.values(infra.optionalDependencies).map((source) => source.split('@')[1])

  test.each([
    'README.md',
    'infra/box/README.md',
    'infra/cloud/README.md',
    'infra/packages/debian/control',
  ])('that %s says are tested are those the tests run on', async (path) => {
    const text = (await readFile(`${ROOT}${path}`, 'utf8')).replace(/\s+/g, ' ')
    const told = [...text.matchAll(/\bNode (\d+(?:\.\d+)?), (\d+) and (\d+)/g)]
    expect(told.length).toBeGreaterThan(0)
    for (const [sentence, ...numbers] of told) {
      const found = numbers.map((number) => versions.find((each) => each?.startsWith(`${number}.`)))
      expect(found, sentence).toEqual(versions)
    }
  })

  test('from the oldest on are allowed, and what is packaged depends on it', async () => {
    const [, oldest] = /^(\d+\.\d+)\./.exec(versions[0] ?? '') ?? []
    expect(workspace.engines).toEqual({ node: `>=${oldest}` })
    const control = await readFile(`${ROOT}infra/packages/debian/control`, 'utf8')
    expect(control.match(/nodejs \(.*?\)/g)).toEqual(Array(2).fill(`nodejs (>= ${oldest})`))
  })
})

describe('CONTRIBUTING.md', () => {
  const page = readFile(`${ROOT}CONTRIBUTING.md`, 'utf8')

  test('names paths that exist', async () => {
    const paths = pathsIn(await page)
    expect(paths.length).toBeGreaterThan(30)
    for (const path of paths) await expect(access(ROOT + path), path).resolves.toBeUndefined()
  })

  test('names scripts that exist', async () => {
    const { scripts } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8')) as {
      scripts: Record<string, string>
    }
    const named = [...(await page).matchAll(/pnpm ([a-z:]+)/g)].map(([, name]) => name)
    expect(named.length).toBeGreaterThan(8)
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
  })
})

interface Named {
  readonly command: string
  readonly options: readonly string[]
}

/** What follows `presences-aggregator`, up to the end of the line or of the code. */
function commandLinesIn(text: string): Named[] {
  const lines = text.matchAll(/(?<=^|[\s`])presences-aggregator ((?:members )?[a-z-]+)([^`\n#]*)/g)
  return [...lines].map(([, command = '', rest = '']) => ({ command, options: optionsIn(rest) }))
}

function tableCommandsIn(text: string): Named[] {
  const table = text.slice(text.indexOf('| command'), text.indexOf('## How a charge'))
  const rows = table.matchAll(/^\| `((?:members )?[a-z-]+)(.*)$/gm)
  return [...rows].map(([, command = '', rest = '']) => ({ command, options: optionsIn(rest) }))
}

function optionsIn(text: string): string[] {
  return [...text.matchAll(/--[a-z-]+/g)].map(([option]) => option)
}

async function helpOf(command: string): Promise<string> {
  const lines: string[] = []
  const effects = { ...systemEffects(), printLine: (line: string) => void lines.push(line) }
  await run([...command.split(' ').filter(Boolean), '--help'], effects)
  return lines.join('\n')
}

/** What stands between backticks and looks like a path from the top: a folder in it, or a file's ending. */
function pathsIn(text: string): string[] {
  const spans = [...text.replace(/```.*?```/gs, '').matchAll(/`([^`\s]+)`/g)]
  return spans
    .map(([, span = '']) => span)
    .filter(
      (span) => /^[\w.-]+\/[\w./-]+$/.test(span) || /^\.?[\w-]+\.(ts|md|mjs|json)$/.test(span),
    )
}
