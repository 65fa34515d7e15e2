/**
 * `pnpm mutate [FOLDER…]`: small mistakes put into the code one at a time, and whether a test sees each. By hand,
 * not part of any check: who reads the survivors decides whether one would hurt a user. Each folder's report, and
 * what a second run need not do again, lies in `dist/mutate`.
 */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'
import { parsed, runCommand, UsageError, wholeNumber } from '../command-line.ts'

/** What costs a member money, or a box its minutes, when it is wrong. */
const FOLDERS = {
  charging: 'aggregator/src/charging',
  ledger: 'aggregator/src/ledger',
  members: 'aggregator/src/members',
  presence: 'aggregator/src/presence',
  rollup: 'aggregator/src/rollup',
  tickets: 'aggregator/src/tickets',
  spool: 'probe/src/spool',
  shared: 'shared/src',
}

type Folder = keyof typeof FOLDERS

/** Stories are told from outside too. */
const ALSO_JUDGED_BY: Partial<Record<Folder, string>> = {
  charging: 'aggregator/src/cli.test.ts',
  presence: 'aggregator/src/commands/heartbeat-command.test.ts',
}

const HELP = `pnpm mutate [options] [FOLDER…]: which small mistakes in the code no test sees, folder by folder.
FOLDER: ${Object.keys(FOLDERS).join(', ')}; all of them when none is named, which takes hours.
  --file PATTERN  only such files of the folder: --file decide.ts
  --test PATTERN  judged only by such tests of it: --test decide.test.ts
  --workers N     processes at once (2)`

runCommand(main, HELP)

async function main(): Promise<boolean> {
  const { values, positionals } = parsed(() =>
    parseArgs({
      options: {
        file: { type: 'string', default: '**/*.ts' },
        test: { type: 'string' },
        workers: { type: 'string', default: '2' },
        help: { type: 'boolean', short: 'h', default: false },
      },
      allowPositionals: true,
    }),
  )
  if (values.help) {
    console.log(HELP)
    return true
  }
  const workers = wholeNumber('workers', values.workers, 1)
  const folders = positionals.map(folderNamed)
  for (const folder of folders.length > 0 ? folders : Object.keys(FOLDERS).map(folderNamed)) {
    await mutate(folder, { file: values.file, test: values.test }, workers)
  }
  return true
}

function folderNamed(name: string): Folder {
  if (Object.hasOwn(FOLDERS, name)) return name as Folder
  throw new UsageError(`There is no folder "${name}"`)
}

async function mutate(
  folder: Folder,
  { file, test }: { file: string; test: string | undefined },
  workers: number,
): Promise<void> {
  const code = FOLDERS[folder]
  const outside = test === undefined ? ALSO_JUDGED_BY[folder] : undefined
  await new Stryker({
    mutate: [`${code}/${file}`, '!**/*.test.ts'],
    testFiles: [`${code}/${test ?? '**/*.test.ts'}`, ...(outside ? [outside] : [])],
    testRunner: 'vitest',
    plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
    // From the top: the copy has its own.
    vitest: {
      configFile: relative('', fileURLToPath(import.meta.resolve('./vitest.config.ts'))),
      related: false,
    },
    coverageAnalysis: 'perTest',
    // A mutant of what runs at import is judged by all tests: dear, and it is mostly schemas and texts.
    ignoreStatic: true,
    // It would be rewritten through an interface that TypeScript 7 no longer has; nothing here reads it.
    tsconfigFile: 'none',
    concurrency: workers,
    dryRunTimeoutMinutes: 30,
    // A loop that never ends is found by its count; on a busy machine all else is slow, not wrong.
    timeoutMS: 20_000,
    // What is built is left alone by every other tool, and so is this copy.
    tempDirName: `dist/mutate/copy-${folder}`,
    ignorePatterns: ['dist', '**/dist'],
    incremental: true,
    incrementalFile: `dist/mutate/${folder}.incremental.json`,
    jsonReporter: { fileName: `dist/mutate/${folder}.json` },
    reporters: ['clear-text', 'progress-append-only', 'json'],
    clearTextReporter: { allowColor: false, reportTests: false, logTests: false },
  }).runMutationTest()
}
