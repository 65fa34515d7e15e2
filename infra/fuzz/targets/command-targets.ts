/** Command lines of both programs, on a space in memory and on a box with nothing configured. */
import { run as runAggregator } from '../../../aggregator/src/cli.ts'
import { run as runProbe } from '../../../probe/src/cli.ts'
import { must, READ, type Refusals, SECRET, type Target } from '../target.ts'
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
    'presences\0--input\0/nowhere/2026-01-03\0--members\0/nowhere/mac.tsv',
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
    // What waits for a signal, or looks at the machine, is no reader; years of days take seconds.
    if (args.some((arg) => /^(?:serve|doctor)$|^--input|^(?:--period=)?20[0-2][0-5]/.test(arg))) {
      return ['left out: it serves, examines or takes years']
    }
    const said: string[] = []
    const effects = spaceEffects(ENVIRONMENT, { out: () => {}, err: (text) => said.push(text) })
    return mustHaveEnded(await runAggregator(args, effects), said.join(''))
  },
}

const probeCommand: Target = {
  name: 'probe command line',
  reader: 'probe/src/cli.ts',
  seeds: ['', 'scan', 'watch', '--help', '--version', 'help\0scan', 'scan\0--json'],
  words: [...WORDS, 'scan', 'watch'],
  share: 8,
  isSlow: true,
  async read(input) {
    const args = argumentsIn(input)
    if (args.some((arg) => /^(?:doctor|ship|status)$/.test(arg))) {
      return ['left out: it examines the machine']
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
      out: () => {},
      err: (text) => said.push(text),
    })
    must(code !== 1 && code !== 3, 'without a configuration nothing is scanned')
    return mustHaveEnded(code, said.join(''))
  },
}

export const COMMAND_TARGETS = [aggregatorCommand, probeCommand]
