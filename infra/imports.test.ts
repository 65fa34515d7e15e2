/**
 * Each rule of `.dependency-cruiser.mjs` is broken once, in a made-up tree, and must say so: a rule that sees nothing
 * (an import by name, a type, an `import()`; no parser for TypeScript) is worse than none.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CONFIG = join(ROOT, '.dependency-cruiser.mjs')
const PACKAGES = ['shared', 'probe', 'aggregator', 'infra']

/** A rule, a file that breaks it, and what stands in that file. */
const BROKEN: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['every import is found', 'infra/demo/lost.ts', "import './gone.ts'"],
  ['no circles', 'infra/demo/egg.ts', "import './hen.ts'"],
  ['nothing lies about', 'infra/demo/forgotten.ts', 'export const forgotten = 1'],
  ['nothing imports main.ts', 'infra/demo/starter.ts', "import '@presences/probe/main.ts'"],
  ['nothing imports a test', 'infra/demo/tester.ts', "import './some.test.ts'"],
  ['programs need no test support', 'aggregator/src/store/s.ts', "import '../../testing/space.ts'"],
  ['shared stands alone', 'shared/src/files.ts', "import { open } from 'node:fs/promises'"],
  ['shared stands alone', 'shared/src/up.ts', "export * from '../../probe/src/machine.ts'"],
  [
    'the probe knows no aggregator',
    'probe/src/clock/named.ts',
    "import type { Amount } from '@presences/aggregator/domain/amount.ts'",
  ],
  [
    'the probe knows no aggregator',
    'probe/src/clock/lazy.ts',
    "export const later = () => import('@presences/aggregator/domain/amount.ts')",
  ],
  ['the probe knows no aggregator', 'probe/testing/lan.ts', "import '../../infra/lan/lan.ts'"],
  [
    'the aggregator knows no probe',
    'aggregator/src/store/path.test.ts',
    "import '../../../probe/src/machine.ts'",
  ],
  [
    'decisions are pure',
    'aggregator/src/presence/slots.ts',
    "import { readFile } from 'node:fs/promises'",
  ],
  ['decisions are pure', 'aggregator/src/timeline/plot.ts', "import pMap from 'p-map'"],
  [
    'decisions are pure',
    'aggregator/src/members/far.ts',
    "import { log } from '../runtime/log.ts'",
  ],
  [
    'one room knows S3',
    'aggregator/src/store/own.ts',
    "import type { S3Client } from '@aws-sdk/client-s3'",
  ],
  [
    'one file knows which stores there are',
    'aggregator/src/ledger/store.ts',
    "import '../store/folder/folder-store.ts'",
  ],
  ['one room knows HTTP', 'aggregator/src/charging/route.ts', "import { Hono } from 'hono'"],
  [
    'languages stay where words are',
    'aggregator/src/timeline/locale.ts',
    "import { fr } from 'date-fns/locale'",
  ],
  [
    'the judge has its own eyes',
    'infra/simulation/judge/same.ts',
    "import type { Amount } from '@presences/aggregator/domain/amount.ts'",
  ],
  [
    'aggregator/src/ledger knows nothing above it',
    'aggregator/src/ledger/story.ts',
    "import type { Story } from '../charging/charging.ts'",
  ],
  [
    'probe/src/spool knows nothing above it',
    'probe/src/spool/sender.ts',
    "export const later = () => import('../ship/rclone.ts')",
  ],
  [
    'infra/simulation/world knows nothing above it',
    'infra/simulation/world/judged.ts',
    "import '../judge/judge.ts'",
  ],
  [
    'infra/fuzz/engine knows nothing above it',
    'infra/fuzz/engine/all.ts',
    "import '../targets/targets.ts'",
  ],
  ...['aggregator/src', 'probe/src', 'infra/simulation', 'infra/fuzz'].map(
    (folder) =>
      [
        `each room of ${folder} has its floor`,
        `${folder}/attic/box.ts`,
        "import 'node:util'",
      ] as const,
  ),
]

/** What stands in the tree besides, and breaks no rule. */
const WHOLE: Readonly<Record<string, string>> = {
  'aggregator/src/commands/serve-command.ts': "import { Hono } from 'hono'",
  'aggregator/src/store/s3/client.ts': "import { S3Client } from '@aws-sdk/client-s3'",
  'aggregator/src/store/open-store.ts': "export const open = () => import('./s3/client.ts')",
  'aggregator/src/charging/day.ts': "import pMap from 'p-map'\nimport '../ledger/decide.ts'",
  'aggregator/src/charging/day.test.ts':
    "import '../../testing/space.ts'\nimport '../store/folder/folder-store.ts'",
  'aggregator/src/ledger/decide.ts':
    "import type { Log } from '../store/store.ts'\nimport { z } from 'zod'\nimport { day } from '@presences/shared'",
  'aggregator/src/explain/words-fr.ts': "import { fr } from 'date-fns/locale'",
  'infra/demo/chain.ts':
    "import '@presences/probe/machine.ts'\nimport '@presences/aggregator/testing/space.ts'",
  'shared/src/index.ts':
    "import { tzOffset } from '@date-fns/tz/tzOffset'\nimport { UTCDateMini } from '@date-fns/utc/date/mini'",
}

/** Told of once, of its first file: the other one. */
const CIRCLE = { 'infra/demo/hen.ts': "import type { Egg } from './egg.ts'" }

/** What is imported, and imports nothing. */
const EMPTY = [
  'aggregator/src/charging/charging.ts',
  'aggregator/src/domain/amount.ts',
  'aggregator/src/runtime/log.ts',
  'aggregator/src/store/folder/folder-store.ts',
  'aggregator/src/store/store.ts',
  'aggregator/testing/space.ts',
  'infra/demo/some.test.ts',
  'infra/lan/lan.ts',
  'infra/simulation/judge/judge.ts',
  'infra/fuzz/targets/targets.ts',
  'probe/src/machine.ts',
  'probe/src/main.ts',
  'probe/src/ship/rclone.ts',
]

const LIBRARIES = [
  '@aws-sdk/client-s3',
  '@date-fns/tz/tzOffset',
  '@date-fns/utc/date/mini',
  'date-fns',
  'date-fns/locale',
  'hono',
  'p-map',
  'zod',
]

describe('the rules who may import whom', () => {
  let tree: Tree

  beforeAll(async () => {
    const files = {
      ...WHOLE,
      ...CIRCLE,
      ...Object.fromEntries(BROKEN.map(([, file, text]) => [file, text])),
    }
    tree = await plant({ ...Object.fromEntries(EMPTY.map((file) => [file, ''])), ...files })
  })
  afterAll(() => tree.fell())

  test.each(BROKEN)('%s: told of %s', (rule, file) => {
    expect(tree.broken.filter(({ from }) => from === file).map((each) => each.rule)).toEqual([rule])
  })

  test.each(Object.keys(WHOLE))('%s breaks none', (file) => {
    expect(tree.broken.filter(({ from }) => from === file)).toEqual([])
  })

  test('each rule but those of the floors is broken above', async () => {
    const { rules } = await readConfig()
    const broken = new Set(BROKEN.map(([rule]) => rule))
    const isOfFloor = (rule: string) => rule.endsWith('knows nothing above it')
    expect(rules.filter((rule) => !broken.has(rule) && !isOfFloor(rule))).toEqual([])
  })
})

describe('the floors', () => {
  let tree: Tree
  let floors: Floors

  beforeAll(async () => {
    floors = (await readConfig()).floors
    tree = await plant(
      Object.fromEntries(
        Object.entries(floors).flatMap(([folder, rooms]) => climbing(folder, rooms)),
      ),
    )
  })
  afterAll(() => tree.fell())

  test('each room is told of every room above it that it imports', () => {
    for (const [folder, rooms] of Object.entries(floors)) {
      for (const [index, [room]] of rooms.entries()) {
        const rule = `${folder}/${room} knows nothing above it`
        const told = tree.broken.filter((each) => each.rule === rule).map(({ to }) => to)
        expect(told.sort(), rule).toEqual(
          rooms
            .slice(0, index)
            .map(([above]) => fileIn(folder, above))
            .sort(),
        )
      }
    }
  })
})

type Floors = Readonly<Record<string, readonly (readonly [room: string, what: string])[]>>

interface Broken {
  readonly rule: string
  readonly from: string
  readonly to: string
}

interface Tree {
  readonly broken: readonly Broken[]
  fell(): Promise<void>
}

/** One file for each room, with an import of each room above it. */
function climbing(folder: string, rooms: Floors[string]): [file: string, text: string][] {
  return rooms.map(([room], index) => {
    const file = fileIn(folder, room)
    const lines = rooms.slice(0, index).map(([above]) => {
      const path = relative(dirname(file), fileIn(folder, above))
      return `import type {} from '${path.startsWith('.') ? path : `./${path}`}'`
    })
    return [file, lines.join('\n')]
  })
}

function fileIn(folder: string, room: string): string {
  return `${folder}/${room.endsWith('.ts') ? room : `${room}/room.ts`}`
}

async function readConfig(): Promise<{ floors: Floors; rules: string[] }> {
  const config: { FLOORS: Floors; default: { forbidden: { name: string }[] } } = await import(
    CONFIG
  )
  return { floors: config.FLOORS, rules: config.default.forbidden.map(({ name }) => name) }
}

/** A tree of these files, our packages reached by their names, and what is broken in it, as `pnpm lint` finds it. */
async function plant(files: Readonly<Record<string, string>>): Promise<Tree> {
  const folder = await mkdtemp(join(tmpdir(), 'imports-'))
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  for (const [path, text] of Object.entries(files)) await write(path, `${text}\nexport {}\n`)
  for (const path of ['tsconfig.json', ...PACKAGES.map((name) => `${name}/package.json`)]) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await cp(join(ROOT, path), join(folder, path))
  }
  for (const name of LIBRARIES) await write(`node_modules/${name}/index.js`, 'export {}')
  await mkdir(join(folder, 'node_modules/@presences'))
  for (const name of PACKAGES)
    await symlink(`../../${name}`, join(folder, 'node_modules/@presences', name))
  return { broken: await cruise(folder), fell: () => rm(folder, { recursive: true }) }
}

async function cruise(folder: string): Promise<Broken[]> {
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const args = ['--config', CONFIG, '--output-type', 'json', ...PACKAGES]
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    cwd: folder,
    maxBuffer: 1e8,
  })
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { rule: { name: string }; from: string; to: string }[] }
  }
  return summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }))
}
