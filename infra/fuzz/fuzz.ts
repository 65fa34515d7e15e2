/** `pnpm fuzz`: a million inputs for every reader there is, a table of what came of them. README.md tells how. */
import { parseArgs } from 'node:util'
import { parsed, runCommand, UsageError, wholeNumber } from '../command-line.ts'
import { type Catalogue, withBundle } from './run/bundle.ts'
import { planTasks } from './run/plan-tasks.ts'
import { closingLine, describeFailure, inputOf, mergeRuns, tableLines } from './run/report.ts'
import { runTasks } from './run/run-tasks.ts'

const options = {
  inputs: { type: 'string', default: '1000000' },
  seed: { type: 'string', default: '1' },
  target: { type: 'string' },
  input: { type: 'string' },
  workers: { type: 'string', default: '2' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const HELP = `pnpm fuzz [options]: broken inputs for every reader there is. infra/fuzz/README.md tells more.
Type npx -y pnpm@… as README.md has it wherever pnpm stands, also in what a failure prints.
  --inputs N      at least so many, shared out among the readers (1000000)
  --seed N        which ones (1)
  --target NAME   one reader only; a name that there is not lists them
  --input TEXT    one input for it, in base64, as a failure prints it
  --workers N     threads (2)`

runCommand(main, HELP)

async function main(): Promise<boolean> {
  const { values } = parsed(() => parseArgs({ options }))
  if (values.help) {
    console.log(HELP)
    return true
  }
  const seed = wholeNumber('seed', values.seed, 0)
  const inputs = wholeNumber('inputs', values.inputs, 1)
  const workers = wholeNumber('workers', values.workers, 1)
  return withBundle(async ({ catalogue, workerFile, judgeOne, drawnInput }) => {
    const asked = values.target === undefined ? catalogue : catalogue.filter(isAsked(values.target))
    if (asked.length === 0) throw unknownTarget(values.target, catalogue)
    if (values.input !== undefined) {
      const [only, another] = asked
      if (only === undefined || another) throw new UsageError('--input goes with one --target')
      const lines = await judgeOne(only.name, inputOf(values.input))
      for (const line of lines.lines) console.log(line)
      return lines.isRight
    }
    const begun = performance.now()
    const runs = mergeRuns(
      asked,
      await runTasks(workerFile, planTasks(asked, inputs, seed), workers),
    )
    for (const line of tableLines(runs)) console.log(line)
    for (const run of runs) {
      const { target, failure } = run
      const number = failure && 'number' in failure ? failure.number : undefined
      const known =
        failure && number !== undefined
          ? { ...run, failure: { ...failure, input: drawnInput(target, seed, number) } }
          : run
      for (const line of describeFailure(known, seed)) console.log(line)
    }
    console.log(closingLine(runs, seed, performance.now() - begun))
    return runs.every((run) => run.failure === undefined)
  })
}

function isAsked(name: string): (target: Catalogue[number]) => boolean {
  return (target) => target.name === name
}

function unknownTarget(name: string | undefined, catalogue: Catalogue): UsageError {
  const names = catalogue.map((target) => `  ${target.name.padEnd(24)} ${target.reader}`)
  return new UsageError([`There is no target ${name}. There are:`, ...names].join('\n'))
}
