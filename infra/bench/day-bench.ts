/**
 * One day of 250,000 sightings in three old day files: `presences` against a one-pass mawk program over
 * the same files, from files given and from a folder store. Both must print the same. The program does the same
 * work, checking each line; a leaner one that trusts them is the third row.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { formatDayKey } from '@presences/shared'
import type { BenchContext } from './bench-context.ts'
import { compare } from './compare.ts'
import { type GeneratedDay, generateDay } from './day-files.ts'
import { type ProgramRun, runProgram } from './run-program.ts'

const TARGET = 3
const PAIRS = 15
const AWK = fileURLToPath(new URL('day.awk', import.meta.url))

/** Throws when the two programs do not agree. */
export async function benchDay({ root, folder, signal, print }: BenchContext): Promise<void> {
  const generated = generateDay()
  const { day } = generated
  const { files, members } = await writeDay(generated, folder)
  const cwd = join(folder, 'empty')
  await mkdir(cwd)
  const bundle = join(root, 'aggregator/dist/presences-aggregator.js')
  const awk = (check: '0' | '1') => () =>
    runProgram('mawk', ['-v', `day=${day}`, '-v', `check=${check}`, '-f', AWK, members, ...files], {
      cwd,
      signal,
    })
  const ours = (args: readonly string[], env: Record<string, string>) => () =>
    runProgram(process.execPath, [bundle, 'presences', day, ...args, '--members', members], {
      cwd,
      signal,
      env,
    })
  const fromFiles = ours(['--input', ...files], {})
  const fromStore = ours([], { STORE_URL: pathToFileURL(folder).href })
  const ways = [
    { name: 'presences, from files', run: fromFiles, awk: awk('1'), baseline: 'mawk' },
    { name: 'presences, from a folder store', run: fromStore, awk: awk('1'), baseline: 'mawk' },
    { name: 'presences, from files', run: fromFiles, awk: awk('0'), baseline: 'mawk, unchecked' },
  ]

  const expected = (await awk('0')()).stdout
  if (expected === '') throw new Error('the mawk program printed nothing')
  for (const { name, run, awk, baseline } of ways) {
    const comparison = await compare({
      baseline: async () => msIfRight(await awk(), expected),
      ours: async () => msIfRight(await run(), expected),
      pairs: PAIRS,
      warmUps: 2,
    })
    print({ name, baseline, comparison, target: TARGET })
  }
}

function msIfRight({ stdout, ms }: ProgramRun, expected: string): number {
  if (stdout === expected) return ms
  const lines = new Set(expected.split('\n'))
  const odd = stdout.split('\n').find((line) => !lines.has(line))
  throw new Error(
    `presences and mawk do not agree: ${odd ? `only presences prints ${odd}` : 'presences prints less'}`,
  )
}

async function writeDay({ day, members, files }: GeneratedDay, folder: string) {
  const paths: string[] = []
  for (const { location, text } of files) {
    const path = join(folder, formatDayKey(location, day))
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, text)
    paths.push(path)
  }
  const membersPath = join(folder, 'mac.tsv')
  await writeFile(membersPath, members)
  return { files: paths, members: membersPath }
}
