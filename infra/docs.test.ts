/** What the pages for people say is so: commands and options, and the versions of Node that are tested. */
import { access, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { run } from '@presences/aggregator/cli.ts'
import type { WhyUncharged } from '@presences/aggregator/domain/ownership.ts'
import { systemEffects } from '@presences/aggregator/effects.ts'
import { whyUncharged } from '@presences/aggregator/members/ownership.ts'
import { frenchLine } from '@presences/aggregator/nightly/nightly-line.ts'
import { NOTHING_TO_DO as NOTHING } from '@presences/aggregator/testing/nothing-to-do.ts'
import { type Node, parseSync, Visitor } from 'oxc-parser'
import { beforeAll, describe, expect, test } from 'vitest'
import workspace from '../package.json' with { type: 'json' }
import infra from './package.json' with { type: 'json' }

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PAGES = [
  'LISEZMOI.md',
  'SECURITY.md',
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
  'ledger rebuild',
  'withdraw',
  'members import-audit',
  'members rebuild',
  'members rewind',
  'rollup',
  'probes',
  'locations list',
  'locations accept',
  'heartbeat',
  'serve',
  'doctor',
]

/** The test, by its file and name, that tries what the page says of each prefix. */
const TRIED: Readonly<Record<string, readonly [file: string, name: string]>> = {
  'presences/ lost': [
    'evidence-lost.test.ts',
    'presences/ lost: what a night has read is known, a day of which nothing is left is told of',
  ],
  'presences/ old': [
    'evidence-lost.test.ts',
    'presences/ old: the rollups know what was taken back',
  ],
  'rollups/ lost': [
    'evidence-lost.test.ts',
    'they are made again from presences/, and nothing else changes',
  ],
  'rollups/ old': [
    'evidence-lost.test.ts',
    'and raw files gone: a charge is held, never lowered, and a replay says what it can not know',
  ],
  'ledger/ lost': [
    'ledger-old.test.ts',
    'ledger/ lost: it is told, made again as the page says, and nights go on',
  ],
  'ledger/ old': [
    'ledger-old.test.ts',
    'ledger/ old: it is told, made again as the page says, and nights go on',
  ],
  'members/ lost': [
    'members-lost.test.ts',
    '%s and made again, nights and replays charge as before',
  ],
  'members/ old': [
    'members-lost.test.ts',
    '%s and made again, nights and replays charge as before',
  ],
  'jobs/ lost': ['notes-lost.test.ts', 'jobs/ lost: the ledgers tell what is left undone'],
  'jobs/ old': [
    'notes-lost.test.ts',
    'it is told, kept and made again, and no day left undone falls out',
  ],
}

const QUIET = {
  members: 0,
  tickets: 0,
  coveragePercent: 100,
  daysCaughtUp: 0,
  roomDaysWithdrawn: 0,
}

/** All reasons but the space's own devices, of which nothing is told. */
const UNCHARGED = Object.keys({
  noEmail: true,
  unreadableEmail: true,
  ambiguous: true,
  gone: true,
  unsure: true,
  charged: true,
} satisfies Record<Exclude<WhyUncharged, 'excluded'>, true>) as WhyUncharged[]

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

describe('LISEZMOI.md tells what to do about', () => {
  const page = readFile(`${ROOT}LISEZMOI.md`, 'utf8').then((text) => text.replaceAll('’', "'"))

  test('each thing that the sentence of the night says is to be done', async () => {
    const section = sectionOf(await page, 'La phrase du soir').replace(/\s+/g, ' ')
    const told = [...section.matchAll(/\*\*([^*]+)\*\*/g)].map(([, phrase = '']) => phrase)
    const used = Object.keys(NOTHING).map((key) => {
      const line = frenchLine({ ...QUIET, todo: { ...NOTHING, [key]: 1 } })
      const [, phrase = ''] = line.split(/à faire\s: 1 /)
      const found = told.filter((each) => phrase.startsWith(each))
      expect(found, line).toHaveLength(1)
      return found[0]
    })
    expect(told.filter((each) => !used.includes(each))).toEqual([])
  })

  test.each(UNCHARGED)('whoever can not be charged: %s', async (kind) => {
    const [why = ''] = whyUncharged({ kind, name: '' }, []).trim().split(/[:,(]/)
    expect(sectionOf(await page, 'Quelque chose ne va pas')).toContain(`| \`${why.trim()}\` `)
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

describe('what to do when a prefix is lost or old', () => {
  const page = readFile(`${ROOT}infra/cloud/README.md`, 'utf8')
  const rows = page.then((text) => firstCells(sectionOf(text, 'When a prefix is lost or old')))

  test('is told of each prefix there is, and of nothing else', async () => {
    const [top = ''] = (await page).split('\n## ')
    const asked = firstCells(top).flatMap((prefix) => [`${prefix} lost`, `${prefix} old`])
    expect(asked).toHaveLength(10)
    expect((await rows).sort()).toEqual(asked.sort())
  })

  test('is tried by a test each', async () => {
    expect((await rows).sort()).toEqual(Object.keys(TRIED).sort())
  })

  test.each(Object.entries(TRIED))('%s: that test is there', async (_, [file, name]) => {
    const path = `${ROOT}aggregator/src/charging/${file}`
    expect(testNamesIn(await readFile(path, 'utf8'))).toContain(name)
  })
})

describe('SECURITY.md', () => {
  const page = readFile(`${ROOT}SECURITY.md`, 'utf8')

  test('links to sections that there are', async () => {
    const links = [...(await page).matchAll(/\]\(([^)#]*)#([^)]+)\)/g)]
    expect(links.length).toBeGreaterThan(3)
    for (const [link, path = '', anchor] of links) {
      expect(anchorsOf(await readFile(ROOT + (path || 'SECURITY.md'), 'utf8')), link).toContain(
        anchor,
      )
    }
  })

  test('names paths that exist', async () => {
    const paths = pathsIn(await page).filter((path) => path.endsWith('.ts'))
    expect(paths).not.toEqual([])
    for (const path of paths) await expect(access(ROOT + path), path).resolves.toBeUndefined()
  })

  test('is linked from the first page', async () => {
    expect(await readFile(`${ROOT}README.md`, 'utf8')).toContain('](SECURITY.md)')
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

function sectionOf(page: string, title: string): string {
  const [, section = ''] = page.split(`\n## ${title}\n`)
  return section.split('\n## ')[0] ?? ''
}

/** What headings are linked by: small letters, no signs, a dash for each space. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
}

/** The first cell of each row of the tables in a text that names a prefix, without backticks. */
function firstCells(text: string): string[] {
  return [...text.matchAll(/^\| (`[a-z]+\/`[^|]*?) *\|/gm)].map(([, cell = '']) =>
    cell.replaceAll('`', '').replace(/,.*/, ''),
  )
}

/** The names of the tests that a source has and runs: of `test(…)` and `test.each(…)(…)`. */
function testNamesIn(source: string): unknown[] {
  const names: unknown[] = []
  new Visitor({
    CallExpression: ({ callee, arguments: [first] }) => {
      if (first?.type === 'Literal' && isTest(callee)) names.push(first.value)
    },
  }).visit(parseSync('some.test.ts', source).program)
  return names
}

function isTest(callee: Node): boolean {
  if (callee.type === 'Identifier') return callee.name === 'test'
  if (callee.type !== 'CallExpression' || callee.callee.type !== 'MemberExpression') return false
  const { object, property } = callee.callee
  return isTest(object) && property.type === 'Identifier' && property.name === 'each'
}

interface Named {
  readonly command: string
  readonly options: readonly string[]
}

/** What follows `presences-aggregator`, up to the end of the line or of the code. */
function commandLinesIn(text: string): Named[] {
  const lines = text.matchAll(
    /(?<=^|[\s`])presences-aggregator ((?:members |ledger |locations )?[a-z-]+)([^`\n#]*)/g,
  )
  return [...lines].map(([, command = '', rest = '']) => ({ command, options: optionsIn(rest) }))
}

function tableCommandsIn(text: string): Named[] {
  const table = text.slice(text.indexOf('| command'), text.indexOf('## How a charge'))
  const rows = table.matchAll(/^\| `((?:members |ledger |locations )?[a-z-]+)(.*)$/gm)
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
