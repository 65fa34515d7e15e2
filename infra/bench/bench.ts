/**
 * `pnpm bench [day|help|fetch|box|memory …]`: how long our programs take, as ratios to a baseline measured in the same
 * run. It judges nothing: a missed target is printed, and leaves the exit code 0. Exit code 1 means that
 * a bench could not run, or that a program gave a wrong answer; 2 that there is no such bench.
 */
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench-context.ts'
import { benchBox } from './box-bench.ts'
import { benchDay } from './day-bench.ts'
import { benchFetch } from './fetch-bench.ts'
import { benchHelp } from './help-bench.ts'
import { benchMemory } from './memory-bench.ts'
import { formatHeading, formatRow } from './report.ts'
import { withTemporaryFolder } from './temporary-folder.ts'

const BENCHES: Readonly<Record<string, Bench>> = {
  day: benchDay,
  help: benchHelp,
  fetch: benchFetch,
  box: benchBox,
  memory: benchMemory,
}

async function main(asked: readonly string[]): Promise<number> {
  const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name))
  if (unknown.length > 0) {
    const names = Object.keys(BENCHES).join(', ')
    console.error(`There is no bench ${unknown.join(', ')}: the benches are ${names}`)
    return 2
  }
  const interrupted = new AbortController()
  // Not `once`: tsx may hand a signal on twice, and the second must not cut the cleaning up short.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort())
  const { signal } = interrupted
  let code = 0
  console.log(formatHeading())
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (signal.aborted || (asked.length > 0 && !asked.includes(name))) continue
    try {
      await withTemporaryFolder((folder) =>
        bench({ root, folder, signal, print: (row) => console.log(formatRow(row)) }),
      )
    } catch (error) {
      console.error(`${name}: ${signal.aborted ? 'interrupted' : (error as Error).message}`)
      code = 1
    }
  }
  return code
}

const root = fileURLToPath(new URL('../../', import.meta.url))
process.exitCode = await main(process.argv.slice(2))
