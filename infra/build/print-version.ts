/** Prints the version of this tree, for `pnpm build` to put into the bundles. */
import { fileURLToPath } from 'node:url'
import { treeVersion } from './version.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

treeVersion(ROOT, (line) => console.error(line)).then(
  (version) => console.log(version),
  (cause: Error) => {
    console.error(`Can't tell the version: ${cause.message}`)
    process.exitCode = 1
  },
)
