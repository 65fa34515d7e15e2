/** `pnpm package`: the Debian packages of box and server, in `dist`, beside those of other versions that lie there. */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPackages } from './build-packages.ts'

const DIST = fileURLToPath(new URL('../../dist', import.meta.url))

buildPackages(DIST).then(
  (paths) => {
    for (const path of paths) console.log(relative(process.cwd(), path))
    if (paths.some((path) => path.includes('.dirty_'))) {
      console.error(
        'Made with changes that are in no commit: for a trial. Over another one of the same commit, apt-get needs --reinstall',
      )
    }
  },
  (cause: Error) => {
    console.error(cause.message)
    process.exitCode = 1
  },
)
