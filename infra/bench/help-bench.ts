/** How soon each program is there: its `--help` against node with nothing to do. */
import { join } from 'node:path'
import type { BenchContext } from './bench-context.ts'
import { compare } from './compare.ts'
import { runProgram } from './run-program.ts'

const TARGET = 2.5
const PROGRAMS = [
  { name: 'presences-aggregator', bundle: 'aggregator/dist/presences-aggregator.js' },
  { name: 'presences-probe', bundle: 'probe/dist/presences-probe.js' },
]

/** Throws when a program does not explain itself. */
export async function benchHelp({ root, folder, signal, print }: BenchContext): Promise<void> {
  const node = (...args: string[]) => runProgram(process.execPath, args, { cwd: folder, signal })
  for (const { name, bundle } of PROGRAMS) {
    const help = async () => {
      const { stdout, ms } = await node(join(root, bundle), '--help')
      if (!stdout.startsWith(`Usage: ${name}`)) throw new Error(`${name} --help printed no usage`)
      return ms
    }
    const comparison = await compare({
      baseline: async () => (await node('-e', '0')).ms,
      ours: help,
      pairs: 25,
      warmUps: 3,
    })
    print({ name: `${name} --help`, baseline: 'node -e 0', comparison, target: TARGET })
  }
}
