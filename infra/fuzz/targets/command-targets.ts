/** Command lines of both programs, on a space in memory and on a box with nothing configured. */
import { UsageError } from '@presences/aggregator/arguments/usage-error.ts'
import { rawFaults } from '@presences/aggregator/charging/raw-faults.ts'
import { run as runAggregator } from '@presences/aggregator/cli.ts'
import { readGivenFiles } from '@presences/aggregator/commands/given-files.ts'
import { run as runProbe } from '@presences/probe/cli.ts'
import type { LocalDay } from '@presences/shared'
import { must, READ, type Refusals, SECRET, type Target } from '../engine/target.ts'
import { plainSightings } from './plain-sightings.ts'
import { repositoryFile } from './repository.ts'
import { ENVIRONMENT, spaceEffects, TODAY } from './space-in-memory.ts'

const WORDS = [
  '\0',
  '--',
  '-',
  '--json',
  '--help',
  '--version',
  '-V',
  '-h',
  '--dry-run',
  '=',
  '--from\0',
]

/** An argument is a text without NULs: they stand between. */
function argumentsIn(input: Uint8Array): string[] {
  const text = Buffer.from(input).toString('utf8')
  return text === '' ? [] : text.split('\0').slice(0, 50)
}

function mustHaveEnded(code: number, said: string): Refusals {
  must([0, 1, 2, 3].includes(code), `the exit code is one of four: ${code}`)
  must(
    !/\n {4}at /.test(said),
    `what a person gave is no fault of the program: ${said.slice(0, 200)}`,
  )
  must(!said.includes(SECRET), 'it shows no secret')
  must(code === 0 || said.trim() !== '', 'it says what is wrong')
  return code === 0 ? READ : [`exit code ${code}`]
}

const DAY_FILE = repositoryFile(`infra/fuzz/testdata/poulailler/${TODAY}`)
const MAP_FILE = repositoryFile('aggregator/testdata/history/mac.tsv')

const aggregatorCommand: Target = {
  name: 'aggregator command line',
  reader: 'aggregator/src/cli.ts',
  seeds: [
    '',
    'presences',
    `presences\0${TODAY}\0--json\0--macs`,
    `upload\0${TODAY}\0--dry-run`,
    'upload\0--from\x002026-01-01\0--to\x002026-01-03\0--allow-lower',
    `reupload\0AA:AA:AA:AA:AA:01\0--period\0${TODAY}`,
    'rollup\0--from=2026-01-02\0--to\x002026-01-03',
    `explain\0${TODAY}\0ana@example.org\0--svg\0--lang\0fr`,
    'members\0import-audit\0--from\x002025-12-01\0--dry-run',
    `presences\0--input\0${DAY_FILE}\0--members\0${MAP_FILE}`,
    'help\0upload',
  ],
  words: [
    ...WORDS,
    'upload',
    'reupload',
    'explain',
    'rollup',
    'members',
    '--period\0',
    '2026-01',
    '--lang=de',
  ],
  share: 8,
  isSlow: true,
  async read(input) {
    const args = argumentsIn(input)
    if (args.some((arg) => /^(?:serve|doctor)$/.test(arg))) {
      return { leftOut: 'it serves, or examines the machine' }
    }
    if (args.some(isLongAgo)) return { leftOut: 'it works through years' }
    const said: string[] = []
    const effects = spaceEffects(ENVIRONMENT, { out: () => {}, err: (text) => said.push(text) })
    return mustHaveEnded(await runAggregator(args, effects), said.join(''))
  },
}

/** Of the first days that may be asked for, from 2000 on, those that some weeks do not reach: each takes its time. */
function isLongAgo(arg: string): boolean {
  return !arg.includes('/') && /(?<!\d)20(?:[01]\d|2[0-4]|25(?!-1[012]))(?!\d)/.test(arg)
}

const probeCommand: Target = {
  name: 'probe command line',
  reader: 'probe/src/cli.ts',
  seeds: [
    '',
    'scan',
    'watch',
    '--help',
    '--version',
    'help\0scan',
    'scan\0--json',
    'status\0--json',
  ],
  words: [...WORDS, 'scan', 'watch', 'status'],
  share: 8,
  isSlow: true,
  async read(input) {
    const args = argumentsIn(input)
    if (args.some((arg) => /^(?:doctor|ship)$/.test(arg))) {
      return { leftOut: 'it examines the machine' }
    }
    const said: string[] = []
    const code = await runProbe(args, {
      env: { PROBE_LOCATION: 'not a room', PROBE_SPOOL: '/nowhere' },
      hostName: 'box',
      processName: 'fuzz',
      elapsedMs: () => 0,
      uptimeMs: () => 0,
      readText: () => undefined,
      now: () => new Date(0),
      sleep: async () => {},
      stopSignal: () => AbortSignal.abort(),
      out: (text) => said.push(text),
      err: (text) => said.push(text),
    })
    must(code !== 1 && code !== 3, 'without a configuration nothing is scanned')
    return mustHaveEnded(code, said.join(''))
  },
}

const givenFiles: Target = {
  name: 'given files',
  reader: 'aggregator/src/commands/given-files.ts',
  // The path, and the file.
  seeds: [
    `poulailler/${TODAY}\n${TODAY}T09:00:00+01:00\tAA:AA:AA:AA:AA:01\n`,
    `presences/poulailler/${TODAY}/20260103T0800Z-box.tsv\n# devices=1\n${TODAY}T09:00:00+01:00\tAA:AA:AA:AA:AA:01\n`,
    'day-file\n',
  ],
  words: ['/', '../', '.tsv', '20260103T0801Z-box.tsv', `${TODAY}T10:00:00+01:00 `, '# devices=9'],
  share: 20,
  errors: [UsageError],
  quotes: true,
  async read(input) {
    const end = Buffer.from(input).indexOf('\n')
    const path = Buffer.from(input.subarray(0, Math.max(end, 0))).toString('utf8')
    const bytes = input.subarray(end + 1)
    const day = TODAY as LocalDay
    const refreshed = await readGivenFiles([path], day, 'Europe/Paris', async () => bytes)
    // What is not read is counted, and told as it is of the store's files.
    const faults = refreshed.flatMap(({ rollup }) => [...rollup.faults.values()])
    const isFaulty = faults.some(({ cut, count }) => cut || count > 0)
    must(isFaulty === rawFaults(refreshed).length > 0, 'what can not be read is told')
    const known = refreshed.reduce((devices, { rollup }) => devices + rollup.devices.size, 0)
    must(known <= plainSightings(bytes).sightings.length, 'no device comes from nowhere')
    const reasons = faults.flatMap(({ first }) => first.map(({ reason }) => reason))
    return faults.some(({ cut }) => cut) ? [...reasons, 'cut short'] : reasons
  },
}

export const COMMAND_TARGETS = [aggregatorCommand, probeCommand, givenFiles]
