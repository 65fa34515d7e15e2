/** `pnpm package`: the Debian packages of box and server, in `dist`. */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPackages } from './build-packages.ts'

const DIST = fileURLToPath(new URL('../../dist', import.meta.url))

buildPackages(DIST).then(
  (paths) => {
    for (const path of paths) console.log(relative(process.cwd(), path))
  },
  (cause: Error) => {
    console.error(cause.message)
    process.exitCode = 1
  },
)
